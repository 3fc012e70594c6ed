{{ latest_rows('waste_trips') }}
