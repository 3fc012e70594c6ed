{{ latest_rows('forest_pests') }}
