{{ latest_rows('livestock_manure') }}
