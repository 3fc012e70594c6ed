{{ latest_rows('ecological_assets') }}
