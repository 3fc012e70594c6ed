{{ reading_days('rural_sewage_operations') }}
