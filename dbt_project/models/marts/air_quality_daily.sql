{{ config(materialized='parquet_file') }}
select {{ declared_columns() }}
from {{ ref('int_air_days') }}
