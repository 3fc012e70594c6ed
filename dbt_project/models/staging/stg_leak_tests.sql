{{ latest_rows('leak_tests') }}
