{{ reading_days('drinking_water_sources') }}
