{# Below the days that a mean needs there is no value, but the days that are there are counted. #}
{% set enough -%}
  max(case when extract(month from day) = 2 then {{ var('air_valid_days_of_february') }} else {{ var('air_valid_days_of_month') }} end)
{%- endset %}
with
months as (
  {{ air_period_values(ref('air_quality_daily'), ['station'], "cast(date_trunc('month', day) as date)", 'month', enough) }}
),

rated as (
  {{ with_composite_index('months', 'last_day(month)') }}
)

select
  station,
  month,
  month as period_start,
  {{ air_values() | join(', ') }},
  composite_index,
  good_days,
  heavy_days as heavily_polluted_days,
  valid_days,
  case when valid_days > 0 then 100 * good_days / cast(valid_days as double) end as good_day_share,
  is_complete,
  standard,
  is_flagged
from rated
order by station, month
