{{ latest_rows('reported_indices') }}
