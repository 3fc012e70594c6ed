{{ latest_rows('construction_projects') }}
