{{ latest_rows('sensor_readings') }}
