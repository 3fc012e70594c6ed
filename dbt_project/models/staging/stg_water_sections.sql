{{ latest_rows('water_sections') }}
