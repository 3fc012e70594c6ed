{{ latest_rows('water_section_quality') }}
