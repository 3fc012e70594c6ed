{# The whole of a domain mart: indicator_progress of one domain, and the county's value of each year
   of the plan in a column of its own. #}
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


{# The columns that the yml beside a model declares, for a mart that passes a source on as it is. #}
{% macro declared_columns() -%}
  {{ model.columns.keys() | join(', ') }}
{%- endmacro %}


{# A relation of the declared columns and types without a row: for a mart that publishing fills. #}
{% macro no_rows_of_declared_columns() -%}
select
  {% for column in model.columns.values() %}
  cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
  {% endfor %}
where 1 = 0
{%- endmacro %}
