{# The usual value of each number of a dataset in one series (its keys but the period) as one
   submission gave it; zeros and negative values, which no factor changes, are left out.
   Gives dataset, field, title_zh, unit, item (the series), submission_id, year and first_key (the
   first of the rows), usual (the median), lowest, highest, value_count. #}
{% macro unit_levels(dataset) -%}
{%- set period = lake_period(dataset) or {'field': 'year', 'type': 'year'} -%}
{%- set check_fields = dataset_check(dataset, 'units').get('fields', []) -%}
select
  '{{ dataset }}' as dataset,
  fields.field,
  fields.title_zh,
  case fields.field
    {%- for field in check_fields %} when '{{ field }}' then '{{ lake_unit(dataset, field) }}'{% endfor %}
  end as unit,
  levels.item,
  levels.submission_id,
  levels.year,
  levels.first_key,
  {{ value_of_field('fields', check_fields, 'levels', '_usual') }} as usual,
  {{ value_of_field('fields', check_fields, 'levels', '_lowest') }} as lowest,
  {{ value_of_field('fields', check_fields, 'levels', '_highest') }} as highest,
  {{ value_of_field('fields', check_fields, 'levels', '_count') }} as value_count
from (
  select
    rows_of_series.item,
    rows_of_series.submission_id,
    min(rows_of_series.year) as year,
    {% for field in check_fields %}
    median(rows_of_series.{{ field }}) as {{ field }}_usual,
    min(rows_of_series.{{ field }}) as {{ field }}_lowest,
    max(rows_of_series.{{ field }}) as {{ field }}_highest,
    count(rows_of_series.{{ field }}) as {{ field }}_count,
    {% endfor %}
    min(rows_of_series.row_text) as first_key
  from (
    select
      {{ key_text(dataset, 'latest', without=[period.field]) }} as item,
      {{ year_of_row(dataset, 'latest') }} as year,
      trim(cast({{ year_of_row(dataset, 'latest') }} as string) || ' ' || {{ key_text(dataset, 'latest') }}) as row_text,
      {% for field in check_fields %}
      case when latest.{{ field }} > 0 then cast(latest.{{ field }} as double) end as {{ field }},
      {% endfor %}
      latest.submission_id
    from {{ ref('stg_' ~ dataset) }} as latest
  ) as rows_of_series
  group by rows_of_series.item, rows_of_series.submission_id
) as levels
cross join (
  {{ fields_with_titles(dataset, check_fields) }}
) as fields
{%- endmacro %}
