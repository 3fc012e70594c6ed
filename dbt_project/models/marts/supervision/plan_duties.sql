{% set archetypes = {
  'register': '名录', 'ledger': '台账', 'readings': '监测', 'quota': '指标', 'movement': '流转', 'visit': '检查', 'score': '评分',
  'indicator': '指标体系',
} %}
{% set states = {'served': '已支撑', 'waiting_for_data': '待数据'} %}
with
parts as (
  select
    function_id,
    count(*) as needed_datasets,
    count(case when is_delivered then 1 end) as delivered_datasets,
    nullif({{ joined_values('case when not is_delivered then titles_zh end') }}, '') as missing_datasets,
    max(latest_period) as latest_period,
    max(latest_received_at) as latest_received_at
  from {{ ref('int_duty_parts') }}
  group by function_id
),

any_dataset as (
  select
    count(*) as accepted,
    max(received_at) as latest_received_at,
    max(case when periods <> '' then {{ last_item('periods', ';') }} end) as latest_period
  from {{ source('intake', 'submissions') }}
  where rows_accepted > 0
),

missing as (
  select
    duties.function_id,
    {{ joined_values('thresholds.threshold_id') }} as missing_thresholds,
    {{ joined_values('thresholds.item') }} as missing_thresholds_zh
  from {{ ref('served_duties') }} as duties
  inner join {{ ref('supervision_thresholds') }} as thresholds
    on instr(coalesce(duties.rule, '') || coalesce(duties.note, ''), '[' || thresholds.threshold_id || ']') > 0
  where thresholds.value is null
  group by duties.function_id
),

judged as (
  select
    duties.*,
    departments.departments_zh,
    coalesce(parts.needed_datasets, 0) as needed_datasets,
    coalesce(parts.delivered_datasets, 0) as delivered_datasets,
    parts.missing_datasets,
    case when parts.function_id is null then any_dataset.latest_period else parts.latest_period end as latest_period,
    case when parts.function_id is null then any_dataset.latest_received_at else parts.latest_received_at end as latest_received_at,
    missing.missing_thresholds,
    missing.missing_thresholds_zh,
    case
      when parts.function_id is null and any_dataset.accepted > 0 then 'served'
      when parts.delivered_datasets = parts.needed_datasets then 'served'
      else 'waiting_for_data'
    end as state
  from {{ ref('served_duties') }} as duties
  cross join any_dataset
  left join parts on duties.function_id = parts.function_id
  left join {{ ref('int_duty_departments') }} as departments on duties.function_id = departments.function_id
  left join missing on duties.function_id = missing.function_id
)

select
  function_id,
  plan,
  section,
  duty_zh,
  quote,
  priority,
  archetype,
  {{ titled('archetype', archetypes) }} as archetype_zh,
  replace(marts, ';', '; ') as marts,
  replace(datasets, ';', '; ') as datasets,
  departments_zh,
  state,
  {{ titled('state', states) }} as state_zh,
  cast(needed_datasets as bigint) as needed_datasets,
  cast(delivered_datasets as bigint) as delivered_datasets,
  missing_datasets,
  latest_period,
  latest_received_at,
  rule_zh,
  missing_thresholds,
  missing_thresholds_zh
from judged
order by function_id
