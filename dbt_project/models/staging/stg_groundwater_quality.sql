{{ latest_rows('groundwater_quality') }}
