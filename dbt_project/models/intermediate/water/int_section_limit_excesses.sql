{# Each sample and each month's means against the limits of the section's own target class. Water
   temperature, pH and dissolved oxygen have no multiple (环办〔2011〕22号, 地表水环境质量评价办法): they
   are exceeded or not. #}
{% set ranks = range(1, 6) %}
with
measured as (
  select
    determinands.period,
    determinands.section_name,
    determinands.period_start,
    determinands.determinand,
    determinands.value,
    determinands.is_flagged,
    sections.control_level,
    coalesce(sections.water_body_type, '河流') as water_body_type,
    targets.class_rank as target_rank
  from {{ ref('int_water_determinand_classes') }} as determinands
  inner join {{ ref('stg_water_sections') }} as sections
    on determinands.section_name = sections.section_name
  inner join {{ ref('water_classes') }} as targets on sections.target_class = targets.water_class
  where determinands.period in ('sample', 'month')
),

limited as (
  select
    measured.*,
    limits.sense,
    limits.unit,
    case measured.target_rank
      {% for rank in ranks %}
      when {{ rank }} then limits.class_{{ rank }}
      {% endfor %}
    end as limit_value
  from measured
  inner join {{ ref('surface_water_limits') }} as limits
    on
      measured.determinand = limits.determinand
      and measured.water_body_type = limits.water_body_type
)

select
  period,
  section_name,
  period_start,
  determinand,
  control_level,
  value,
  limit_value,
  unit,
  -- 0.3 over 0.2 is half above, which the noise of doubles would put below a rate's bound of 0.5
  case when sense = 'max' and determinand <> 'ph' then round(value / limit_value - 1, 9) end as multiple,
  is_flagged
from limited
where
  (sense = 'max' and not {{ at_most('value', 'limit_value') }})
  or (sense = 'min' and not {{ at_least('value', 'limit_value') }})
