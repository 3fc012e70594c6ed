with
printed as (
  select
    indicator_id,
    plan,
    category,
    seq,
    name_zh,
    unit,
    nature,
    direction,
    baseline_2020,
    baseline_2020_raw,
    target_2025,
    target_2025_raw,
    target_rule,
    quantity
  from {{ ref('indicators') }}
  union all
  -- =, > and about mean at least, except where the target is 0: then at most, like <= (docs/rules.md#text-targets).
  select
    target_id as indicator_id,
    plan,
    '{{ var('text_target_category') }}' as category,
    cast(substr(target_id, 2) as bigint) as seq,
    subject_zh as name_zh,
    coalesce(measured_unit, unit) as unit,
    cast(null as string) as nature,
    case when comparator = '<=' or value = 0 then 'lower_better' else 'higher_better' end as direction,
    cast(null as double) as baseline_2020,
    cast(null as string) as baseline_2020_raw,
    coalesce(measured_value, value) as target_2025,
    comparator || case
      when coalesce(measured_value, value) = floor(coalesce(measured_value, value))
        then cast(cast(coalesce(measured_value, value) as bigint) as string)
      else {{ plain_text('value') }}
    end as target_2025_raw,
    case when comparator = '<=' or value = 0 then 'at_most' else 'numeric' end as target_rule,
    quantity
  from {{ ref('text_targets') }}
  where quantity is not null
),

indicators as (
  select
    indicators.indicator_id,
    indicators.plan,
    indicators.category,
    indicators.seq,
    indicators.name_zh,
    indicators.unit,
    indicators.nature,
    indicators.direction,
    indicators.baseline_2020,
    indicators.baseline_2020_raw,
    indicators.target_2025,
    indicators.target_2025_raw,
    indicators.target_rule,
    indicators.quantity,
    quantities.areas,
    quantities.datasets,
    split_part(quantities.datasets, ';', 1) as first_dataset,
    -- Measured against 2020, 2020 itself is 0: what the plan prints is against another year.
    case
      when quantities.comparison_base = '{{ var('baseline_year') }}' then 0
      else indicators.baseline_2020
    end as starting_value
  from printed as indicators
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
)

select
  indicators.indicator_id,
  case when indicators.nature is null then 'text_target' else 'indicator' end as kind,
  case when indicators.nature is null then '{{ var('text_target_category') }}' else '{{ var('indicator_kind') }}' end
    as kind_zh,
  indicators.plan,
  indicators.category,
  indicators.seq,
  indicators.name_zh,
  indicators.unit,
  indicators.nature,
  indicators.direction,
  indicators.baseline_2020,
  indicators.baseline_2020_raw,
  indicators.target_2025,
  indicators.target_2025_raw,
  indicators.target_rule,
  indicators.quantity,
  indicators.areas,
  indicators.datasets,
  cast(indicators.starting_value as double) as starting_value,
  datasets.domain,
  domains.domain_zh,
  departments.department as responsible_department,
  departments.name_zh as responsible_department_zh
from indicators
inner join {{ ref('contract_datasets') }} as datasets on indicators.first_dataset = datasets.dataset
inner join {{ ref('domains') }} as domains on datasets.domain = domains.domain
inner join {{ ref('contract_departments') }} as departments
  on split_part(datasets.departments_allowed, ';', 1) = departments.department
