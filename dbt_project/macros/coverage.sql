{# What is missing among the delivered rows: periods within a series, townships, objects. #}


{# The gaps in the periods of each series of a dataset (its other keys). Periods are numbered from the
   year 0: 2023-03 is 24278 where a year has 12.
   Gives dataset, item (the series), area, first_missing, last_missing, steps (from the period before
   the gap to the one after it), per_year. #}
{% macro period_gaps(dataset) -%}
{%- set period = lake_period(dataset) or {'field': 'year', 'type': 'year'} -%}
{%- set per_year = dataset_check(dataset, 'periods').get('per_year', 1) -%}
select
  '{{ dataset }}' as dataset,
  gaps.item,
  gaps.area,
  gaps.previous + 1 as first_missing,
  gaps.number - 1 as last_missing,
  gaps.number - gaps.previous as steps,
  {{ per_year }} as per_year
from (
  select
    series.item,
    series.area,
    series.number,
    lag(series.number) over (partition by series.item order by series.number) as previous
  from (
    select distinct
      {{ key_text(dataset, 'delivered', without=[period.field]) }} as item,
      {{ area_of_row(dataset, 'delivered') }} as area,
      {{ period_number('delivered.' ~ period.field, period.type, per_year) }} as number
    from {{ ref('stg_' ~ dataset) }} as delivered
  ) as series
) as gaps
where gaps.number - gaps.previous > 1
{%- endmacro %}


{# The number of the period in which a year, month, date or time lies. #}
{% macro period_number(value, type, per_year) -%}
  {%- if type == 'year' -%}
  cast({{ value }} as bigint)
  {%- elif per_year == 1 -%}
  cast(extract(year from {{ value }}) as bigint)
  {%- else -%}
  cast(extract(year from {{ value }}) as bigint) * {{ per_year }}
    + cast(extract({{ 'month' if per_year == 12 else 'quarter' }} from {{ value }}) as bigint) - 1
  {%- endif -%}
{%- endmacro %}


{# The name of a period by its number: 2023, 2023Q1 or 2023-03. #}
{% macro period_name(number, per_year) -%}
  case {{ per_year }}
    when 1 then cast({{ number }} as string)
    when 4
      then cast({{ whole_quotient(number, 4) }} as string) || 'Q' || cast({{ number }} % 4 + 1 as string)
    else
      cast({{ whole_quotient(number, 12) }} as string) || '-'
      || lpad(cast({{ number }} % 12 + 1 as string), 2, '0')
  end
{%- endmacro %}


{# The townships that delivered in a year of which at least one did. #}
{% macro townships_delivered(dataset) -%}
select distinct
  '{{ dataset }}' as dataset,
  {{ year_of_row(dataset, 'delivered') }} as year,
  areas.area as township
from {{ ref('stg_' ~ dataset) }} as delivered
inner join {{ ref('contract_areas') }} as areas
  on {{ area_of_row(dataset, 'delivered') }} = areas.area and areas.kind = 'township'
{%- endmacro %}


{# The number of objects (sections, works, enterprises) that delivered in a year. #}
{% macro objects_delivered(dataset) -%}
select
  '{{ dataset }}' as dataset,
  {{ year_of_row(dataset, 'delivered') }} as year,
  count(distinct delivered.{{ dataset_check(dataset, 'objects').field }}) as objects
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
