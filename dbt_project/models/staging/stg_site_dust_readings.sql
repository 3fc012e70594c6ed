{{ latest_rows('site_dust_readings') }}
