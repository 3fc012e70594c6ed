{# The rules of air quality that several models need (HJ 633, HJ 663, GB 3095; design section 6). #}


{# The six pollutants of a day by their contract field. Of o3_8h the hours measure o3. #}
{% macro air_pollutants() %}
  {{ return(['pm25', 'pm10', 'so2', 'no2', 'co', 'o3_8h']) }}
{% endmacro %}


{# A concentration counted in the steps to which it is rounded before the index: whole μg/m³, CO in
   0.1 mg/m³; a half to the even neighbour (GB/T 8170). The inner rounding takes the noise of double
   precision away, which would decide about halves. #}
{% macro air_steps(pollutant, value) -%}
  cast({{ half_even('round(' ~ value ~ ' * ' ~ air_steps_per_unit(pollutant) ~ ', 6)') }} as bigint)
{%- endmacro %}

{% macro air_steps_per_unit(pollutant) %}
  {{ return(10 if pollutant == 'co' else 1) }}
{% endmacro %}

{% macro air_rounded(pollutant, value) -%}
  {{ air_steps(pollutant, value) }} / cast({{ air_steps_per_unit(pollutant) }} as double)
{%- endmacro %}


{# One row per station and day from rows of hours: sums and counts, and O3 by hour (hour 0 is that
   which ends at 01:00; -1 where the hour was delivered without O3, null where it was not delivered). `relation` has the columns of the hourly dataset; `withdrawn` tells rows that
   withdraw their key. One pass and no window: hourly rows are the many. #}
{% macro air_day_sums(relation, withdrawn='false') -%}
  select
    station,
    day_number,
    count(*) as hours,
    bool_or(is_withdrawn) as has_withdrawals,
    count(flags) > 0 as is_flagged,
    {% for pollutant in air_pollutants() if pollutant != 'o3_8h' %}
    sum({{ pollutant }}) as {{ pollutant }}_sum,
    count({{ pollutant }}) as {{ pollutant }}_hours,
    {% endfor %}
    {% for hour in range(24) %}
    max(case when hour = {{ hour }} then o3 end) as o3_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from (
    select
      station,
      {{ withdrawn }} as is_withdrawn,
      flags,
      pm25,
      pm10,
      so2,
      no2,
      co,
      coalesce(o3, -1) as o3,
      {{ whole_quotient(hour_number('observed_at'), 24) }} as day_number,
      cast({{ hour_number('observed_at') }} % 24 as tinyint) as hour
    from {{ relation }}
  ) as hours
  group by station, day_number
{%- endmacro %}
