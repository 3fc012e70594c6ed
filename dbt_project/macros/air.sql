{# The rules of air quality that several models need (HJ 633, HJ 663, GB 3095; docs/rules.md#air-quality). #}


{# The six pollutants of a day by their contract field. Of o3_8h the hours measure o3. #}
{% macro air_pollutants() %}
  {{ return(['pm25', 'pm10', 'so2', 'no2', 'co', 'o3_8h']) }}
{% endmacro %}


{# A concentration counted in the steps to which it is rounded before the index: whole μg/m³, CO in
   0.1 mg/m³; a half to the even neighbour (GB/T 8170). The inner rounding takes the noise of double
   precision away, which would decide about halves. #}
{% macro air_steps(pollutant, value) -%}
  cast({{ half_even(six_decimals(value ~ ' * ' ~ air_steps_per_unit(pollutant))) }} as bigint)
{%- endmacro %}

{% macro air_steps_per_unit(pollutant) %}
  {{ return(10 if pollutant == 'co' else 1) }}
{% endmacro %}

{% macro air_rounded(pollutant, value) -%}
  {{ air_steps(pollutant, value) }} / cast({{ air_steps_per_unit(pollutant) }} as double)
{%- endmacro %}


{# The mean of concentrations, of each nine decimals. Whole numbers are added up, far from where doubles
   end to hold them: else the last digits would follow from the order of the rows, and differ from build to
   build. #}
{% macro air_mean(value) -%}
  sum(floor({{ value }} * 1e9 + 0.5)) / (count({{ value }}) * 1e9)
{%- endmacro %}


{# One row per station, day and submission from rows of hours: sums and counts, which lines of the file
   they are, and O3 hour by hour. `relation` has the columns of the hourly dataset. One pass and no window:
   hourly rows are the many. A sum of measurements has no more decimals than they have: rounded it is the
   same in whichever order the rows are added up. #}
{% macro air_day_sums(relation) -%}
  select
    station,
    {{ whole_quotient('hour_number', 24) }} as day_number,
    submission_id,
    count(*) as hours,
    count(flags) > 0 as is_flagged,
    min(row_number) as first_row,
    max(row_number) as last_row,
    {% for pollutant in air_pollutants() if pollutant != 'o3_8h' %}
    {{ six_decimals('sum(' ~ pollutant ~ ')') }} as {{ pollutant }}_sum,
    count({{ pollutant }}) as {{ pollutant }}_hours,
    {% endfor %}
    array_agg(hour_number % 24 * {{ o3_hour() }} | o3_number) as o3
  from (
    select
      station,
      submission_id,
      row_number,
      flags,
      pm25,
      pm10,
      so2,
      no2,
      co,
      {{ o3_number('o3') }} as o3_number,
      {{ hour_number('observed_at') }} as hour_number
    from {{ relation }}
  ) as hours
  group by station, day_number, submission_id
{%- endmacro %}


{# An hour's O3 as a whole number: a mean that is the limit must not come out above it. The number is 0 where
   there is no O3, else millionths of μg/m³ and a bit above them, so that one sum of such numbers tells both
   the sum and of how many hours it is. The hours of a day are a list, which takes a fraction of the time
   of 24 aggregates: in it the hour (0 is that which ends at 01:00) stands above the number. #}
{% macro o3_steps_per_unit() %}{{ return(1000000) }}{% endmacro %}

{% macro o3_measured() %}{{ return(2 ** 40) }}{% endmacro %}

{% macro o3_hour() %}{{ return(2 ** 44) }}{% endmacro %}

{% macro o3_number(value) -%}
  coalesce(cast({{ half_even(value ~ ' * ' ~ o3_steps_per_unit() ~ ' + ' ~ o3_measured()) }} as bigint), 0)
{%- endmacro %}

{# μg/m³ from the sum of `hours` such numbers, all with O3. #}
{% macro o3_mean(sum, hours) -%}
  ({{ sum }} - {{ hours * o3_measured() }}) / cast({{ hours * o3_steps_per_unit() }} as double)
{%- endmacro %}

{# Columns o3_0 to o3_23 from such a list, `o3`, that has each hour of the day once, in their order. #}
{% macro o3_columns() -%}
  {% for hour in range(24) %}
  {{ bits_that_differ(item_of('o3', hour + 1), hour * o3_hour()) }} as o3_{{ hour }}{{ ',' if not loop.last }}
  {% endfor %}
{%- endmacro %}

{# Whether it was such a list, as most are: else the number of an hour is left in a column. #}
{% macro has_all_hours_in_order() -%}
  hours = 24 and ({% for hour in range(24) %}o3_{{ hour }}{{ ' | ' if not loop.last }}{% endfor %}) < {{ o3_hour() }}
{%- endmacro %}

{# These columns from any such list, of which `o3_hours` has the hours; of an hour that is there more than
   once, the first. #}
{% macro o3_columns_by_hour() -%}
  {% for hour in range(24) %}
  coalesce({{ bits_that_differ(item_with_key('o3', 'o3_hours', hour), hour * o3_hour()) }}, 0) as o3_{{ hour }}{{ ',' if not loop.last }}
  {% endfor %}
{%- endmacro %}


{# `columns` of `relation` with what its O3 (columns o3_0 to o3_23) gives: the largest 8-hour mean, how many
   of them the day has, and the largest hour, in μg/m³. Sums of the 2, 4 and 8 hours that end with an hour
   come each from two of half the width. #}
{% macro with_sliding_o3(relation, columns) -%}
  select
    {{ columns }},
    greatest(
      {% for hour in range(7, 24) %}
      case
        {% for hours in range(8, var('air_valid_hours_of_8') - 1, -1) %}
        when o3_8_{{ hour }} >= {{ hours * o3_measured() }} then {{ o3_mean('o3_8_' ~ hour, hours) }}
        {% endfor %}
      end{{ ',' if not loop.last }}
      {% endfor %}
    ) as largest_8h,
    {% for hour in range(7, 24) %}
    case when o3_8_{{ hour }} >= {{ var('air_valid_hours_of_8') * o3_measured() }} then 1 else 0 end{{ ' + ' if not loop.last }}
    {% endfor %}
    as windows,
    case when largest_hour > 0 then {{ o3_mean('largest_hour', 1) }} end as o3_1h
  from (
    {%- for width in [8, 4, 2] %}
    {%- set half = width // 2 %}
    select
      {{ columns }},
      largest_hour,
      {% for hour in range(width - 1, 24) %}
      o3_{{ half }}_{{ hour }} + o3_{{ half }}_{{ hour - half }} as o3_{{ width }}_{{ hour }}{{ ',' if not loop.last }}
      {% endfor %}
    from (
    {%- endfor %}
    select
      {{ columns }},
      greatest({% for hour in range(24) %}o3_{{ hour }}{{ ', ' if not loop.last }}{% endfor %}) as largest_hour,
      {% for hour in range(24) %}
      o3_{{ hour }} as o3_1_{{ hour }}{{ ',' if not loop.last }}
      {% endfor %}
    from {{ relation }}
    ) as width_1
    ) as width_2
    ) as width_4
  ) as width_8
{%- endmacro %}


{# The annual values of HJ 663 by their name: means, and percentiles of the daily values. #}
{% macro air_means() %}
  {{ return(['pm25', 'pm10', 'so2', 'no2']) }}
{% endmacro %}

{% macro air_percentiles() %}
  {{ return({'co_p95': ('co', 0.95), 'o3_8h_p90': ('o3_8h', 0.90)}) }}
{% endmacro %}

{% macro air_values() %}
  {{ return(air_means() + air_percentiles().keys() | list) }}
{% endmacro %}


{# The values of each period from its days (HJ 663).
   relation: days as in air_quality_daily; by: columns, `period` one more with its name;
   enough: how many valid days a value needs, an expression over the days of the period. Days are
   counted in any case: whether a count needs as many is the caller's to say. #}
{% macro air_period_values(relation, by, period, period_name, enough) -%}
  select
    {% for column in by %}
    {{ column }},
    {% endfor %}
    {{ period }} as {{ period_name }},
    {% for pollutant in air_means() %}
    case when count({{ pollutant }}_mean) >= {{ enough }} then {{ air_mean(pollutant ~ '_mean') }} end as {{ pollutant }},
    {% endfor %}
    {% for name, (pollutant, share) in air_percentiles().items() %}
    case
      when count({{ pollutant }}_mean) >= {{ enough }}
        then percentile_cont({{ share }}) within group (order by {{ pollutant }}_mean)
    end as {{ name }},
    {% endfor %}
    count(aqi) as valid_days,
    count(aqi) >= {{ enough }} as is_complete,
    count(*) filter (where is_good) as good_days,
    count(*) filter (where is_heavily_polluted) as heavy_days,
    -- A standard is in force for years: no period sees a third.
    min(standard) || case when max(standard) > min(standard) then '; ' || max(standard) else '' end as standard,
    bool_or(is_flagged) as is_flagged
  from {{ relation }}
  group by {% for column in by %}{{ column }}, {% endfor %}{{ period }}
{%- endmacro %}


{# Rows of `relation` with their composite index: the sum of the six values over the class-2 limits
   in force on the last day of their period, `last_day`; null where one of the six is missing. #}
{% macro with_composite_index(relation, last_day) -%}
  select
    periods.*,
    {% for name in air_values() %}
    periods.{{ name }} / limits.{{ name }}_limit{{ ' +' if not loop.last }}
    {% endfor %}
    as composite_index
  from {{ relation }} as periods
  left join (
    select
      days.last_day,
      {% for name in air_means() %}
      max(air_limits.limit_value)
        filter (where air_limits.pollutant = '{{ name }}' and air_limits.averaging = 'annual') as {{ name }}_limit,
      {% endfor %}
      max(air_limits.limit_value) filter (where air_limits.averaging = '24h p95') as co_p95_limit,
      max(air_limits.limit_value) filter (where air_limits.averaging = '8h p90') as o3_8h_p90_limit
    from (select distinct {{ last_day }} as last_day from {{ relation }}) as days
    inner join {{ ref('int_air_limits') }} as air_limits
      on
        air_limits.valid_from <= days.last_day
        and (air_limits.replaced_on is null or air_limits.replaced_on > days.last_day)
    group by days.last_day
  ) as limits
    on {{ last_day }} = limits.last_day
{%- endmacro %}


{# The levels of the index with their last index and colour (HJ 633, tables 1 and 2), the best first. #}
{% macro aqi_levels() -%}
  {{- return([
    {'name': '优', 'up_to': var('air_primary_aqi'), 'colour': '#00E400'},
    {'name': '良', 'up_to': var('air_good_aqi'), 'colour': '#FFFF00'},
    {'name': '轻度污染', 'up_to': 150, 'colour': '#FF7E00'},
    {'name': '中度污染', 'up_to': var('air_heavy_aqi'), 'colour': '#FF0000'},
    {'name': '重度污染', 'up_to': 300, 'colour': '#99004C'},
    {'name': '严重污染', 'up_to': none, 'colour': '#7E0023'},
  ]) -}}
{%- endmacro %}


{# The level of an index: its name, or its place counted from 1 (the best). #}
{% macro aqi_level(aqi, as_order=false) -%}
  case
    when {{ aqi }} is null then null
    {% for level in aqi_levels() %}
    {% if level.up_to is none %}else{% else %}when {{ aqi }} <= {{ level.up_to }} then{% endif %} {% if as_order %}cast({{ loop.index }} as bigint){% else %}'{{ level.name }}'{% endif %}

    {% endfor %}
  end
{%- endmacro %}
