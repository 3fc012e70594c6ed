{{ latest_rows('recoverable_waste') }}
