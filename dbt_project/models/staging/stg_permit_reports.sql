{{ latest_rows('permit_reports') }}
