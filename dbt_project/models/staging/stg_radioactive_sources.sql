{{ latest_rows('radioactive_sources') }}
