{{ latest_rows('target_assignments') }}
