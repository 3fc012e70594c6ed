{{ latest_rows('boilers') }}
