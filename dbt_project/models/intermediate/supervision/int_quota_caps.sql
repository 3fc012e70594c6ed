{# What was allocated, by the latest issue for each object; else the county's target; else what permits allow.
   A quota in a unit of another dimension than its item's is none (finding quota_unit). #}
with
{# Indicators and text targets are controlled in their own unit. #}
items as (
  select control_item, kind, unit, comparator
  from {{ ref('quota_items') }}
  union all
  select
    indicator_id as control_item,
    'task' as kind,
    unit,
    case when direction = 'lower_better' then '≤' else '≥' end as comparator
  from {{ ref('int_indicators') }}
),

units as (
  select
    unit,
    aliases,
    dimension,
    cast(to_canonical_numerator as double) / to_canonical_denominator as factor
  from {{ ref('contract_units') }}
),

issues as (
  select
    delivered.*,
    replace(replace(delivered.unit, '/年', ''), '/a', '') as unit_of_year,
    row_number() over (
      partition by delivered.year, delivered.control_item, delivered.object_level, {{ folded('delivered.object') }}
      order by delivered.issued_on desc, delivered.received_at desc
    ) as newest
  from (
    select
      *,
      case when object_level = '全县' then {{ county() }} else object_name end as object
    from {{ ref('stg_quota_allocations') }}
    cross join ({{ county_now() }}) as build
    where issued_on <= build.today
  ) as delivered
),

allocated as (
  select
    coalesce(items.kind, 'task') as kind,
    issues.control_item,
    issues.year,
    issues.object_level,
    issues.object,
    coalesce(upper(issues.object_code), case when items.kind = 'emission' then names.permit_number end) as permit_number,
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
  left join units as given on {{ names_unit('given', 'issues.unit_of_year') }}
  left join units as wanted on items.unit = wanted.unit
  left join {{ ref('int_permit_names') }} as names on {{ folded('issues.object') }} = names.folded_name
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

permitted as (
  select
    'emission' as kind,
    permits.pollutant as control_item,
    permits.year,
    '单位' as object_level,
    permits.unit_name as object,
    permits.permit_number,
    permits.permitted as cap,
    '≤' as comparator,
    '吨' as unit
  from {{ ref('int_permitted_amounts') }} as permits
  inner join items on permits.pollutant = items.control_item and items.kind = 'emission'
  left join allocated
    on
      permits.pollutant = allocated.control_item
      and permits.year = allocated.year
      and (
        permits.permit_number = allocated.permit_number
        or {{ folded('permits.unit_name') }} = {{ folded('allocated.object') }}
      )
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
