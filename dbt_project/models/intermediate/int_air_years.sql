{# The department's annual evaluation. Years computed from at least 324 valid days go before it
   (design section 6) and belong here, from the daily models. #}
select
  year,
  pm25,
  pm10,
  so2,
  no2,
  co_p95,
  o3_8h_p90,
  good_days,
  coalesce(valid_days, {{ days_of_year('year') }}) as valid_days,
  reported_rate,
  flags is not null as is_flagged
from {{ ref('stg_air_quality_annual') }}
