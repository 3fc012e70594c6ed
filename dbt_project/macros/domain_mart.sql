{# The query of a domain mart: indicator_progress of one domain, with a column for the county's value of
   each year of the plan. #}
{% macro domain_mart(domain) -%}
{%- set years = range(var('baseline_year'), var('target_year') + 1) -%}
with
years as (
  select
    indicator_id,
    {% for year in years %}
    max(case when year = {{ year }} then value end) as value_{{ year }}{{ ',' if not loop.last }}
    {% endfor %}
  from {{ ref('int_indicator_years') }}
  group by indicator_id
)

select
  progress.*,
  {% for year in years %}
  years.value_{{ year }}{{ ',' if not loop.last }}
  {% endfor %}
from {{ ref('indicator_progress') }} as progress
inner join years on progress.indicator_id = years.indicator_id
where progress.domain = '{{ domain }}'
order by progress.indicator_id
{%- endmacro %}


{# The columns that the model's yml declares, for a mart that is a source unchanged. #}
{% macro declared_columns() -%}
  {{ model.columns.keys() | join(', ') }}
{%- endmacro %}


{# A query of the declared columns and types without rows: for a mart that publication fills. #}
{% macro no_rows_of_declared_columns() -%}
select
  {% for column in model.columns.values() %}
  cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
  {% endfor %}
where 1 = 0
{%- endmacro %}
