{{ latest_rows('task_assignments') }}
