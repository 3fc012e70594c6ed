{# The rules of air quality that several models need (HJ 633, HJ 663, GB 3095; design section 6). #}


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


{# One row per station, day and submission from rows of hours: sums and counts, O3 by hour (hour 0 is
   that which ends at 01:00), which hours were delivered and which of them with O3 (a bit each), and which
   lines of the file they are. `relation` has the columns of the hourly dataset; `withdrawn` tells rows that
   withdraw their key. One pass and no window: hourly rows are the many. The sum of an hour's O3 is its
   value, and cheaper than the largest, as long as the hour was delivered once; that is so when there are
   as many bits as hours. Else `of_hour` is max. A sum
   of measurements has no more decimals than they have: rounded it is the same in whichever order the rows
   are added up. #}
{% macro air_day_sums(relation, withdrawn='false', of_hour='sum') -%}
  select
    station,
    day_number,
    submission_id,
    count(*) as hours,
    bit_or(hour_bit) as hour_bits,
    bit_or(case when o3 is not null then hour_bit else 0 end) as o3_bits,
    bool_or(is_withdrawn) as has_withdrawals,
    count(flags) > 0 as is_flagged,
    min(row_number) as first_row,
    max(row_number) as last_row,
    {% for pollutant in air_pollutants() if pollutant != 'o3_8h' %}
    {{ six_decimals('sum(' ~ pollutant ~ ')') }} as {{ pollutant }}_sum,
    count({{ pollutant }}) as {{ pollutant }}_hours,
    {% endfor %}
    {% for hour in range(24) %}
    {{ of_hour }}(case when hour = {{ hour }} then o3 end) as o3_{{ hour }}{{ ',' if not loop.last }}
    {% endfor %}
  from (
    select
      *,
      {{ bit_of('hour') }} as hour_bit
    from (
      select
        station,
        submission_id,
        row_number,
        {{ withdrawn }} as is_withdrawn,
        flags,
        pm25,
        pm10,
        so2,
        no2,
        co,
        o3,
        {{ whole_quotient(hour_number('observed_at'), 24) }} as day_number,
        cast({{ hour_number('observed_at') }} % 24 as tinyint) as hour
      from {{ relation }}
    ) as numbered
  ) as hours
  group by station, day_number, submission_id
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
    case when count({{ pollutant }}_mean) >= {{ enough }} then avg({{ pollutant }}_mean) end as {{ pollutant }},
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
    {{ joined_values('standard') }} as standard,
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

