{# What was allocated, by the latest issue for each object; else the county's target; else what permits allow.
   A quota in a unit of another dimension than its item's is none (finding quota_unit). #}
with
items as (select * from {{ ref('quota_items') }}),

units as (
  select
    unit,
    dimension,
    cast(to_canonical_numerator as double) / to_canonical_denominator as factor
  from {{ ref('contract_units') }}
),

issues as (
  select
    *,
    row_number() over (
      partition by year, control_item, object_level, object_name order by issued_on desc, received_at desc
    ) as newest
  from {{ ref('stg_quota_allocations') }}
),

allocated as (
  select
    coalesce(items.kind, 'task') as kind,
    issues.control_item,
    issues.year,
    issues.object_level,
    issues.object_name as object,
    upper(issues.object_code) as permit_number,
    case
      when wanted.dimension is null then issues.quantity
      when given.dimension = wanted.dimension then issues.quantity * given.factor / wanted.factor
    end as cap,
    coalesce(issues.comparator, items.comparator, '≥') as comparator,
    case when wanted.dimension is null then issues.unit else items.unit end as unit,
    issues.document_no,
    issues.flags is not null as is_flagged
  from issues
  left join items on issues.control_item = items.control_item
  left join units as given on issues.unit = given.unit
  left join units as wanted on items.unit = wanted.unit
  where issues.newest = 1
),

{# The only control figure that is an indicator's target: B26, in 亿m³. #}
targets as (
  select
    'water' as kind,
    '用水总量' as control_item,
    annual.year,
    '全县' as object_level,
    {{ county() }} as object,
    annual.target_in_force * 10000e0 as cap,
    '≤' as comparator,
    '万m³' as unit
  from {{ ref('indicator_annual') }} as annual
  left join allocated
    on allocated.control_item = '用水总量' and allocated.object_level = '全县' and annual.year = allocated.year
  where
    annual.indicator_id = 'B26'
    and annual.year > {{ var('baseline_year') }}
    and annual.target_in_force is not null
    and allocated.year is null
),

limits as (
  select
    upper(permit_number) as permit_number,
    outlet_code,
    pollutant,
    effective_from,
    lead(effective_from) over (partition by upper(permit_number), outlet_code, pollutant order by effective_from) as replaced_on,
    unit_name,
    annual_limit
  from {{ ref('stg_permit_limits') }}
),

years as (
  select cast(2015 + number as bigint) as year from ({{ whole_numbers(30) }}) as numbers
),

permitted_outlets as (
  select
    limits.permit_number,
    limits.pollutant,
    years.year,
    max(limits.unit_name) as unit_name,
    max(case when limits.outlet_code = '全厂' then limits.annual_limit end) as of_works,
    sum(case when limits.outlet_code <> '全厂' then limits.annual_limit end) as of_outlets
  from limits
  cross join ({{ county_now() }}) as build
  inner join years
    on
      make_date(cast(years.year as int), 12, 31) >= limits.effective_from
      and (limits.replaced_on is null or make_date(cast(years.year as int), 12, 31) < limits.replaced_on)
      and years.year <= extract(year from build.today)
  where limits.annual_limit is not null
  group by limits.permit_number, limits.pollutant, years.year
),

permitted as (
  select
    'emission' as kind,
    outlets.pollutant as control_item,
    outlets.year,
    '单位' as object_level,
    coalesce(outlets.unit_name, outlets.permit_number) as object,
    outlets.permit_number,
    coalesce(outlets.of_works, outlets.of_outlets) as cap,
    '≤' as comparator,
    '吨' as unit
  from permitted_outlets as outlets
  inner join items on outlets.pollutant = items.control_item and items.kind = 'emission'
  left join allocated
    on
      outlets.pollutant = allocated.control_item
      and outlets.year = allocated.year
      and outlets.permit_number = allocated.permit_number
  where allocated.year is null
)

select
  kind,
  control_item,
  year,
  object_level,
  object,
  permit_number,
  cap,
  'allocated' as cap_basis,
  comparator,
  unit,
  document_no,
  is_flagged
from allocated
union all
select
  kind,
  control_item,
  year,
  object_level,
  object,
  cast(null as string) as permit_number,
  cap,
  'target' as cap_basis,
  comparator,
  unit,
  cast(null as string) as document_no,
  false as is_flagged
from targets
union all
select
  kind,
  control_item,
  year,
  object_level,
  object,
  permit_number,
  cap,
  'permit' as cap_basis,
  comparator,
  unit,
  cast(null as string) as document_no,
  false as is_flagged
from permitted
