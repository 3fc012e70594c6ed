{{ latest_rows('rural_sewage') }}
