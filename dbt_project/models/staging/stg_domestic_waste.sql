{{ latest_rows('domestic_waste') }}
