{{ latest_rows('inspections') }}
