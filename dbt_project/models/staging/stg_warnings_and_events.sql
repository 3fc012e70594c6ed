{{ latest_rows('warnings_and_events') }}
