{# Every amount of a dataset for which both a total and its parts were delivered.

   split:       the key column along which the total is split
   total, part: conditions that tell the two apart
   lookup:      a join that the conditions need
   Amounts are the contract's numbers that add up; they are compared in each group of the other keys.
   Gives dataset, field, title_zh, year, item (the other keys in words), total_value, parts_value. #}
{% macro total_differences(dataset, split, total, part, lookup='') -%}
{%- set keys = lake_columns(dataset, key=true) -%}
{%- set months = lake_columns(dataset, key=true, types=['month'], needed=false) -%}
{%- set years = lake_columns(dataset, key=true, types=['year'], needed=false) -%}
{%- set others = keys | reject('in', [split] + years) | list -%}
{%- set fields = lake_amounts(dataset) -%}
select
  '{{ dataset }}' as dataset,
  fields.field,
  fields.title_zh,
  cast(totals.year as bigint) as year,
  totals.item,
  case fields.field{% for field in fields %} when '{{ field }}' then totals.{{ field }}_total{% endfor %} end
    as total_value,
  case fields.field{% for field in fields %} when '{{ field }}' then totals.{{ field }}_parts{% endfor %} end
    as parts_value
from (
  select
    {{ 'extract(year from ' ~ months[0] ~ ')' if months else years | first }} as year,
    ''{% for key in others %} || {{ "' ' || " if not loop.first }}cast({{ key }} as string){% endfor %} as item,
    {% for field in fields %}
    sum(delivered.{{ field }}) filter (where {{ total }}) as {{ field }}_total,
    sum(delivered.{{ field }}) filter (where {{ part }}) as {{ field }}_parts{{ ',' if not loop.last }}
    {% endfor %}
  from {{ ref('stg_' ~ dataset) }} as delivered
  {{ lookup }}
  group by {{ (years + others) | join(', ') }}
) as totals
cross join (
  {% for field, title in fields.items() %}
  select '{{ field }}' as field, '{{ title }}' as title_zh
  {{ 'union all' if not loop.last }}
  {% endfor %}
) as fields
{%- endmacro %}


{# Numbers of a dataset that add up over its parts, with their Chinese titles: {field: title}.
   Shares and factors (units with % or /) do not, nor do numbers whose unit differs from row to row. #}
{% macro lake_amounts(dataset) %}
  {%- if not execute -%}{{ return({}) }}{%- endif -%}
  {%- set amounts = {} -%}
  {%- for column in lake_source(dataset).columns.values() -%}
    {%- set meta = column.config.meta or {} -%}
    {%- set unit = meta.get('unit') -%}
    {%- if meta.get('type') in ('int', 'float') and not meta.get('key')
           and unit and '%' not in unit and '/' not in unit -%}
      {%- do amounts.update({column.name: meta.title_zh}) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(amounts) }}
{% endmacro %}
