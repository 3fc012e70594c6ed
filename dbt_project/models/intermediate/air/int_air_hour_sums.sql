{# Fifty million hours are summed in one pass. Only where an hour was delivered more than once, or
   withdrawn, the latest version of each row has to be found, and that day is summed again. A day that is
   all in one row is finished here: what is kept of its O3 is what the hours give, so that no later build
   looks at them again. #}
{{ config(materialized='kept_by_year', kept_from='air_quality_hourly') }}
{% set summed -%}
  station,
  day_number,
  submission_id,
  hours,
  is_flagged,
  first_row,
  last_row,
  {% for pollutant in air_pollutants() if pollutant != 'o3_8h' %}
  {{ pollutant }}_sum,
  {{ pollutant }}_hours{{ ',' if not loop.last }}
  {% endfor %}
{%- endset %}
{% set hourly_o3 %}{% for hour in range(24) %}o3_{{ hour }}{{ ', ' if not loop.last }}{% endfor %}{% endset %}
{% set is_repeated = 'bit_count(bit_or(hour_bits)) <> sum(hours)' %}
with
delivered as (
  select
    {{ summed }},
    {{ hourly_o3 }},
    is_in_order,
    case when not is_in_order then o3 end as o3,
    -- Which hours came, a bit each.
    case when is_in_order then {{ 2 ** 24 - 1 }} else {{ bits_of(whole_quotients('o3', o3_hour())) }} end as hour_bits
  from (
    select
      *,
      {{ has_all_hours_in_order() }} as is_in_order
    from (
      select
        *,
        {{ o3_columns() }}
      from (
        {{ air_day_sums(source('lake', 'air_quality_hourly')) }}
      ) as listed
    ) as in_columns
  ) as checked
),

{# The days that came in several submissions, or of which an hour came more than once. #}
repeated_days as (
  select
    station,
    day_number,
    {{ is_repeated }} as has_repeated_hours
  from delivered
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
    where='(delivered.station, ' ~ whole_quotient(hour_number('delivered.observed_at'), 24) ~ ')'
      ~ ' in (select station, day_number from corrected_days)'
  ) }}
),

{# `in` builds its hash table from the few corrected days; a join might build it from the many others. #}
in_order as (
  select {{ summed }}, {{ hourly_o3 }}
  from delivered
  where is_in_order and (station, day_number) not in (select station, day_number from corrected_days)
),

not_in_order as (
  select {{ summed }}, o3, {{ whole_quotients('o3', o3_hour()) }} as o3_hours
  from (
    select {{ summed }}, o3
    from delivered
    where not is_in_order and (station, day_number) not in (select station, day_number from corrected_days)
    union all
    -- Of several measurements within one hour, as at 00:30 and 01:00, the largest O3 is taken.
    select {{ summed }}, {{ largest_first('o3') }} as o3
    from (
      {{ air_day_sums('latest') }}
    ) as corrected_sums
  ) as unordered
),

ordered as (
  select
    {{ summed }},
    {{ hourly_o3 }},
    (station, day_number) in (select station, day_number from repeated_days)
    -- 24:00 of 31 December is an hour of the lake's next year.
    or ({{ 'extract(month from %s) = 12 and extract(day from %s) = 31' | replace('%s', date_of_day_number('day_number')) }})
      as is_part
  from (
    select {{ summed }}, {{ hourly_o3 }}
    from in_order
    union all
    select {{ summed }}, {{ o3_columns_by_hour() }}
    from not_in_order
  ) as days
),

days as (
  select
    {{ summed }},
    {{ hourly_o3 }},
    is_part,
    {% set hours = [] %}
    {% for hour in range(24) %}
    {% do hours.append('case when o3_%d > 0 then %s end' % (hour, o3_mean('o3_%d' % hour, 1))) %}
    {% endfor %}
    case when is_part then {{ list_of(hours) }} end as o3_by_hour
  from ordered
)

select
  {{ summed }},
  is_part,
  case when not is_part then largest_8h end as largest_8h,
  case when not is_part then windows end as windows,
  case when not is_part then o3_1h end as o3_1h,
  o3_by_hour
from (
  {{ with_sliding_o3('days', summed ~ ', is_part, o3_by_hour') }}
) as finished
