{{ reading_days('groundwater_quality') }}
