{# What is missing among the delivered rows: periods within a series, townships, objects. #}


{# Steps from one delivered period to the next of each series of a dataset (its other keys): only
   those longer than one. `by_month`: the dataset is a monthly one. #}
{% macro period_steps(dataset) -%}
{%- set period = lake_period(dataset) -%}
{%- set monthly = not period or period.type != 'year' -%}
select
  '{{ dataset }}' as dataset,
  steps.item,
  steps.area,
  steps.previous + 1 as first_missing,
  steps.number - 1 as last_missing,
  steps.number - steps.previous as step,
  {{ 'true' if monthly else 'false' }} as is_monthly
from (
  select
    series.item,
    series.area,
    series.number,
    lag(series.number) over (partition by series.item order by series.number) as previous
  from (
    select distinct
      {{ row_in_words(dataset, 'delivered', without=[period.field if period else '']) }} as item,
      {{ key_or_null(dataset, 'delivered', 'area') }} as area,
      {% if monthly %}
      cast(extract(year from delivered.{{ period.field if period else 'month' }}) as bigint) * 12
        + cast(extract(month from delivered.{{ period.field if period else 'month' }}) as bigint) - 1 as number
      {% else %}
      cast(delivered.{{ period.field }} as bigint) as number
      {% endif %}
    from {{ ref('stg_' ~ dataset) }} as delivered
  ) as series
) as steps
where steps.number - steps.previous > 1
{%- endmacro %}


{# The townships that delivered in a year of which at least one did. #}
{% macro townships_delivered(dataset) -%}
select distinct
  '{{ dataset }}' as dataset,
  {{ year_of_row(dataset, 'delivered') }} as year,
  delivered.area as township
from {{ ref('stg_' ~ dataset) }} as delivered
inner join {{ ref('contract_areas') }} as areas
  on delivered.area = areas.area and areas.kind = 'township'
{%- endmacro %}


{# The objects (sections, works, enterprises) that delivered in a year. #}
{% macro objects_delivered(dataset, object) -%}
select
  '{{ dataset }}' as dataset,
  {{ year_of_row(dataset, 'delivered') }} as year,
  count(distinct delivered.{{ object }}) as objects
from {{ ref('stg_' ~ dataset) }} as delivered
group by {{ year_of_row(dataset, 'delivered') }}
{%- endmacro %}


{# Months are counted from the year 0: 2023-03 is 24278; a year alone is its January. #}
{% macro month_number(text) -%}
  (cast(substr({{ text }}, 1, 4) as bigint) * 12
    + case when length({{ text }}) >= 7 then cast(substr({{ text }}, 6, 2) as bigint) - 1 else 0 end)
{%- endmacro %}

{% macro first_of_month(number) -%}
  make_date(
    cast({{ whole_quotient(number, 12) }} as int), cast({{ number }} % 12 + 1 as int), 1
  )
{%- endmacro %}
