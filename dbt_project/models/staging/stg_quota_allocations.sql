{{ latest_rows('quota_allocations') }}
