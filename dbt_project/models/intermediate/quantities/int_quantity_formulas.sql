{# The formula of a level is declared by its macro call; that of a change follows from its level. #}
with
changes as (
  select
    quantity,
    change_of,
    level_symbol,
    case comparison_base when 'previous_year' then 'y-1' else comparison_base end as base
  from {{ ref('quantities') }}
  where change_of is not null
)

select quantity, formula
from (
  {{ declared_formulas() }}
) as levels
union all
select
  quantity,
  '100*(' || level_symbol || '[' || base || ']-' || level_symbol || '[y])/' || level_symbol || '[' || base || '], '
  || level_symbol || ' = ' || change_of as formula
from changes
