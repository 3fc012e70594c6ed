{{ latest_rows('coalbed_methane') }}
