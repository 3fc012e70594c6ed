{{ latest_rows('black_odorous_water') }}
