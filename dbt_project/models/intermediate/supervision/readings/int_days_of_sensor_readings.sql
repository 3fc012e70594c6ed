{{ config(materialized='kept_by_year', kept_from='sensor_readings') }}
{{ reading_days('sensor_readings') }}
