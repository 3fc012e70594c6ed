{{ latest_rows('irrigation') }}
