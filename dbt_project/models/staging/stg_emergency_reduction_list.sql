{{ latest_rows('emergency_reduction_list') }}
