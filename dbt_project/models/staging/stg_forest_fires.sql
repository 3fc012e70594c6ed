{{ latest_rows('forest_fires') }}
