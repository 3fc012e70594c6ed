{# Every number of a dataset whose value in force another submission gave differently: of each
   department the latest such version. Numbers whose unit a field of the row names are compared where
   both versions name the same unit.
   Gives dataset, field, title_zh, year, area, item (the row's keys), submission_id, department,
   earlier_department, current_value, earlier_value. #}
{% macro revised_values(dataset) -%}
{%- set keys = lake_columns(dataset, key=true) -%}
{%- set check = dataset_check(dataset, 'revisions') -%}
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
  {{ value_of_field('fields', check.fields, 'versions', '_now') }} as current_value,
  {{ value_of_field('fields', check.fields, 'versions', '_before') }} as earlier_value
from (
  select
    {{ year_of_row(dataset, 'latest') }} as year,
    {{ area_of_row(dataset, 'latest') }} as area,
    {{ key_text(dataset, 'latest') }} as item,
    latest.submission_id,
    now.department,
    before.department as earlier_department,
    {% for field in check.fields %}
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
      {% for unit in check.unit_fields %}
      coalesce(latest.{{ unit }}, '') = coalesce(earlier.{{ unit }}, '') and
      {% endfor %}
      latest.submission_id <> earlier.submission_id
  inner join {{ source('intake', 'submissions') }} as now on latest.submission_id = now.submission_id
  inner join {{ source('intake', 'submissions') }} as before
    on earlier.submission_id = before.submission_id
  where earlier.operation <> 'delete'
) as versions
cross join (
  {{ fields_with_titles(dataset, check.fields) }}
) as fields
where versions.version_rank = 1
{%- endmacro %}
