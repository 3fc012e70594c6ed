{{ latest_rows('permit_limits') }}
