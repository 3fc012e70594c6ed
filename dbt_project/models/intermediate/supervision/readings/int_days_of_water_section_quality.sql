{{ reading_days('water_section_quality') }}
