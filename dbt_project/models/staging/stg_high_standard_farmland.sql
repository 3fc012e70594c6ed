{{ latest_rows('high_standard_farmland') }}
