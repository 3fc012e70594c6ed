{{ latest_rows('public_surveys') }}
