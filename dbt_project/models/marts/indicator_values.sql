select
  indicators.indicator_id,
  indicators.name_zh,
  amounts.year,
  {{ first_of_year('amounts.year') }} as period_start,
  amounts.area,
  amounts.value,
  amounts.unit,
  amounts.basis,
  amounts.numerator,
  amounts.denominator,
  amounts.computed_value,
  amounts.reported_value,
  amounts.is_flagged
from {{ ref('int_indicator_values') }} as amounts
inner join {{ ref('int_indicators') }} as indicators
  on amounts.indicator_id = indicators.indicator_id
order by amounts.indicator_id, amounts.year, amounts.area
