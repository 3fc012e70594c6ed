{{ config(materialized='kept_by_year', kept_from='site_dust_readings') }}
{{ reading_days('site_dust_readings') }}
