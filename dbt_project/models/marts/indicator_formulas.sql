select
  indicators.indicator_id,
  indicators.name_zh,
  indicators.unit,
  quantities.quantity,
  quantities.title_zh as quantity_zh,
  formulas.formula,
  quantities.datasets,
  quantities.areas,
  quantities.preferred_basis,
  quantities.change_of,
  levels.title_zh as change_of_zh,
  levels.unit as change_of_unit,
  level_formulas.formula as change_of_formula,
  quantities.comparison_base
from {{ ref('int_indicators') }} as indicators
inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
inner join {{ ref('int_quantity_formulas') }} as formulas on quantities.quantity = formulas.quantity
left join {{ ref('quantities') }} as levels on quantities.change_of = levels.quantity
left join {{ ref('int_quantity_formulas') }} as level_formulas on levels.quantity = level_formulas.quantity
order by indicators.indicator_id
