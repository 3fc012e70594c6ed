{{ latest_rows('wastewater_plants') }}
