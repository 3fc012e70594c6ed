{{ latest_rows('forest_resources') }}
