{# A day whose hours came in several files, or lie in two years of the lake (24:00 of 31 December is an
   hour of the next), is in parts: these become one. #}
{% set means = air_pollutants() | reject('eq', 'o3_8h') | list %}
with
parts as (
  select
    *,
    {{ date_of_day_number('day_number') }} as day
  from {{ ref('int_air_hour_sums') }}
),

marked as (
  select
    *,
    is_part or (extract(month from day) = 12 and extract(day from day) = 31) as is_to_be_joined
  from parts
),

station_days as (
  select
    station,
    day,
    is_flagged,
    {% for pollutant in means %}
    {{ pollutant }}_sum,
    {{ pollutant }}_hours,
    {% endfor %}
    o3_bits,
    {% for hour in range(24) %}
    o3_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from marked
  where not is_to_be_joined
  union all
  select
    station,
    day,
    bool_or(is_flagged) as is_flagged,
    {% for pollutant in means %}
    {{ six_decimals('sum(' ~ pollutant ~ '_sum)') }} as {{ pollutant }}_sum,
    cast(sum({{ pollutant }}_hours) as bigint) as {{ pollutant }}_hours,
    {% endfor %}
    bit_or(o3_bits) as o3_bits,
    {% for hour in range(24) %}
    max(o3_{{ hour }}) as o3_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from marked
  where is_to_be_joined
  group by station, day
),

{# Sums of the 2, 4 and 8 hours that end with an hour, each from two of half the width. #}
width_1 as (
  select
    station_days.*,
    limits.limit_value as o3_limit,
    {% for hour in range(24) %}
    coalesce(o3_{{ hour }}, 0) as sum_1_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from station_days
  left join {{ ref('int_air_limits') }} as limits
    on
      limits.pollutant = 'o3'
      and limits.averaging = '8h p90'
      and limits.valid_from <= station_days.day
      and (limits.replaced_on is null or limits.replaced_on > station_days.day)
),

{% for width in [2, 4, 8] %}
{% set half = width // 2 %}
width_{{ width }} as (
  select
    *,
    {% for hour in range(width - 1, 24) %}
    {% if width == 8 %}
    bit_count(o3_bits & {{ 255 * 2 ** (hour - 7) }}) as hours_{{ hour }},
    {% endif %}
    sum_{{ half }}_{{ hour }} + sum_{{ half }}_{{ hour - half }} as sum_{{ width }}_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from width_{{ half }}
),

{% endfor %}
judged as (
  select
    *,
    greatest(
      {% for hour in range(7, 24) %}
      case when hours_{{ hour }} >= {{ var('air_valid_hours_of_8') }} then sum_8_{{ hour }} / cast(hours_{{ hour }} as double) end{{ ',' if not loop.last }}
      {% endfor %}
    ) as largest_8h,
    {% for hour in range(7, 24) %}
    case when hours_{{ hour }} >= {{ var('air_valid_hours_of_8') }} then 1 else 0 end{{ ' + ' if not loop.last }}
    {% endfor %}
    as windows
  from width_8
)

select
  station,
  day,
  {% for pollutant in means %}
  case when {{ pollutant }}_hours >= {{ var('air_valid_hours') }} then {{ pollutant }}_sum / cast({{ pollutant }}_hours as double) end
    as {{ pollutant }},
  {% endfor %}
  case when windows >= {{ var('air_valid_windows') }} or largest_8h > o3_limit then largest_8h end as o3_8h,
  greatest({% for hour in range(24) %}o3_{{ hour }}{{ ', ' if not loop.last }}{% endfor %}) as o3_1h,
  is_flagged
from judged
