{{ latest_rows('afforestation') }}
