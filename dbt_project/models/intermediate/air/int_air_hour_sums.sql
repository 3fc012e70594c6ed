{# Fifty million hours are summed in one pass. Only where an hour was delivered more than once, or
   withdrawn, the latest version of each row has to be found, and that day is summed again. A day that is
   all in one row is finished here: what is kept of its O3 is what the hours give, so that no later build
   looks at them again. The steps with the figures of a day: docs/rules.md#ozone-of-a-day-an-example. #}
{{ config(materialized='kept_by_year', kept_from='air_quality_hourly') }}
{# Fewer different hours than hours: one came more than once. #}
{% set is_repeated = 'bit_count(bit_or(hour_bits)) <> sum(hours)' %}
with
delivered_hours as (
  {{ air_hours(source('lake', 'air_quality_hourly')) }}
),

delivered_days as (
  {{ air_day_sums('delivered_hours') }}
),

{# The days that came in several submissions, or of which an hour came more than once. #}
repeated_days as (
  select
    station,
    day_number,
    {{ is_repeated }} as has_repeated_hours
  from delivered_days
  group by station, day_number
  having count(*) > 1 or {{ is_repeated }}
),

{# The days to be summed again: with an hour that came more than once or was withdrawn. Where nothing was
   withdrawn, the Parquet statistics of `operation` answer the second query at once. #}
corrected_days as (
  select station, day_number
  from repeated_days
  where has_repeated_hours
  union all
  select station, {{ whole_quotient(hour_number('observed_at'), 24) }} as day_number
  from {{ source('lake', 'air_quality_hourly') }}
  where operation <> 'upsert'
),

latest as (
  {{ latest_rows(
    'air_quality_hourly',
    where=among_few('corrected_days', {
      'station': 'delivered.station',
      'day_number': whole_quotient(hour_number('delivered.observed_at'), 24),
    })
  ) }}
),

latest_hours as (
  {{ air_hours('latest') }}
),

{# Of several measurements within one hour, as at 00:30 and 01:00, the largest O3 is taken. #}
corrected_hours as (
  select
    *,
    max(o3) over (partition by station, submission_id, day_number, hour_of_day) as largest_o3
  from latest_hours
),

summed_days as (
  select *
  from delivered_days
  where not {{ among_few('corrected_days', {
    'station': 'delivered_days.station', 'day_number': 'delivered_days.day_number'
  }) }}
  union all
  {{ air_day_sums('corrected_hours', o3='largest_o3') }}
),

listed_days as (
  select
    *,
    {{ in_order_of_keys('o3_of_hours', keys=24) }} as o3_by_hour,
    (station, day_number) in (select station, day_number from repeated_days)
    -- 24:00 of 31 December is an hour of the lake's next year.
    or ({{ 'extract(month from %s) = 12 and extract(day from %s) = 31' | replace('%s', date_of_day_number('day_number')) }})
      as is_part
  from summed_days
),

days as (
  select
    *,
    {% for hour in range(1, 25) %}
    {{ item_of('o3_by_hour', hour) }} as o3_hour_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from listed_days
),

summed_o3 as (
  {{ with_8_hour_sums('days') }}
),

finished as (
  {{ with_o3_of_day('summed_o3') }}
)

select
  station,
  day_number,
  submission_id,
  hours,
  is_flagged,
  first_row,
  last_row,
  {% for pollutant in air_pollutants() if pollutant != 'o3_8h' %}
  {{ pollutant }}_sum,
  {{ pollutant }}_hours,
  {% endfor %}
  is_part,
  case when not is_part then largest_8h end as largest_8h,
  case when not is_part then windows end as windows,
  case when not is_part then o3_1h end as o3_1h,
  case when is_part then o3_by_hour end as o3_by_hour
from finished
