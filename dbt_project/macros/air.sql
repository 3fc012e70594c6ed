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


{# The hours of `relation`, which has the columns of the hourly dataset, with their day and their hour of
   the day: 8 is that which ends at 08:00. #}
{% macro air_hours(relation) -%}
  select
    *,
    {{ whole_quotient(hour_number('observed_at'), 24) }} as day_number,
    cast({{ hour_number('observed_at') }} % 24 + 1 as tinyint) as hour_of_day
  from {{ relation }}
{%- endmacro %}

{# One row per station, day and submission from such hours: sums and counts, which lines of the file they
   are, which hours came (a bit each), and their O3. One pass and no window: hourly rows are the many. A sum
   of measurements has no more decimals than they have: rounded it is the same in whichever order the rows
   are added up. `o3` is the column of O3, the same for all rows of an hour. #}
{% macro air_day_sums(hours, o3='o3') -%}
  select
    station,
    day_number,
    submission_id,
    count(*) as hours,
    count(flags) > 0 as is_flagged,
    min(row_number) as first_row,
    max(row_number) as last_row,
    {% for pollutant in air_pollutants() if pollutant != 'o3_8h' %}
    {{ six_decimals('sum(' ~ pollutant ~ ')') }} as {{ pollutant }}_sum,
    count({{ pollutant }}) as {{ pollutant }}_hours,
    {% endfor %}
    bit_or(cast(1 as int) << hour_of_day) as hour_bits,
    {{ values_by_key('hour_of_day', o3, keys=24) }} as o3_of_hours
  from {{ hours }}
  group by station, day_number, submission_id
{%- endmacro %}


{# The O3 of a day, in two steps; docs/rules.md#ozone-of-a-day-an-example has the figures of one.
   First, of the eight hours that end at 08:00 and so on to 24:00 the sum (o3_sum_8 to o3_sum_24) and how
   many were measured (o3_measured_8 to o3_measured_24). `relation` has the 24 hours in o3_hour_1 to
   o3_hour_24, null where not measured. #}
{% macro with_8_hour_sums(relation) -%}
  select
    *,
    {% for end in range(8, 25) %}
    {% for hour in range(end - 7, end + 1) %}coalesce(o3_hour_{{ hour }}, 0){{ ' + ' if not loop.last }}{% endfor %}

      as o3_sum_{{ end }},
    {% for hour in range(end - 7, end + 1) %}case when o3_hour_{{ hour }} is null then 0 else 1 end{{ ' + ' if not loop.last }}{% endfor %}

      as o3_measured_{{ end }}{{ ',' if not loop.last }}
    {% endfor %}
  from {{ relation }}
{%- endmacro %}

{# Second, the largest of their means, how many of the 17 are valid, and the largest hour, in μg/m³. A mean
   is a quotient of whole numbers (millionths of μg/m³): one that is the limit does not come out above it. #}
{% macro with_o3_of_day(relation) -%}
  {% set is_valid = 'o3_measured_%d >= ' ~ var('air_valid_hours_of_8') %}
  select
    *,
    greatest(
      {% for end in range(8, 25) %}
      case when {{ is_valid % end }} then {{ half_even('o3_sum_%d * 1000000' % end) }} / (o3_measured_{{ end }} * 1e6) end{{ ',' if not loop.last }}
      {% endfor %}
    ) as largest_8h,
    {% for end in range(8, 25) %}
    case when {{ is_valid % end }} then 1 else 0 end{{ ' +' if not loop.last }}
    {% endfor %}
      as windows,
    {% set hours %}{% for hour in range(1, 25) %}o3_hour_{{ hour }}{{ ', ' if not loop.last }}{% endfor %}{% endset %}
    {{ six_decimals('greatest(' ~ hours ~ ')') }} as o3_1h
  from {{ relation }}
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
