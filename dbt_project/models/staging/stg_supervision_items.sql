{{ latest_rows('supervision_items') }}
