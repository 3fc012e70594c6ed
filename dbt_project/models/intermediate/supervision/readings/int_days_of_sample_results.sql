{{ reading_days('sample_results') }}
