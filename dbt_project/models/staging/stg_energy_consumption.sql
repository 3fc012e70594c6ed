{{ latest_rows('energy_consumption') }}
