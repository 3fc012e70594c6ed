{{ config(materialized="table") }}
{% set domains = ['water', 'forestry', 'agriculture', 'energy', 'waste', 'air', 'economy', 'governance', 'supervision'] %}
with
every_domain as (
  {% for domain in domains %}
  select quantity, year, area, numerator, denominator, computed_value, reported_value, is_flagged, computed_rows, reported_rows
  from {{ ref('int_' ~ domain ~ '_quantities') }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  every_domain.quantity,
  every_domain.year,
  every_domain.area,
  case quantities.preferred_basis
    when 'reported' then coalesce(every_domain.reported_value, every_domain.computed_value)
    else coalesce(every_domain.computed_value, every_domain.reported_value)
  end as value,
  case
    when every_domain.computed_value is null then 'reported'
    when every_domain.reported_value is null then 'computed'
    else quantities.preferred_basis
  end as basis,
  every_domain.numerator,
  every_domain.denominator,
  every_domain.computed_value,
  every_domain.reported_value,
  every_domain.is_flagged,
  case
    when every_domain.computed_value is null then every_domain.reported_rows
    when every_domain.reported_value is null or quantities.preferred_basis = 'computed' then every_domain.computed_rows
    else every_domain.reported_rows
  end as source_rows
from every_domain
inner join {{ ref('quantities') }} as quantities on every_domain.quantity = quantities.quantity
where coalesce(every_domain.computed_value, every_domain.reported_value) is not null
