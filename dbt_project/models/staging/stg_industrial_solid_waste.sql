{{ latest_rows('industrial_solid_waste') }}
