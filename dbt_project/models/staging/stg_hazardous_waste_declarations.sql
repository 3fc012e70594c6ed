{{ latest_rows('hazardous_waste_declarations') }}
