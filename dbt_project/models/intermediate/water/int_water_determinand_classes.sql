{% set ranks = range(1, 6) %}
with
values_of_sections as (
  select
    periods.period,
    periods.section_name,
    periods.period_start,
    periods.determinand,
    periods.value,
    periods.is_flagged,
    coalesce(sections.water_body_type, '河流') as water_body_type
  from {{ ref('int_water_periods') }} as periods
  left join {{ ref('stg_water_sections') }} as sections
    on periods.section_name = sections.section_name
)

{# A determinand with a lower and an upper limit (pH) has two rows in the standard: the worse class is taken. #}
select
  values_of_sections.period,
  values_of_sections.section_name,
  values_of_sections.period_start,
  values_of_sections.determinand,
  max(values_of_sections.value) as value,
  max(
    case
      {% for rank in ranks %}
      when limits.sense = 'max' and {{ at_most('values_of_sections.value', 'limits.class_' ~ rank) }} then {{ rank }}
      when limits.sense = 'min' and {{ at_least('values_of_sections.value', 'limits.class_' ~ rank) }} then {{ rank }}
      {% endfor %}
      else {{ ranks | length + 1 }}
    end
  ) as class_rank,
  bool_or(values_of_sections.is_flagged) as is_flagged
from values_of_sections
inner join {{ ref('surface_water_limits') }} as limits
  on
    values_of_sections.determinand = limits.determinand
    and values_of_sections.water_body_type = limits.water_body_type
group by
  values_of_sections.period,
  values_of_sections.section_name,
  values_of_sections.period_start,
  values_of_sections.determinand
