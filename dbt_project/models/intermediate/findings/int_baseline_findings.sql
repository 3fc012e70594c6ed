{# 2020 baselines: the two plans against each other, and against the value computed from data. #}
with
baselines as (
  select
    indicators.indicator_id,
    indicators.name_zh,
    indicators.unit,
    indicators.baseline_2020,
    indicators.baseline_2020_raw,
    computed.value,
    {{ last_digit('indicators.baseline_2020_raw') }} as last_digit
  from {{ ref('int_indicators') }} as indicators
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
  inner join {{ ref('int_indicator_values') }} as computed
    on indicators.indicator_id = computed.indicator_id
  where
    computed.year = {{ var('baseline_year') }}
    and computed.area = {{ county() }}
    and quantities.comparison_base <> '{{ var('baseline_year') }}'
    and indicators.baseline_2020 is not null
)

-- One finding per pair: named from the plan A side.
select
  'baseline_conflict' as rule,
  indicator_id || ' / ' || other_id as subject,
  indicator_id || '; ' || other_id as indicator_ids,
  cast(null as string) as dataset,
  cast({{ var('baseline_year') }} as bigint) as year,
  cast(null as string) as area,
  cast(null as string) as submission_id,
  baseline_2020_raw as expected,
  other_baseline_2020_raw as observed,
  '同一指标在两个规划中印的2020年基准值不同：' || indicator_id || ' 印为 ' || baseline_2020_raw || '，'
    || other_id || ' 印为 ' || other_baseline_2020_raw || '。两者均保留，请核实以哪个为准。' as detail_zh
from {{ ref('int_baseline_conflicts') }}
where indicator_id < other_id
union all
select
  rules.rule,
  baselines.indicator_id as subject,
  baselines.indicator_id as indicator_ids,
  cast(null as string) as dataset,
  cast({{ var('baseline_year') }} as bigint) as year,
  {{ county() }} as area,
  cast(null as string) as submission_id,
  baselines.baseline_2020_raw as expected,
  {{ printed('baselines.value') }} as observed,
  baselines.indicator_id || ' ' || baselines.name_zh || '：按部门报送数据计算的2020年值为 '
    || {{ printed('baselines.value') }} || '，规划印为 ' || baselines.baseline_2020_raw || '（单位：'
    || baselines.unit || '）。请核实报送数据或说明差异原因。' as detail_zh
from baselines
inner join {{ ref('rules') }} as rules on rules.rule = 'baseline_not_reproduced'
where {{ differ('baselines.value', 'baselines.baseline_2020', 'rules.upper * baselines.last_digit') }}
