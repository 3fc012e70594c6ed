{{ latest_rows('farmland_safety') }}
