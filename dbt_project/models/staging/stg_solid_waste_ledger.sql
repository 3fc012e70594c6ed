{{ latest_rows('solid_waste_ledger') }}
