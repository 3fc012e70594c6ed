select
  rules.rule,
  jumps.quantity || ' ' || cast(jumps.year as string) || ' ' || jumps.area as subject,
  measured.indicator_ids,
  split_part(quantities.datasets, ';', 1) as dataset,
  jumps.year,
  jumps.area,
  cast(null as string) as submission_id,
  {{ printed('jumps.previous_value') }} || ' ± ' || {{ printed('rules.upper * jumps.usual_change') }} as expected,
  {{ printed('jumps.value') }} as observed,
  cast(jumps.year as string) || '年' || jumps.area || quantities.title_zh || '：由 '
    || {{ printed('jumps.previous_value') }} || ' 变为 ' || {{ printed('jumps.value') }} || '（单位：'
    || quantities.unit || '），变化远大于历年（中位数 ' || {{ printed('jumps.usual_change') }}
    || '）。请核实，或说明原因。' as detail_zh
from {{ ref('int_series_jumps') }} as jumps
inner join {{ ref('quantities') }} as quantities on jumps.quantity = quantities.quantity
left join {{ ref('int_quantity_indicators') }} as measured on jumps.quantity = measured.quantity
inner join {{ ref('rules') }} as rules on rules.rule = 'series_jump'
where
  jumps.change > rules.upper * jumps.usual_change
  and 100 * jumps.change > rules.lower * abs(jumps.previous_value)
