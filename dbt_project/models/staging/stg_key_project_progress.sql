{{ latest_rows('key_project_progress') }}
