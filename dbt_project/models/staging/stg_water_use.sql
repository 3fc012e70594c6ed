{{ latest_rows('water_use') }}
