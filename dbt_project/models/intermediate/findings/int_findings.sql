{# What contradicts what, as this build sees it: every rule in one form. How much is too much stands in
   the seed thresholds, the rules' names in finding_rules. Identity over time is findings' business. #}
with
rules as (
  select
    names.rule,
    names.title_zh,
    thresholds.severity,
    thresholds.lower as least,
    thresholds.upper as tolerance
  from {{ ref('finding_rules') }} as names
  inner join {{ ref('thresholds') }} as thresholds on names.rule = thresholds.expectation_id
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
    cast(null as string) as submission_id,
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
    cast(null as string) as submission_id,
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
    cast(null as string) as submission_id,
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
    cast(null as string) as submission_id,
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
    cast(null as string) as submission_id,
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
    cast(null as string) as submission_id,
    {{ printed('air_years.computed') }} as expected,
    {{ printed('air_years.reported') }} as observed,
    cast(air_years.year as string) || '年“' || air_years.title_zh || '”：年度评价报送为 '
      || {{ printed('air_years.reported') }} || '，由全县日均值统计为 '
      || {{ printed('air_years.computed') }} || '。请核实年度评价或日均值。' as detail_zh
  from air_years
  inner join rules on rules.rule = 'air_year_differs'
  where {{ differ('air_years.computed', 'air_years.reported', 'rules.tolerance * air_years.step') }}
),

{# Rows whose fields must balance, or of which one is part of the other. #}
broken_relations as (
  select
    rules.rule,
    trim(
      sides.dataset || '.' || sides.relation || ' ' || coalesce(cast(sides.year as string) || ' ', '')
      || sides.item
    ) as subject,
    cast(null as string) as indicator_ids,
    sides.dataset,
    sides.year,
    sides.area,
    sides.submission_id,
    case when sides.sense = '<=' then '≤ ' else '' end || {{ printed('sides.right_value') }} as expected,
    {{ printed('sides.left_value') }} as observed,
    coalesce(cast(sides.year as string) || '年', '') || datasets.title_zh
      || case when sides.item <> '' then '（' || sides.item || '）' else '' end || '：'
      || sides.left_zh || ' 为 ' || {{ printed('sides.left_value') }}
      || case when sides.sense = '=' then '，与 ' else '，超过 ' end
      || sides.right_zh || ' 的 ' || {{ printed('sides.right_value') }}
      || case when sides.sense = '=' then ' 不相等。' else '。' end || '请核实并重报有误的行。' as detail_zh
  from {{ ref('int_relations') }} as sides
  inner join {{ ref('contract_datasets') }} as datasets on sides.dataset = datasets.dataset
  inner join rules on sides.rule = rules.rule
  where
    (sides.sense = '<=' and sides.left_value > sides.right_value or sides.sense = '=')
    and {{ differ('sides.left_value', 'sides.right_value', 'rules.tolerance * abs(sides.right_value) / 100') }}
),

unlike_statistics as (
  select
    rules.rule,
    'socioeconomics.' || compared.item || ' ' || cast(compared.year as string) as subject,
    cast(null as string) as indicator_ids,
    'socioeconomics' as dataset,
    cast(compared.year as bigint) as year,
    {{ county() }} as area,
    compared.submission_id,
    {{ printed('compared.expected') }} as expected,
    {{ printed('compared.observed') }} as observed,
    cast(compared.year as string) || '年统计指标“' || compared.item || '”：' || compared.observed_zh
      || '为 ' || {{ printed('compared.observed') }} || '，' || compared.expected_zh || '为 '
      || {{ printed('compared.expected') }} || '。请核实有关各项指标。' as detail_zh
  from {{ ref('int_statistic_differences') }} as compared
  inner join rules on compared.rule = rules.rule
  where {{ differ('compared.expected', 'compared.observed', 'rules.tolerance * compared.step') }}
),

revised_values as (
  select
    rules.rule,
    trim(
      revised.dataset || '.' || revised.field || ' ' || coalesce(cast(revised.year as string) || ' ', '')
      || revised.item || case
        when revised.department = revised.earlier_department then ''
        else ' ' || revised.earlier_department
      end
    ) as subject,
    cast(null as string) as indicator_ids,
    revised.dataset,
    revised.year,
    revised.area,
    revised.submission_id,
    {{ printed('revised.earlier_value') }} as expected,
    {{ printed('revised.current_value') }} as observed,
    coalesce(cast(revised.year as string) || '年', '') || datasets.title_zh || '“' || revised.title_zh
      || '”' || case when revised.item <> '' then '（' || revised.item || '）' else '' end || '：'
      || case
        when revised.department = revised.earlier_department then '先前报送为 '
        else others.name_zh || '报送为 '
      end
      || {{ printed('revised.earlier_value') }} || '，'
      || case when revised.department = revised.earlier_department then '现为 ' else departments.name_zh || '报送为 ' end
      || {{ printed('revised.current_value') }} || '。请说明原因，或确认以哪个为准。' as detail_zh
  from {{ ref('int_revisions') }} as revised
  inner join {{ ref('contract_datasets') }} as datasets on revised.dataset = datasets.dataset
  inner join {{ ref('contract_departments') }} as departments on revised.department = departments.department
  inner join {{ ref('contract_departments') }} as others
    on revised.earlier_department = others.department
  inner join rules
    on rules.rule = case
      when revised.department = revised.earlier_department then 'value_revised'
      else 'departments_differ'
    end
  where {{ differ('revised.current_value', 'revised.earlier_value', 'rules.tolerance * abs(revised.current_value) / 100') }}
),

gaps as (
  select
    rules.rule,
    trim(
      missing.dataset || ' ' || coalesce(missing.identity, cast(missing.year as string)) || ' ' || missing.item
    ) as subject,
    cast(null as string) as indicator_ids,
    missing.dataset,
    missing.year,
    missing.area,
    cast(null as string) as submission_id,
    missing.expected,
    missing.observed,
    cast(missing.year as string) || '年' || datasets.title_zh
      || case when missing.item <> '' then '（' || missing.item || '）' else '' end || '：应'
      || missing.expected || '，实际' || missing.observed || '。请补报，或说明原因。' as detail_zh
  from {{ ref('int_coverage') }} as missing
  inner join {{ ref('contract_datasets') }} as datasets on missing.dataset = datasets.dataset
  inner join rules on missing.rule = rules.rule
  where missing.amount > rules.tolerance * missing.step
),

jumps as (
  select
    rules.rule,
    jumps.quantity || ' ' || cast(jumps.year as string) || ' ' || jumps.area as subject,
    measured.indicator_ids,
    split_part(quantities.datasets, ';', 1) as dataset,
    jumps.year,
    jumps.area,
    cast(null as string) as submission_id,
    {{ printed('jumps.previous_value') }} || ' ± ' || {{ printed('rules.tolerance * jumps.usual_change') }} as expected,
    {{ printed('jumps.value') }} as observed,
    cast(jumps.year as string) || '年' || jumps.area || quantities.title_zh || '：由 '
      || {{ printed('jumps.previous_value') }} || ' 变为 ' || {{ printed('jumps.value') }} || '（单位：'
      || quantities.unit || '），变化远大于历年（中位数 ' || {{ printed('jumps.usual_change') }}
      || '）。请核实，或说明原因。' as detail_zh
  from {{ ref('int_series_jumps') }} as jumps
  inner join {{ ref('quantities') }} as quantities on jumps.quantity = quantities.quantity
  left join measured on jumps.quantity = measured.quantity
  inner join rules on rules.rule = 'series_jump'
  where
    jumps.change > rules.tolerance * jumps.usual_change
    and 100 * jumps.change > rules.least * abs(jumps.previous_value)
),

unlike_classes as (
  select
    rules.rule,
    'water_section_quality.reported_class ' || cast(samples.sampled_at as string) || ' '
      || samples.section_name as subject,
    cast(null as string) as indicator_ids,
    'water_section_quality' as dataset,
    cast(extract(year from samples.sampled_at) as bigint) as year,
    cast(null as string) as area,
    samples.submission_id,
    classes.water_class as expected,
    samples.reported_class as observed,
    samples.section_name || cast(samples.sampled_at as string) || '：水质类别报送为 '
      || samples.reported_class || '，由监测值计算为 ' || classes.water_class || '（'
      || classes.worst_determinands || '）。请核实类别或监测值。' as detail_zh
  from {{ ref('stg_water_section_quality') }} as samples
  inner join {{ ref('int_water_section_classes') }} as classes
    on
      classes.period = 'sample'
      and classes.basis = 'computed'
      and samples.section_name = classes.section_name
      and samples.sampled_at = classes.period_start
  inner join {{ ref('water_classes') }} as reported on samples.reported_class = reported.water_class
  inner join rules on rules.rule = 'reported_class_differs'
  where abs(classes.class_rank - reported.class_rank) > rules.tolerance
),

unconfirmed_manifests as (
  select
    rules.rule,
    'hazardous_waste_manifests ' || manifests.manifest_id || ' ' || manifests.waste_code as subject,
    cast(null as string) as indicator_ids,
    'hazardous_waste_manifests' as dataset,
    cast(extract(year from manifests.shipped_on) as bigint) as year,
    cast(null as string) as area,
    manifests.submission_id,
    '接收日期和接收量' as expected,
    '转移 ' || cast(manifests.shipped_on as string) || '，未确认接收' as observed,
    '危险废物转移联单 ' || manifests.manifest_id || '（' || manifests.waste_code || '，'
      || manifests.generator || ' → ' || manifests.receiver || '）：' || cast(manifests.shipped_on as string)
      || ' 转移 ' || {{ printed('manifests.shipped_quantity') }} || ' 吨，至今未确认接收。请补报接收日期和接收量。' as detail_zh
  from {{ ref('stg_hazardous_waste_manifests') }} as manifests
  cross join {{ source('intake', 'build') }} as build
  inner join rules on rules.rule = 'manifest_not_received'
  where
    (manifests.received_on is null or manifests.received_quantity is null)
    and {{ days_between('manifests.shipped_on', 'build.today') }} > rules.tolerance
),

-- The target in force against what other documents say for the same indicator and year.
unlike_targets as (
  select
    rules.rule,
    others.indicator_id || ' ' || cast(others.year as string) || ' ' || others.authority || ' '
      || others.document_no as subject,
    others.indicator_id as indicator_ids,
    'target_assignments' as dataset,
    cast(others.year as bigint) as year,
    {{ county() }} as area,
    others.submission_id,
    in_force.comparator || {{ printed('in_force.target_value') }} as expected,
    others.comparator || {{ printed('others.target_value') }} as observed,
    others.indicator_id || ' ' || cast(others.year as string) || '年目标：' || in_force.authority || '文件 '
      || in_force.document_no || ' 为 ' || in_force.comparator || {{ printed('in_force.target_value') }}
      || '（现行），' || others.authority || '文件 ' || others.document_no || ' 为 ' || others.comparator
      || {{ printed('others.target_value') }} || '。请核实以哪个文件为准。' as detail_zh
  from {{ ref('stg_target_assignments') }} as others
  inner join {{ ref('int_assigned_targets') }} as in_force
    on others.indicator_id = in_force.indicator_id and others.year = in_force.year
  inner join rules on rules.rule = 'targets_differ'
  where
    (others.document_no <> in_force.document_no or others.authority <> in_force.authority)
    and others.target_value is not null
    and {{ differ('others.target_value', 'in_force.target_value', 'rules.tolerance') }}
),

-- What the plans print as targets of one indicator: in both tables, and in the running text.
plan_targets as (
  select
    mine.indicator_id,
    mine.target_2025,
    mine.target_2025_raw,
    other.indicator_id as other_id,
    other.target_2025 as other_target,
    other.target_2025_raw as other_raw
  from {{ ref('indicator_crosswalk') }} as pairs
  inner join {{ ref('indicators') }} as mine on pairs.a_id = mine.indicator_id
  inner join {{ ref('indicators') }} as other on pairs.b_id = other.indicator_id
  where pairs.relation = 'same'
  union all
  select
    mine.indicator_id,
    mine.target_2025,
    mine.target_2025_raw,
    texts.target_id as other_id,
    texts.value as other_target,
    texts.comparator || {{ printed('texts.value') }} as other_raw
  from {{ ref('text_targets') }} as texts
  inner join {{ ref('indicators') }} as mine on texts.as_indicator = mine.indicator_id
  where texts.deadline = '{{ var('target_year') }}' and texts.value is not null
),

unlike_plan_targets as (
  select
    rules.rule,
    plan_targets.indicator_id || ' / ' || plan_targets.other_id as subject,
    plan_targets.indicator_id || '; ' || plan_targets.other_id as indicator_ids,
    cast(null as string) as dataset,
    cast({{ var('target_year') }} as bigint) as year,
    cast(null as string) as area,
    cast(null as string) as submission_id,
    plan_targets.target_2025_raw as expected,
    plan_targets.other_raw as observed,
    '规划印出的{{ var('target_year') }}年目标不一致：' || plan_targets.indicator_id || ' 印为 '
      || plan_targets.target_2025_raw || '，' || plan_targets.other_id || ' 印为 ' || plan_targets.other_raw
      || '。两者均保留，请核实以哪个为准。' as detail_zh
  from plan_targets
  inner join rules on rules.rule = 'plan_target_conflict'
  where
    {{ differ('plan_targets.target_2025', 'plan_targets.other_target', 'rules.tolerance') }}
    or (plan_targets.target_2025 is null) <> (plan_targets.other_target is null)
),

published as (
  select
    earlier.indicator_id,
    earlier.year,
    earlier.area,
    earlier.value as published_value,
    earlier.unit,
    current_values.value,
    indicators.name_zh,
    split_part(quantities.datasets, ';', 1) as dataset,
    rules.rule
  from {{ source('last_publication', 'indicator_values') }} as earlier
  inner join {{ ref('int_indicators') }} as indicators on earlier.indicator_id = indicators.indicator_id
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
  left join {{ ref('int_indicator_values') }} as current_values
    on
      earlier.indicator_id = current_values.indicator_id
      and earlier.year = current_values.year
      and earlier.area = current_values.area
      and current_values.value is not null
  cross join {{ source('intake', 'build') }} as build
  inner join rules
    on rules.rule = case
      when current_values.value is null then 'published_value_lost' else 'published_value_changed'
    end
  where
    current_values.value is null
    or (
      earlier.year < extract(year from build.today)
      and {{ differ('earlier.value', 'current_values.value', 'rules.tolerance * abs(earlier.value) / 100') }}
    )
),

unlike_published as (
  select
    rule,
    indicator_id || ' ' || cast(year as string) || ' ' || area as subject,
    indicator_id as indicator_ids,
    dataset,
    year,
    area,
    cast(null as string) as submission_id,
    {{ printed('published_value') }} as expected,
    coalesce({{ printed('value') }}, '无') as observed,
    indicator_id || ' ' || name_zh || '：' || cast(year as string) || '年' || area || '上次公布为 '
      || {{ printed('published_value') }} || '，现为 ' || coalesce({{ printed('value') }}, '无')
      || '（单位：' || unit || '）。请核实更正是否有据。' as detail_zh
  from published
),

every_finding as (
  {% for name in [
    'baseline_conflicts', 'unlike_baselines', 'unlike_ratios', 'unlike_areas', 'unlike_parts',
    'unlike_air_days', 'unlike_air_years', 'broken_relations', 'unlike_statistics', 'revised_values',
    'gaps', 'jumps', 'unlike_classes', 'unconfirmed_manifests', 'unlike_targets',
    'unlike_plan_targets', 'unlike_published',
  ] %}
  select rule, subject, indicator_ids, dataset, year, area, submission_id, expected, observed, detail_zh
  from {{ name }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

-- Where a finding speaks of an indicator and of no dataset, the indicator's first dataset is asked.
owners as (
  select indicators.indicator_id, split_part(quantities.datasets, ';', 1) as dataset
  from {{ ref('int_indicators') }} as indicators
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
)

select
  substr(md5(every_finding.rule || '|' || every_finding.subject), 1, 12) as finding_id,
  rules.severity,
  every_finding.rule,
  rules.title_zh as rule_zh,
  every_finding.subject,
  every_finding.indicator_ids,
  every_finding.dataset,
  every_finding.year,
  every_finding.area,
  coalesce(submissions.department, split_part(datasets.departments_allowed, ';', 1)) as department,
  every_finding.expected,
  every_finding.observed,
  every_finding.detail_zh
from every_finding
left join rules on every_finding.rule = rules.rule
left join {{ source('intake', 'submissions') }} as submissions
  on every_finding.submission_id = submissions.submission_id
left join owners on split_part(every_finding.indicator_ids, ';', 1) = owners.indicator_id
left join {{ ref('contract_datasets') }} as datasets
  on coalesce(every_finding.dataset, owners.dataset) = datasets.dataset
