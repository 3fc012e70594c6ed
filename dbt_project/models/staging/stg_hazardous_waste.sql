{{ latest_rows('hazardous_waste') }}
