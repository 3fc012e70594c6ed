{{ latest_rows('air_quality_annual') }}
