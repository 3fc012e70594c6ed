{{ reading_days('wastewater_plants') }}
