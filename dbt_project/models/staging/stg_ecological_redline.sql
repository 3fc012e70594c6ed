{{ latest_rows('ecological_redline') }}
