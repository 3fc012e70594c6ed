{{ latest_rows('construction_land_safety') }}
