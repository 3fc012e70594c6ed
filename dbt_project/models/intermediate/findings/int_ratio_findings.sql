select
  rules.rule,
  levels.quantity || ' ' || cast(levels.year as string) || ' ' || levels.area as subject,
  measured.indicator_ids,
  split_part(quantities.datasets, ';', 1) as dataset,
  levels.year,
  levels.area,
  cast(null as string) as submission_id,
  {{ printed('levels.computed_value') }} as expected,
  {{ printed('levels.reported_value') }} as observed,
  cast(levels.year as string) || '年' || levels.area || quantities.title_zh || '：上报比率为 '
    || {{ printed('levels.reported_value') }} || '，由分子分母计算为 '
    || {{ printed('levels.computed_value') }} || '（单位：' || quantities.unit
    || '）。请核实分子、分母与上报比率。' as detail_zh
from {{ ref('int_quantity_levels') }} as levels
inner join {{ ref('quantities') }} as quantities on levels.quantity = quantities.quantity
left join {{ ref('int_quantity_indicators') }} as measured on levels.quantity = measured.quantity
inner join {{ ref('rules') }} as rules on rules.rule = 'reported_ratio_differs'
where
  quantities.unit = '%'
  and {{ differ('levels.computed_value', 'levels.reported_value', 'rules.upper') }}
