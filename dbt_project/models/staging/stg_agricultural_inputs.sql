{{ latest_rows('agricultural_inputs') }}
