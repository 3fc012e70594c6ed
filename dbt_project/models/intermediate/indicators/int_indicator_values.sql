select
  indicators.indicator_id,
  quantities.year,
  quantities.area,
  quantities.value,
  indicators.unit,
  quantities.basis,
  quantities.numerator,
  quantities.denominator,
  quantities.computed_value,
  quantities.reported_value,
  quantities.is_flagged
from {{ ref('int_indicators') }} as indicators
inner join {{ ref('int_quantities') }} as quantities on indicators.quantity = quantities.quantity
where indicators.areas = 'county+township' or quantities.area = {{ county() }}
