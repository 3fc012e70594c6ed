{# Every amount of a dataset for which both a total and its parts were delivered, in each group of the
   other keys.

   check:       area_total or part_total; it names the key field along which a total is split, and the
                amounts
   total, part: conditions that distinguish the two
   lookup:      a join that the conditions need
   Gives dataset, field, title_zh, year, item (the other keys), total_value, parts_value. #}
{% macro total_differences(dataset, check, total, part, lookup='') -%}
{%- set split = dataset_check(dataset, check) -%}
{%- set months = lake_columns(dataset, key=true, types=['month'], needed=false) -%}
{%- set years = lake_columns(dataset, key=true, types=['year'], needed=false) -%}
{%- set other_keys = lake_columns(dataset, key=true) | reject('in', [split.field] + years) | list -%}
select
  '{{ dataset }}' as dataset,
  fields.field,
  fields.title_zh,
  cast(totals.year as bigint) as year,
  totals.item,
  {{ value_of_field('fields', split.fields, 'totals', '_total') }} as total_value,
  {{ value_of_field('fields', split.fields, 'totals', '_parts') }} as parts_value
from (
  select
    {{ 'extract(year from ' ~ months[0] ~ ')' if months else years | first }} as year,
    ''{% for key in other_keys %} || {{ "' ' || " if not loop.first }}cast({{ key }} as string){% endfor %} as item,
    {% for field in split.fields %}
    sum(delivered.{{ field }}) filter (where {{ total }}) as {{ field }}_total,
    sum(delivered.{{ field }}) filter (where {{ part }}) as {{ field }}_parts{{ ',' if not loop.last }}
    {% endfor %}
  from {{ ref('stg_' ~ dataset) }} as delivered
  {{ lookup }}
  group by {{ (years + other_keys) | join(', ') }}
) as totals
cross join (
  {{ fields_with_titles(dataset, split.fields) }}
) as fields
{%- endmacro %}
