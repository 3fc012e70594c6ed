{{ latest_rows('outlet_readings') }}
