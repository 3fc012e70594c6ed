{{ latest_rows('drinking_water_sources') }}
