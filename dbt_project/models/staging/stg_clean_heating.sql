{{ latest_rows('clean_heating') }}
