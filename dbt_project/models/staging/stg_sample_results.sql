{{ latest_rows('sample_results') }}
