{{ latest_rows('power_generation') }}
