with
rules as (
  select rule, severity, title_zh, cast(tolerance as double) as tolerance
  from {{ ref('finding_rules') }}
),

-- One finding per pair: named from the plan A side.
baseline_conflicts as (
  select
    'baseline_conflict' as rule,
    indicator_id || ' / ' || other_id as subject,
    indicator_id || '; ' || other_id as indicator_ids,
    cast(null as string) as dataset,
    cast({{ var('baseline_year') }} as bigint) as year,
    cast(null as string) as area,
    baseline_2020_raw as expected,
    other_baseline_2020_raw as observed,
    '同一指标在两个规划中印的2020年基准值不同：' || indicator_id || ' 印为 ' || baseline_2020_raw || '，'
      || other_id || ' 印为 ' || other_baseline_2020_raw || '。两者均保留，请核实以哪个为准。' as detail_zh
  from {{ ref('int_baseline_conflicts') }}
  where indicator_id < other_id
),

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
),

unlike_baselines as (
  select
    rules.rule,
    baselines.indicator_id as subject,
    baselines.indicator_id as indicator_ids,
    cast(null as string) as dataset,
    cast({{ var('baseline_year') }} as bigint) as year,
    {{ county() }} as area,
    baselines.baseline_2020_raw as expected,
    {{ printed('baselines.value') }} as observed,
    baselines.indicator_id || ' ' || baselines.name_zh || '：按部门报送数据计算的2020年值为 '
      || {{ printed('baselines.value') }} || '，规划印为 ' || baselines.baseline_2020_raw || '（单位：'
      || baselines.unit || '）。请核实报送数据或说明差异原因。' as detail_zh
  from baselines
  inner join rules on rules.rule = 'baseline_not_reproduced'
  where {{ differ('baselines.value', 'baselines.baseline_2020', 'rules.tolerance * baselines.last_digit') }}
),

-- The indicators that a quantity measures.
measured as (
  select quantity, {{ joined_values('indicator_id') }} as indicator_ids
  from {{ ref('indicators') }}
  group by quantity
),

unlike_ratios as (
  select
    rules.rule,
    levels.quantity || ' ' || cast(levels.year as string) || ' ' || levels.area as subject,
    measured.indicator_ids,
    split_part(quantities.datasets, ';', 1) as dataset,
    levels.year,
    levels.area,
    {{ printed('levels.computed_value') }} as expected,
    {{ printed('levels.reported_value') }} as observed,
    cast(levels.year as string) || '年' || levels.area || quantities.title_zh || '：上报比率为 '
      || {{ printed('levels.reported_value') }} || '，由分子分母计算为 '
      || {{ printed('levels.computed_value') }} || '（单位：' || quantities.unit
      || '）。请核实分子、分母与上报比率。' as detail_zh
  from {{ ref('int_quantity_levels') }} as levels
  inner join {{ ref('quantities') }} as quantities on levels.quantity = quantities.quantity
  left join measured on levels.quantity = measured.quantity
  inner join rules on rules.rule = 'reported_ratio_differs'
  where
    quantities.unit = '%'
    and {{ differ('levels.computed_value', 'levels.reported_value', 'rules.tolerance') }}
),

{% for name, model, rule, whole, parts in [
  ('unlike_areas', 'int_area_differences', 'county_differs_from_townships', '全县值', '各乡镇合计'),
  ('unlike_parts', 'int_part_differences', 'total_differs_from_parts', '合计值', '各分项之和'),
] %}
{{ name }} as (
  select
    rules.rule,
    trim(sums.dataset || '.' || sums.field || ' ' || cast(sums.year as string) || ' ' || sums.item) as subject,
    cast(null as string) as indicator_ids,
    sums.dataset,
    sums.year,
    cast(null as string) as area,
    {{ printed('sums.parts_value') }} as expected,
    {{ printed('sums.total_value') }} as observed,
    cast(sums.year as string) || '年' || datasets.title_zh || '“' || sums.title_zh || '”'
      || case when sums.item <> '' then '（' || sums.item || '）' else '' end || '：{{ whole }}为 '
      || {{ printed('sums.total_value') }} || '，{{ parts }}为 '
      || {{ printed('sums.parts_value') }} || '。请核实并重报有误的行。' as detail_zh
  from {{ ref(model) }} as sums
  inner join {{ ref('contract_datasets') }} as datasets on sums.dataset = datasets.dataset
  inner join rules on rules.rule = '{{ rule }}'
  where {{ differ('sums.parts_value', 'sums.total_value', 'rules.tolerance * abs(sums.total_value) / 100') }}
),

