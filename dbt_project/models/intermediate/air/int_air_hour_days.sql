{# A day whose hours came in several files, or lie in two years of the lake (24:00 of 31 December is an
   hour of the next), is in parts: these become one. #}
{% set means = air_pollutants() | reject('eq', 'o3_8h') | list %}
{% set summed -%}
  station,
  day_number,
  is_flagged,
  {% for pollutant in means %}
  {{ pollutant }}_sum,
  {{ pollutant }}_hours{{ ',' if not loop.last }}
  {% endfor %}
{%- endset %}
with
joined as (
  select
    station,
    day_number,
    bool_or(is_flagged) as is_flagged,
    {% for pollutant in means %}
    {{ six_decimals('sum(' ~ pollutant ~ '_sum)') }} as {{ pollutant }}_sum,
    cast(sum({{ pollutant }}_hours) as bigint) as {{ pollutant }}_hours,
    {% endfor %}
    {% for hour in range(1, 25) %}
    max({{ item_of('o3_by_hour', hour) }}) as o3_hour_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from {{ ref('int_air_hour_sums') }}
  where is_part
  group by station, day_number
),

summed_o3 as (
  {{ with_8_hour_sums('joined') }}
),

finished as (
  {{ with_o3_of_day('summed_o3') }}
),

station_days as (
  select
    {{ summed }},
    largest_8h,
    windows,
    o3_1h
  from {{ ref('int_air_hour_sums') }}
  where not is_part
  union all
  select
    {{ summed }},
    largest_8h,
    windows,
    o3_1h
  from finished
),

dated as (
  select
    *,
    {{ date_of_day_number('day_number') }} as day
  from station_days
)

select
  dated.station,
  dated.day,
  {% for pollutant in means %}
  case
    when dated.{{ pollutant }}_hours >= {{ var('air_valid_hours') }}
      then dated.{{ pollutant }}_sum / cast(dated.{{ pollutant }}_hours as double)
  end as {{ pollutant }},
  {% endfor %}
  case when dated.windows >= {{ var('air_valid_windows') }} or dated.largest_8h > limits.limit_value then dated.largest_8h end
    as o3_8h,
  dated.o3_1h,
  dated.is_flagged
from dated
left join {{ ref('int_air_limits') }} as limits
  on
    limits.pollutant = 'o3'
    and limits.averaging = '8h p90'
    and limits.valid_from <= dated.day
    and (limits.replaced_on is null or limits.replaced_on > dated.day)
