{# The first department that may deliver a dataset answers for it, the first dataset of an indicator for
   the indicator; the others take part. #}
{% set kinds = {'dataset': '数据集', 'indicator': '规划指标', 'text_target': '文本目标', 'key_project': '重点工程'} %}
with
duties as (
  select
    departments.department,
    departments.name_zh as department_zh,
    datasets.dataset,
    datasets.title_zh,
    split_part(datasets.departments_allowed, ';', 1) = departments.department as is_responsible
  from {{ ref('contract_departments') }} as departments
  inner join {{ ref('contract_datasets') }} as datasets
    on {{ holds('datasets.departments_allowed', 'departments.department') }}
),

indicator_datasets as (
  select
    indicators.indicator_id,
    indicators.name_zh,
    indicators.responsible_department,
    case when indicators.category = '{{ var('text_target_category') }}' then 'text_target' else 'indicator' end as item_kind,
    duties.department,
    duties.department_zh,
    duties.dataset,
    duties.title_zh
  from {{ ref('int_indicators') }} as indicators
  inner join duties on {{ holds('indicators.datasets', 'duties.dataset') }}
),

received as (
  select department, dataset, max(received_at) as last_received_at
  from {{ source('intake', 'submissions') }}
  where status in ('accepted', 'partial')
  group by department, dataset
),

needed as (
  select dataset, count(distinct indicator_id) as indicators
  from indicator_datasets
  group by dataset
),

items as (
  select
    duties.department,
    duties.department_zh,
    'dataset' as item_kind,
    duties.dataset as item_id,
    duties.title_zh as item_zh,
    duties.is_responsible,
    duties.dataset as datasets,
    cast(null as string) as status_zh,
    needed.indicators as indicators_depending,
    received.last_received_at
  from duties
  left join needed on duties.dataset = needed.dataset
  left join received on duties.department = received.department and duties.dataset = received.dataset
  union all
  select
    parts.department,
    parts.department_zh,
    parts.item_kind,
    parts.indicator_id as item_id,
    parts.name_zh as item_zh,
    parts.department = parts.responsible_department as is_responsible,
    {{ joined_values('parts.dataset') }} as datasets,
    max(progress.status_zh) as status_zh,
    cast(null as bigint) as indicators_depending,
    max(received.last_received_at) as last_received_at
  from indicator_datasets as parts
  inner join {{ ref('indicator_progress') }} as progress on parts.indicator_id = progress.indicator_id
  left join received on parts.department = received.department and parts.dataset = received.dataset
  group by
    parts.department, parts.department_zh, parts.item_kind, parts.indicator_id, parts.name_zh,
    parts.responsible_department
  union all
  select
    departments.department,
    departments.name_zh as department_zh,
    'key_project' as item_kind,
    projects.project_id as item_id,
    projects.name_zh as item_zh,
    true as is_responsible,
    cast(null as string) as datasets,
    projects.status as status_zh,
    cast(null as bigint) as indicators_depending,
    cast(null as timestamp) as last_received_at
  from {{ ref('key_projects') }} as projects
  inner join {{ ref('contract_departments') }} as departments on projects.project_unit = departments.name_zh
)

select
  department,
  department_zh,
  item_kind,
  {{ titled('item_kind', kinds) }} as item_kind_zh,
  item_id,
  item_zh,
  is_responsible,
  case when is_responsible then '牵头' else '参与' end as role_zh,
  datasets,
  status_zh,
  indicators_depending,
  last_received_at
from items
order by department, item_kind, item_id
