{# Every amount of a dataset whose value in force another submission gave otherwise: the latest other
   version of each department. `alike`: a column that must agree for the values to be comparable.
   Gives dataset, field, title_zh, year, area, item, submission_id, department, earlier_department,
   current_value, earlier_value. #}
{% macro revised_values(dataset, alike=none) -%}
{%- set keys = lake_columns(dataset, key=true) -%}
{%- set fields = lake_numbers(dataset) -%}
select
  '{{ dataset }}' as dataset,
  fields.field,
  fields.title_zh,
  versions.year,
  versions.area,
  versions.item,
  versions.submission_id,
  versions.department,
  versions.earlier_department,
  case fields.field{% for field in fields %} when '{{ field }}' then versions.{{ field }}_now{% endfor %} end
    as current_value,
  case fields.field{% for field in fields %} when '{{ field }}' then versions.{{ field }}_before{% endfor %} end
    as earlier_value
from (
  select
    {{ year_of_row(dataset, 'latest') }} as year,
    {{ key_or_null(dataset, 'latest', 'area') }} as area,
    {{ row_in_words(dataset, 'latest') }} as item,
    latest.submission_id,
    now.department,
    before.department as earlier_department,
    {% for field in fields %}
    cast(latest.{{ field }} as double) as {{ field }}_now,
    cast(earlier.{{ field }} as double) as {{ field }}_before,
    {% endfor %}
    row_number() over (
      partition by {% for key in keys %}latest.{{ key }}, {% endfor %}before.department
      order by before.received_at desc, earlier.row_number desc
    ) as version_rank
  from {{ ref('stg_' ~ dataset) }} as latest
  inner join {{ source('lake', dataset) }} as earlier
    on
      {% for key in keys %}
      latest.{{ key }} = earlier.{{ key }} and
      {% endfor %}
      {% if alike %}coalesce(latest.{{ alike }}, '') = coalesce(earlier.{{ alike }}, '') and{% endif %}

      latest.submission_id <> earlier.submission_id
  inner join {{ source('intake', 'submissions') }} as now on latest.submission_id = now.submission_id
  inner join {{ source('intake', 'submissions') }} as before
    on earlier.submission_id = before.submission_id
  where earlier.operation <> 'delete'
) as versions
cross join (
  {% for field, title in fields.items() %}
  select '{{ field }}' as field, '{{ title }}' as title_zh
  {{ 'union all' if not loop.last }}
  {% endfor %}
) as fields
where versions.version_rank = 1
{%- endmacro %}


{# The measured numbers of a dataset with their Chinese titles: {field: title}. #}
{% macro lake_numbers(dataset) %}
  {%- if not execute -%}{{ return({}) }}{%- endif -%}
  {%- set numbers = {} -%}
  {%- for column in lake_source(dataset).columns.values() -%}
    {%- set meta = column.config.meta or {} -%}
    {%- if meta.get('type') in ('int', 'float') and not meta.get('key') -%}
      {%- do numbers.update({column.name: meta.title_zh}) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(numbers) }}
{% endmacro %}
