{{ latest_rows('project_funds') }}
