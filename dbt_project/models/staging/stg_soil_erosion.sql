{{ latest_rows('soil_erosion') }}
