{# The month's means against the limits of the section's own target class. Water temperature, pH and
   dissolved oxygen have no multiple (环办〔2011〕22号, 地表水环境质量评价办法): they are exceeded or not. #}
{% set ranks = range(1, 6) %}
with
months as (
  select
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
  where determinands.period = 'month' and {{ is_assessed('determinands.section_name') }}
),

limited as (
  select
    months.*,
    limits.sense,
    case months.target_rank
      {% for rank in ranks %}
      when {{ rank }} then limits.class_{{ rank }}
      {% endfor %}
    end as limit_value
  from months
  inner join {{ ref('surface_water_limits') }} as limits
    on months.determinand = limits.determinand and months.water_body_type = limits.water_body_type
),

exceeded as (
  select
    section_name,
    cast(period_start as date) as month,
    determinand,
    control_level,
    value,
    limit_value,
    case when sense = 'max' and determinand <> 'ph' then value / limit_value - 1 end as multiple,
    is_flagged
  from limited
  where
    (sense = 'max' and not {{ at_most('value', 'limit_value') }})
    or (sense = 'min' and not {{ at_least('value', 'limit_value') }})
),

{# A rate for the determinand itself goes before one for 全部, one for the level before one for any. #}
rated as (
  select
    exceeded.*,
    rates.document,
    rates.base_amount + rates.amount_per_multiple * coalesce(exceeded.multiple, 0) as amount,
    row_number() over (
      partition by exceeded.section_name, exceeded.month, exceeded.determinand
      order by
        case when rates.determinand = exceeded.determinand then 0 else 1 end,
        case when rates.control_level is null then 1 else 0 end,
        rates.valid_from desc
    ) as rate_rank
  from exceeded
  left join {{ ref('section_compensation_rates') }} as rates
    on
      rates.determinand in (exceeded.determinand, '全部')
      and coalesce(rates.control_level, exceeded.control_level) = exceeded.control_level
      and coalesce(exceeded.multiple, 0) >= rates.multiple_from
      and (rates.multiple_to is null or coalesce(exceeded.multiple, 0) < rates.multiple_to)
      and rates.valid_from <= exceeded.month
      and (rates.valid_to is null or rates.valid_to >= exceeded.month)
)

select section_name, month, determinand, value, limit_value, multiple, amount, document, is_flagged
from rated
where rate_rank = 1
