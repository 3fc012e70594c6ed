{{ config(materialized='kept_by_year', kept_from='outlet_readings') }}
{{ reading_days('outlet_readings') }}
