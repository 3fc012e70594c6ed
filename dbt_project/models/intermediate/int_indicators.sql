with
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
  from {{ ref('indicators') }} as indicators
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
)

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
