{{ latest_rows('urban_sewage') }}
