{{ latest_rows('control_zones') }}
