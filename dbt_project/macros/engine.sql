{# Constructs that DuckDB and Spark spell differently. Models call these macros; `default__` is Spark's. #}


{# The distinct values of an expression in one group, sorted and joined with `; `. #}
{% macro joined_values(expression) %}
  {{- return(adapter.dispatch('joined_values')(expression)) -}}
{% endmacro %}

{# Of no values the lists of other engines are empty, and their text is not null. #}
{% macro default__joined_values(expression) -%}
  case when count({{ expression }}) > 0 then array_join(array_sort(array_agg(distinct {{ expression }})), '; ') end
{%- endmacro %}

{% macro duckdb__joined_values(expression) -%}
  array_to_string(array_sort(array_agg(distinct {{ expression }})), '; ')
{%- endmacro %}


{# Days of a year: 365 or 366. #}
{% macro days_of_year(year) -%}
  dayofyear(make_date(cast({{ year }} as int), 12, 31))
{%- endmacro %}


{# The number of the hour that ends at `moment` or contains it; that which ends at 1970-01-01 01:00 is 0. #}
{% macro hour_number(moment) -%}
  {{- return(adapter.dispatch('hour_number')(moment)) -}}
{% endmacro %}

{% macro default__hour_number(moment) -%}
  ((unix_micros({{ moment }}) - 1) div 3600000000)
{%- endmacro %}

{% macro duckdb__hour_number(moment) -%}
  ((epoch_us({{ moment }}) - 1) // 3600000000)
{%- endmacro %}


{# The integer quotient of two integers. #}
{% macro whole_quotient(dividend, divisor) -%}
  {{- return(adapter.dispatch('whole_quotient')(dividend, divisor)) -}}
{% endmacro %}

{% macro default__whole_quotient(dividend, divisor) -%}
  ({{ dividend }} div {{ divisor }})
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
  ({{ dividend }} // {{ divisor }})
{%- endmacro %}


{# An array of expressions, and the item of an array at `position`, counted from 1; null beyond its end. #}
{% macro list_of(values) -%}
  {{- return(adapter.dispatch('list_of')(values)) -}}
{% endmacro %}

{% macro default__list_of(values) -%}
  array({{ values | join(', ') }})
{%- endmacro %}

{% macro duckdb__list_of(values) -%}
  list_value({{ values | join(', ') }})
{%- endmacro %}

{% macro item_of(list, position) -%}
  {{- return(adapter.dispatch('item_of')(list, position)) -}}
{% endmacro %}

{% macro default__item_of(list, position) -%}
  get({{ list }}, {{ position }} - 1)
{%- endmacro %}

{% macro duckdb__item_of(list, position) -%}
  list_extract({{ list }}, {{ position }})
{%- endmacro %}


{# Aggregate: the values of a group by their key, a whole number from 1 to `keys`; where a key is there
   more than once, its values are equal. `in_order_of_keys` makes an array of it, of as many items; null
   where a key is not there. #}
{% macro values_by_key(key, value, keys) -%}
  {{- return(adapter.dispatch('values_by_key')(key, value, keys)) -}}
{% endmacro %}

{% macro default__values_by_key(key, value, keys) -%}
  array(
    {% for number in range(1, keys + 1) %}
    max(case when {{ key }} = {{ number }} then {{ value }} end){{ ',' if not loop.last }}
    {% endfor %}
  )
{%- endmacro %}

{# In DuckDB two lists take a third of the time of 24 aggregates. #}
{% macro duckdb__values_by_key(key, value, keys) -%}
  struct_pack(keys := array_agg(cast({{ key }} as tinyint)), items := array_agg({{ value }}))
{%- endmacro %}

{% macro in_order_of_keys(found, keys) -%}
  {{- return(adapter.dispatch('in_order_of_keys')(found, keys)) -}}
{% endmacro %}

{% macro default__in_order_of_keys(found, keys) -%}
  {{ found }}
{%- endmacro %}

{# Most come in their order: they are taken as they are. #}
{% macro duckdb__in_order_of_keys(found, keys) -%}
  case
    when {{ found }}.keys = cast(range(1, {{ keys + 1 }}) as tinyint[]) then {{ found }}.items
    else [
      {% for number in range(1, keys + 1) %}
      {{ found }}.items[list_position({{ found }}.keys, cast({{ number }} as tinyint))]{{ ',' if not loop.last }}
      {% endfor %}
    ]
  end
{%- endmacro %}


{# Condition of a WHERE clause: whether some values are those of a row of `relation`, which has few rows.
   `values` has an expression for each of its columns; none is null. #}
{% macro among_few(relation, values) -%}
  {{- return(adapter.dispatch('among_few')(relation, values)) -}}
{% endmacro %}

{# Not told that they are few, Spark sorts all rows for it, and for `not in` compares each with each. #}
{% macro default__among_few(relation, values) -%}
  exists (
    select /*+ broadcast({{ relation }}) */ 1
    from {{ relation }}
    where {% for column, value in values.items() %}{{ relation }}.{{ column }} = {{ value }}{{ ' and ' if not loop.last }}{% endfor %}

  )
{%- endmacro %}

{# `in` builds its hash table from the few rows; a join might build it from the many others. #}
{% macro duckdb__among_few(relation, values) -%}
  ({{ values.values() | join(', ') }}) in (select {{ values | join(', ') }} from {{ relation }})
{%- endmacro %}


{# The date that lies `days` days after 1970-01-01. #}
{% macro date_of_day_number(days) -%}
  {{- return(adapter.dispatch('date_of_day_number')(days)) -}}
{% endmacro %}

{% macro default__date_of_day_number(days) -%}
  date_add(date '1970-01-01', cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__date_of_day_number(days) -%}
  (date '1970-01-01' + cast({{ days }} as int))
{%- endmacro %}


{# Rounded to an integer, a half to the even neighbour (GB/T 8170). #}
{% macro half_even(value) -%}
  {{- return(adapter.dispatch('half_even')(value)) -}}
{% endmacro %}

{% macro default__half_even(value) -%}
  cast(rint({{ value }}) as bigint)
{%- endmacro %}

{# round_even() gives the same ten times slower. #}
{% macro duckdb__half_even(value) -%}
  cast({{ value }} as bigint)
{%- endmacro %}


{# Rounded to some decimals, a half away from zero. Spark's round() decides by the digits as they are printed,
   0.58 for 0.575, DuckDB's by the number in double precision, 0.57. #}
{% macro rounded(value, digits) -%}
  {{- return(adapter.dispatch('rounded')(value, digits)) -}}
{% endmacro %}

{% macro default__rounded(value, digits) -%}
  (round(({{ value }}) * 1e{{ digits }}, 0) / 1e{{ digits }})
{%- endmacro %}

{% macro duckdb__rounded(value, digits) -%}
  round({{ value }}, {{ digits }})
{%- endmacro %}


{# Rounded to six decimals, a half to the even neighbour. #}
{% macro six_decimals(value) -%}
  {{- return(adapter.dispatch('six_decimals')(value)) -}}
{% endmacro %}

{% macro default__six_decimals(value) -%}
  (rint({{ value }} * 1000000) / 1e6)
{%- endmacro %}

{# round() gives the same ten times slower. #}
{% macro duckdb__six_decimals(value) -%}
  (cast({{ value }} * 1000000 as bigint) / cast(1000000 as double))
{%- endmacro %}


{# A query of the integers from 0 to `last`, in the column `number`. #}
{% macro whole_numbers(last) -%}
  {{- return(adapter.dispatch('whole_numbers')(last)) -}}
{% endmacro %}

{% macro default__whole_numbers(last) -%}
  select id as number from range({{ last + 1 }})
{%- endmacro %}

{% macro duckdb__whole_numbers(last) -%}
  select range as number from range({{ last + 1 }})
{%- endmacro %}


{# Arrays of texts concatenated; a null array is empty. #}
{% macro joined_arrays(arrays) -%}
  {{- return(adapter.dispatch('joined_arrays')(arrays)) -}}
{% endmacro %}

{% macro default__joined_arrays(arrays) -%}
  flatten(array({% for array in arrays %}coalesce({{ array }}, {{ no_texts() }}){{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro duckdb__joined_arrays(arrays) -%}
  flatten([{{ arrays | join(', ') }}])
{%- endmacro %}


{# A null (on Spark an empty) array of texts. #}
{% macro no_texts() -%}
  {{- return(adapter.dispatch('no_texts')()) -}}
{% endmacro %}

{% macro default__no_texts() -%}
  cast(array() as array<string>)
{%- endmacro %}

{% macro duckdb__no_texts() -%}
  cast(null as string[])
{%- endmacro %}


{# In a select list: one row per element of an array. #}
{% macro each_of(array) -%}
  {{- return(adapter.dispatch('each_of')(array)) -}}
{% endmacro %}

{% macro default__each_of(array) -%}
  explode({{ array }})
{%- endmacro %}

{% macro duckdb__each_of(array) -%}
  unnest({{ array }})
{%- endmacro %}


{# Days from one date to another. #}
{% macro days_between(first, last) -%}
  {{- return(adapter.dispatch('days_between')(first, last)) -}}
{% endmacro %}

{% macro default__days_between(first, last) -%}
  cast(datediff({{ last }}, {{ first }}) as bigint)
{%- endmacro %}

{% macro duckdb__days_between(first, last) -%}
  date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}


{# The day in Yangcheng (UTC+8, no summer time) of a moment in UTC. #}
{% macro county_day(moment) -%}
  cast({{ moment }} + interval '8' hour as date)
{%- endmacro %}


{# The date some days after another. #}
{% macro days_after(first, days) -%}
  {{- return(adapter.dispatch('days_after')(first, days)) -}}
{% endmacro %}

{% macro default__days_after(first, days) -%}
  date_add({{ first }}, cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__days_after(first, days) -%}
  ({{ first }} + cast({{ days }} as int))
{%- endmacro %}


{# The date some months after another; the last day of a month where it has fewer days. #}
{% macro months_after(first, months) -%}
  {{- return(adapter.dispatch('months_after')(first, months)) -}}
{% endmacro %}

{% macro default__months_after(first, months) -%}
  add_months({{ first }}, {{ months }})
{%- endmacro %}

{% macro duckdb__months_after(first, months) -%}
  cast({{ first }} + to_months(cast({{ months }} as int)) as date)
{%- endmacro %}


{# Hours from one moment to another, with fractions. #}
{% macro hours_between(first, last) -%}
  {{- return(adapter.dispatch('hours_between')(first, last)) -}}
{% endmacro %}

{% macro default__hours_between(first, last) -%}
  ((unix_micros({{ last }}) - unix_micros({{ first }})) / 3600000000e0)
{%- endmacro %}

{% macro duckdb__hours_between(first, last) -%}
  ((epoch_us({{ last }}) - epoch_us({{ first }})) / 3600000000.0)
{%- endmacro %}


{# A value of any type as text. Spark writes 6.0E-4 and 1.0E7 for what DuckDB writes 0.0006 and 10000000.0. #}
{% macro plain_text(value) -%}
  {{- return(adapter.dispatch('plain_text')(value)) -}}
{% endmacro %}

{% macro default__plain_text(value) -%}
  case
    when typeof({{ value }}) <> 'double' then cast({{ value }} as string)
    when abs(try_cast(cast({{ value }} as string) as double)) between 1e-4 and 1e15
      then regexp_replace(
        regexp_replace(cast(try_cast(cast({{ value }} as string) as decimal(38, 20)) as string), '0+$', ''), '[.]$', '.0'
      )
    else regexp_replace(
      regexp_replace(lower(replace(cast({{ value }} as string), '.0E', 'E')), 'e([0-9])', 'e+$1'), 'e-([0-9])$', 'e-0$1'
    )
  end
{%- endmacro %}

{% macro duckdb__plain_text(value) -%}
  cast({{ value }} as string)
{%- endmacro %}


{# How many numbers of a list are above (or below) a limit; of a null list 0. #}
{% macro count_above(numbers, limit) -%}
  {{- return(adapter.dispatch('count_above')(numbers, limit)) -}}
{% endmacro %}

{% macro default__count_above(numbers, limit) -%}
  coalesce(size(filter({{ numbers }}, number -> round(number - {{ limit }}, 9) > 0)), 0)
{%- endmacro %}

{% macro duckdb__count_above(numbers, limit) -%}
  coalesce(len(list_filter({{ numbers }}, lambda number: round(number - {{ limit }}, 9) > 0)), 0)
{%- endmacro %}

{% macro count_below(numbers, limit) -%}
  {{- return(adapter.dispatch('count_below')(numbers, limit)) -}}
{% endmacro %}

{% macro default__count_below(numbers, limit) -%}
  coalesce(size(filter({{ numbers }}, number -> round(number - {{ limit }}, 9) < 0)), 0)
{%- endmacro %}

{% macro duckdb__count_below(numbers, limit) -%}
  coalesce(len(list_filter({{ numbers }}, lambda number: round(number - {{ limit }}, 9) < 0)), 0)
{%- endmacro %}


{# The items of a text that are separated by one of several signs. #}
{% macro split_text(text, separators) -%}
  {{- return(adapter.dispatch('split_text')(text, separators)) -}}
{% endmacro %}

{% macro default__split_text(text, separators) -%}
  split({{ text }}, '[{{ separators }}]')
{%- endmacro %}

{% macro duckdb__split_text(text, separators) -%}
  string_split_regex({{ text }}, '[{{ separators }}]')
{%- endmacro %}


{# The moment that lies a microsecond before another: the end of an hour belongs to that hour. #}
{% macro just_before(moment) -%}
  ({{ moment }} - interval '1' microsecond)
{%- endmacro %}


{# The last item of a text whose items are separated by a sign. #}
{% macro last_item(text, separator) -%}
  split_part({{ text }}, '{{ separator }}', -1)
{%- endmacro %}


{# The moment some hours after another. #}
{% macro hours_after(first, hours) -%}
  {{- return(adapter.dispatch('hours_after')(first, hours)) -}}
{% endmacro %}

{% macro default__hours_after(first, hours) -%}
  timestampadd(hour, cast({{ hours }} as int), {{ first }})
{%- endmacro %}

{% macro duckdb__hours_after(first, hours) -%}
  ({{ first }} + to_hours(cast({{ hours }} as int)))
{%- endmacro %}
