{# Fifty million hours are summed in one pass. Only where an hour was delivered more than once, or
   withdrawn, the latest version of each row has to be found, and that day is summed again. #}
{{ config(materialized="table") }}
{% set means = air_pollutants() | reject('eq', 'o3_8h') | list %}
{% set different_hours -%}
  ({% for hour in range(24) %}case when o3_{{ hour }} is null then 0 else 1 end{{ ' + ' if not loop.last }}{% endfor %})
{%- endset %}
with
delivered as (
  {{ air_day_sums(source('lake', 'air_quality_hourly'), withdrawn="operation <> 'upsert'") }}
),

corrected as (
  select station, day_number from delivered
  where hours <> {{ different_hours }} or has_withdrawals
),

latest as (
  {{ latest_rows(
    'air_quality_hourly',
    where='(delivered.station, ' ~ whole_quotient(hour_number('delivered.observed_at'), 24) ~ ')'
      ~ ' in (select (station, day_number) from corrected)'
  ) }}
),

station_days as (
  select * from delivered
  where hours = {{ different_hours }} and not has_withdrawals
  union all
  {{ air_day_sums('latest') }}
),

{# Sums and counts of the 2, 4 and 8 hours that end with an hour, each from two of half the width. #}
width_1 as (
  select
    station_days.*,
    limits.limit_value as o3_limit,
    {% for hour in range(24) %}
    case when o3_{{ hour }} >= 0 then o3_{{ hour }} else 0 end as sum_1_{{ hour }},
    case when o3_{{ hour }} >= 0 then 1 else 0 end as hours_1_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from station_days
  left join {{ ref('int_air_limits') }} as limits
    on
      limits.pollutant = 'o3'
      and limits.averaging = '8h p90'
      and limits.valid_from <= {{ date_of_day_number('station_days.day_number') }}
      and (limits.replaced_on is null or limits.replaced_on > {{ date_of_day_number('station_days.day_number') }})
),

{% for width in [2, 4, 8] %}
{% set half = width // 2 %}
width_{{ width }} as (
  select
    *,
    {% for hour in range(width - 1, 24) %}
    sum_{{ half }}_{{ hour }} + sum_{{ half }}_{{ hour - half }} as sum_{{ width }}_{{ hour }},
    hours_{{ half }}_{{ hour }} + hours_{{ half }}_{{ hour - half }} as hours_{{ width }}_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from width_{{ half }}
),

{% endfor %}
judged as (
  select
    *,
    greatest(
      {% for hour in range(7, 24) %}
      case when hours_8_{{ hour }} >= {{ var('air_valid_hours_of_8') }} then sum_8_{{ hour }} / cast(hours_8_{{ hour }} as double) end{{ ',' if not loop.last }}
      {% endfor %}
    ) as largest_8h,
    {% for hour in range(7, 24) %}
    case when hours_8_{{ hour }} >= {{ var('air_valid_hours_of_8') }} then 1 else 0 end{{ ' + ' if not loop.last }}
    {% endfor %}
    as windows
  from width_8
)

select
  station,
  {{ date_of_day_number('day_number') }} as day,
  {% for pollutant in means %}
  case when {{ pollutant }}_hours >= {{ var('air_valid_hours') }} then {{ pollutant }}_sum / cast({{ pollutant }}_hours as double) end
    as {{ pollutant }},
  {% endfor %}
  case when windows >= {{ var('air_valid_windows') }} or largest_8h > o3_limit then largest_8h end as o3_8h,
  case when {% for hour in range(24) %}hours_1_{{ hour }}{{ ' + ' if not loop.last }}{% endfor %} > 0
    then greatest({% for hour in range(24) %}o3_{{ hour }}{{ ', ' if not loop.last }}{% endfor %}) end as o3_1h,
  is_flagged
from judged
