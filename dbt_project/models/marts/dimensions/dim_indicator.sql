with
printed as (
  select indicator_id, source_table, section, quantity from {{ ref('indicators') }}
  union all
  select target_id as indicator_id, cast(null as string) as source_table, section, quantity
  from {{ ref('text_targets') }}
  where quantity is not null
),

-- All that one quantity measures has the same values.
measured_alike as (
  select
    mine.indicator_id,
    {{ joined_values('others.indicator_id') }} as same_quantity_ids
  from printed as mine
  inner join printed as others on mine.quantity = others.quantity and mine.indicator_id <> others.indicator_id
  group by mine.indicator_id
)

select
  indicators.indicator_id,
  indicators.kind,
  indicators.kind_zh,
  indicators.plan,
  indicators.category,
  indicators.seq,
  indicators.domain,
  indicators.domain_zh,
  indicators.name_zh,
  indicators.unit,
  quantities.decimals,
  indicators.nature,
  indicators.direction,
  {{ titled('indicators.direction', {'higher_better': '越高越好', 'lower_better': '越低越好'}) }} as direction_zh,
  indicators.quantity,
  quantities.title_zh as quantity_zh,
  quantities.definition_zh,
  formulas.formula,
  indicators.datasets,
  indicators.areas = 'county+township' as has_townships,
  indicators.baseline_2020_raw,
  indicators.target_2025_raw,
  printed.source_table,
  printed.section,
  indicators.responsible_department,
  indicators.responsible_department_zh,
  twins.pair_id,
  twins.twin_id,
  twins.relation as twin_relation,
  {{ titled('twins.relation', {'same': '同一指标', 'similar': '相近', 'definition_differs': '口径不同'}) }} as twin_relation_zh,
  twins.note_zh as twin_note_zh,
  twins.difference_zh as twin_difference_zh,
  twin_progress.status_zh as twin_status_zh,
  progress.status = twin_progress.status as is_twin_status_same,
  measured_alike.same_quantity_ids
from {{ ref('int_indicators') }} as indicators
inner join printed on indicators.indicator_id = printed.indicator_id
inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
inner join {{ ref('int_quantity_formulas') }} as formulas on indicators.quantity = formulas.quantity
inner join {{ ref('indicator_progress') }} as progress on indicators.indicator_id = progress.indicator_id
left join {{ ref('int_indicator_twins') }} as twins on indicators.indicator_id = twins.indicator_id
left join {{ ref('indicator_progress') }} as twin_progress on twins.twin_id = twin_progress.indicator_id
left join measured_alike on indicators.indicator_id = measured_alike.indicator_id
order by indicators.indicator_id
