{{ latest_rows('water_metering') }}
