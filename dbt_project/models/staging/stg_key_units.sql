{{ latest_rows('key_units') }}
