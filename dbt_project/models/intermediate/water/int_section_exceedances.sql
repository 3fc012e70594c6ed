{# The month's means of assessed sections beyond the limits of their target class, and what they cost. #}
with
exceeded as (
  select
    section_name,
    cast(period_start as date) as month,
    determinand,
    control_level,
    value,
    limit_value,
    multiple,
    is_flagged
  from {{ ref('int_section_limit_excesses') }}
  where period = 'month' and {{ is_assessed('section_name') }}
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
