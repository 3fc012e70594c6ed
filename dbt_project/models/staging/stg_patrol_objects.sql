{{ latest_rows('patrol_objects') }}
