{{ latest_rows('air_quality_daily') }}
