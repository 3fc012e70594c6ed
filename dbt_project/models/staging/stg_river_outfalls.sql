{{ latest_rows('river_outfalls') }}
