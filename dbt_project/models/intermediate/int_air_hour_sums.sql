{# Fifty million hours are summed in one pass. Only where an hour was delivered more than once, or
   withdrawn, the latest version of each row has to be found, and that day is summed again; so it is where
   O3 has more decimals than the pass can hold. A day that is whole is finished here: what is kept of its
   O3 is what the hours give, so that no later build looks at them again. #}
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
{% set not_summed = 'sum(o3_hours) <> sum(o3_hours_packed) or bit_count(bit_or(hour_bits)) <> sum(hours)' %}
with
delivered as (
  {{ air_day_sums(source('lake', 'air_quality_hourly'), packed_o3()) }}
),

{# The days that did not come whole in one submission, and those that the pass could not sum. #}
uncommon as (
  select
    station,
    day_number,
    {{ not_summed }} as is_special
  from delivered
  group by station, day_number
  having count(*) > 1 or {{ not_summed }}
),

{# The lake's statistics say at once where nothing was withdrawn. #}
special as (
  select station, day_number
  from uncommon
  where is_special
  union all
  select station, {{ whole_quotient(hour_number('observed_at'), 24) }} as day_number
  from {{ source('lake', 'air_quality_hourly') }}
  where operation <> 'upsert'
),

{# Asked with `in`, for which the few are looked up by the many: a join may turn that around. #}
ordinary as (
  select
    delivered.*,
    -- 24:00 of 31 December is an hour of the lake's next year.
    (station, day_number) in (select station, day_number from uncommon)
    or ({{ 'extract(month from %s) = 12 and extract(day from %s) = 31' | replace('%s', date_of_day_number('day_number')) }})
      as is_part
  from delivered
  where (station, day_number) not in (select station, day_number from special)
),

whole as (
  select {{ summed }}, {{ unpacked_o3() }}
  from ordinary
  where not is_part
),

latest as (
  {{ latest_rows(
    'air_quality_hourly',
    where='(delivered.station, ' ~ whole_quotient(hour_number('delivered.observed_at'), 24) ~ ')'
      ~ ' in (select station, day_number from special)'
  ) }}
),

by_hour as (
  select
    {{ summed }},
    {% set hours = [] %}
    {% for hour in range(24) %}
    {% do hours.append('(nullif(o3_%d, 0) - 1) / cast(%d as double)' % (hour, o3_steps_per_unit())) %}
    {% endfor %}
    {{ list_of(hours) }} as o3_by_hour
  from (
    select {{ summed }}, {{ unpacked_o3() }}
    from ordinary
    where is_part
  ) as part
  union all
  select
    {{ summed }},
    o3_by_hour
  from (
    {{ air_day_sums('latest', o3_by_hour()) }}
  ) as corrected
)

select
  {{ summed }},
  false as is_part,
  largest_8h,
  windows,
  o3_1h,
  null as o3_by_hour
from (
  {{ with_sliding_o3('whole', summed, o3_steps_per_unit()) }}
) as finished
union all
select
  {{ summed }},
  true as is_part,
  cast(null as double) as largest_8h,
  cast(null as int) as windows,
  cast(null as double) as o3_1h,
  o3_by_hour
from by_hour
