{{ latest_rows('discharge_permits') }}