{% endfor %}
unlike_air_days as (
  select
    rules.rule,
    'air_quality_daily.' || days.field || ' ' || cast(days.day as string) || ' ' || days.station as subject,
    cast(null as string) as indicator_ids,
    'air_quality_daily' as dataset,
    cast(extract(year from days.day) as bigint) as year,
    cast(null as string) as area,
    {{ printed('days.value_of_hours') }} as expected,
    {{ printed('days.value_delivered') }} as observed,
    days.station || cast(days.day as string) || '“' || days.title_zh || '”：日均值报送为 '
      || {{ printed('days.value_delivered') }} || '，由小时值（或六项浓度）计算为 '
      || {{ printed('days.value_of_hours') }} || '。请核实并重报有误的数据。' as detail_zh
  from {{ ref('int_air_day_differences') }} as days
  inner join rules on rules.rule = 'air_day_differs'
  where {{ differ('days.value_of_hours', 'days.value_delivered', 'rules.tolerance') }}
),

{% set evaluated = {'pm25': 1, 'pm10': 1, 'so2': 1, 'no2': 1, 'co_p95': 0.1, 'o3_8h_p90': 1, 'good_days': 0} %}
air_years as (
  {% for field, step in evaluated.items() %}
  select
    year,
    '{{ field }}' as field,
    '{{ lake_title('air_quality_annual', field) }}' as title_zh,
    cast({{ field }}_computed as double) as computed,
    cast({{ field }}_reported as double) as reported,
    {{ step }} as step
  from {{ ref('int_air_years') }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

unlike_air_years as (
  select
    rules.rule,
    'air_quality_annual.' || air_years.field || ' ' || cast(air_years.year as string) as subject,
    cast(null as string) as indicator_ids,
    'air_quality_annual' as dataset,
    air_years.year,
    {{ county() }} as area,
    {{ printed('air_years.computed') }} as expected,
    {{ printed('air_years.reported') }} as observed,
    cast(air_years.year as string) || '年“' || air_years.title_zh || '”：年度评价报送为 '
      || {{ printed('air_years.reported') }} || '，由全县日均值统计为 '
      || {{ printed('air_years.computed') }} || '。请核实年度评价或日均值。' as detail_zh
  from air_years
  inner join rules on rules.rule = 'air_year_differs'
  where {{ differ('air_years.computed', 'air_years.reported', 'rules.tolerance * air_years.step') }}
),

every_finding as (
  {% for name in [
    'baseline_conflicts', 'unlike_baselines', 'unlike_ratios', 'unlike_areas', 'unlike_parts',
    'unlike_air_days', 'unlike_air_years',
  ] %}
  select rule, subject, indicator_ids, dataset, year, area, expected, observed, detail_zh
  from {{ name }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  md5(every_finding.rule || '|' || every_finding.subject) as finding_id,
  rules.severity,
  every_finding.rule,
  rules.title_zh as rule_zh,
  every_finding.subject,
  every_finding.indicator_ids,
  every_finding.dataset,
  every_finding.year,
  every_finding.area,
  every_finding.expected,
  every_finding.observed,
  every_finding.detail_zh
from every_finding
inner join rules on every_finding.rule = rules.rule
order by every_finding.rule, every_finding.subject
