{# What DuckDB and Spark spell differently. A model calls the macro; only this file names an engine. #}


{# The distinct values of an expression in one group, sorted and joined with `; `. #}
{% macro joined_values(expression) %}
  {{- return(adapter.dispatch('joined_values')(expression)) -}}
{% endmacro %}

{% macro default__joined_values(expression) -%}
  array_join(array_sort(array_agg(distinct {{ expression }})), '; ')
{%- endmacro %}

{% macro duckdb__joined_values(expression) -%}
  array_to_string(array_sort(array_agg(distinct {{ expression }})), '; ')
{%- endmacro %}


{# Days of a year: 365 or 366. #}
{% macro days_of_year(year) -%}
  dayofyear(make_date(cast({{ year }} as int), 12, 31))
{%- endmacro %}
