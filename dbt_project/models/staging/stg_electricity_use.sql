{{ latest_rows('electricity_use') }}
