{{ latest_rows('rural_sewage_operations') }}
