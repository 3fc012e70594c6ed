{# Days, weeks, months and years, and how they are named. #}


{# The name of the week that begins on a Monday, as 2026-W48: a week belongs to the year of its Thursday
   (ISO 8601). #}
{% macro week_name(monday) -%}
  {%- set thursday = days_after(monday, 3) -%}
  cast(extract(year from {{ thursday }}) as string) || '-W'
  || lpad(cast({{ whole_quotient('(dayofyear(' ~ thursday ~ ') + 6)', 7) }} as string), 2, '0')
{%- endmacro %}


{# The name of the month of a date, as 2026-11. #}
{% macro month_name(day) -%}
  substr(cast({{ day }} as string), 1, 7)
{%- endmacro %}


{# The first day of a year (an integer). #}
{% macro first_of_year(year) -%}
  make_date(cast({{ year }} as int), 1, 1)
{%- endmacro %}


{# The years that supervision looks at, each with its first and last day. #}
{% macro supervised_years() -%}
  select
    year,
    {{ first_of_year('year') }} as first_day,
    make_date(cast(year as int), 12, 31) as last_day
  from (select cast(2015 + number as bigint) as year from ({{ whole_numbers(60) }}) as numbers) as listed
{%- endmacro %}
