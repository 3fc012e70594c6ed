{# Caps with what was used of them, and what is used without a cap of its own kind. #}
with
build as ({{ county_now() }}),

caps as (select * from {{ ref('int_quota_caps') }}),

uses as (select * from {{ ref('int_quota_uses') }}),

numbers as ({{ supervision_numbers(['water_plan_users']) }}),

{# By permit where both sides name one, else by name. #}
traded as (
  select
    caps.control_item,
    caps.year,
    caps.object_level,
    caps.object,
    sum(trades.trades_in) as trades_in,
    sum(trades.trades_out) as trades_out
  from caps
  inner join {{ ref('int_quota_trades') }} as trades
    on
      caps.control_item = trades.control_item
      and caps.year = trades.year
      and case
        when caps.permit_number is not null and trades.permit_number is not null
          then caps.permit_number = trades.permit_number
        else {{ folded('caps.object') }} = trades.folded_object
      end
  where caps.kind = 'emission' and caps.object_level = '单位'
  group by caps.control_item, caps.year, caps.object_level, caps.object
),

matched as (
  select
    caps.kind,
    caps.control_item,
    caps.year,
    cast(null as date) as month,
    caps.object_level,
    caps.object,
    caps.permit_number,
    uses.township,
    caps.cap,
    caps.cap_basis,
    caps.comparator,
    case when caps.kind = 'emission' then coalesce(trades.trades_in, 0e0) end as trades_in,
    case when caps.kind = 'emission' then coalesce(trades.trades_out, 0e0) end as trades_out,
    cast(null as double) as in_place,
    uses.used,
    uses.used_basis,
    uses.used_declared,
    cast(null as double) as supplied,
    caps.unit,
    caps.document_no,
    caps.is_flagged or coalesce(uses.is_flagged, false) as is_flagged,
    row_number() over (
      partition by caps.kind, caps.control_item, caps.year, caps.object_level, caps.object
      order by case when caps.permit_number = uses.permit_number then 0 else 1 end
    ) as choice
  from caps
  left join uses
    on
      caps.control_item = uses.control_item
      and caps.year = uses.year
      and (caps.object_level = uses.object_level or uses.object_level is null)
      and (
        caps.permit_number = uses.permit_number
        or {{ folded('caps.object') }} = {{ folded('uses.object') }}
        or (uses.object is null and uses.permit_number is null)
      )
  left join traded as trades
    on
      caps.control_item = trades.control_item
      and caps.year = trades.year
      and caps.object_level = trades.object_level
      and caps.object = trades.object
),

{# Meters of industry by year; the last twelve whole months count for this year too. #}
industrial as (
  select
    meters.meter_object,
    extract(year from meters.month) as year,
    max(recent.volume) as last_12_months
  from {{ ref('stg_water_metering') }} as meters
  cross join build
  left join (
    select meter_object, sum(metered_volume) as volume
    from {{ ref('stg_water_metering') }}
    cross join build
    where
      object_kind not in ('供水分区', '水厂')
      and month >= {{ months_after("cast(date_trunc('month', build.today) as date)", '-12') }}
      and month < date_trunc('month', build.today)
    group by meter_object
  ) as recent
    on meters.meter_object = recent.meter_object and extract(year from meters.month) = extract(year from build.today)
  where meters.use_sector = '工业'
  group by meters.meter_object, extract(year from meters.month)
),

unplanned as (
  select
    uses.*
  from uses
  cross join numbers
  inner join industrial on uses.object = industrial.meter_object and uses.year = industrial.year
  left join caps
    on
      caps.control_item = '计划用水量'
      and uses.year = caps.year
      and (uses.permit_number = caps.permit_number or {{ folded('uses.object') }} = {{ folded('caps.object') }})
  where
    uses.control_item = '计划用水量'
    and round(greatest(uses.used, coalesce(industrial.last_12_months, 0e0)) * 10000e0 - numbers.water_plan_users, 6) >= 0
    and caps.year is null
)

select
  kind, control_item, year, month, object_level, object, permit_number, township, cap, cap_basis, comparator, trades_in,
  trades_out, in_place, used, used_basis, used_declared, supplied, unit, document_no, is_flagged
from matched
where choice = 1
union all
select
  'water' as kind, control_item, year, cast(null as date) as month, object_level, object, permit_number, township,
  cast(null as double) as cap, 'none' as cap_basis, '≤' as comparator, cast(null as double) as trades_in,
  cast(null as double) as trades_out, cast(null as double) as in_place, used, used_basis, cast(null as double) as used_declared,
  cast(null as double) as supplied, '万m³' as unit, cast(null as string) as document_no, is_flagged
from unplanned
union all
select
  'water' as kind, '用水总量' as control_item, uses.year, cast(null as date) as month, uses.object_level, uses.object,
  uses.permit_number, uses.township, cast(null as double) as cap, 'none' as cap_basis, '≤' as comparator,
  cast(null as double) as trades_in, cast(null as double) as trades_out, cast(null as double) as in_place, uses.used,
  uses.used_basis, cast(null as double) as used_declared, cast(null as double) as supplied, '万m³' as unit,
  cast(null as string) as document_no, uses.is_flagged
from uses
left join caps
  on
    caps.control_item = '用水总量'
    and uses.year = caps.year
    and uses.object_level = caps.object_level
    and {{ folded('uses.object') }} = {{ folded('caps.object') }}
where uses.control_item = '用水总量' and uses.object_level = '乡镇' and caps.year is null
union all
select
  'leakage' as kind, '管网漏损' as control_item, cast(extract(year from month) as bigint) as year, month, '单位' as object_level,
  meter_object as object, cast(null as string) as permit_number, township, cast(null as double) as cap, 'none' as cap_basis,
  '≤' as comparator, cast(null as double) as trades_in, cast(null as double) as trades_out, cast(null as double) as in_place,
  metered_volume - billed_volume as used, case when billed_volume is not null then 'metered' end as used_basis,
  cast(null as double) as used_declared, metered_volume as supplied, '万m³' as unit, cast(null as string) as document_no,
  flags is not null as is_flagged
from {{ ref('stg_water_metering') }}
where object_kind = '供水分区'
union all
select
  'funds' as kind, fund_source as control_item, year, cast(null as date) as month, '单位' as object_level, project_id as object,
  cast(null as string) as permit_number, cast(null as string) as township, budgeted as cap,
  case when budgeted is null then 'none' else 'budget' end as cap_basis, '≥' as comparator, cast(null as double) as trades_in,
  cast(null as double) as trades_out, in_place, paid as used, case when paid is not null then 'reported' end as used_basis,
  cast(null as double) as used_declared, cast(null as double) as supplied, '万元' as unit, cast(null as string) as document_no,
  flags is not null as is_flagged
from {{ ref('stg_project_funds') }}
union all
select
  'funds' as kind, '完成投资' as control_item, cast(extract(year from month) as bigint) as year, cast(null as date) as month,
  '单位' as object_level, project_id as object, cast(null as string) as permit_number, cast(null as string) as township,
  cast(null as double) as cap, 'none' as cap_basis, '≥' as comparator, cast(null as double) as trades_in,
  cast(null as double) as trades_out, cast(null as double) as in_place,
  max_by(cumulative_investment, month) * 10000e0 as used, 'reported' as used_basis, cast(null as double) as used_declared,
  cast(null as double) as supplied, '万元' as unit, cast(null as string) as document_no, bool_or(flags is not null) as is_flagged
from {{ ref('stg_key_project_progress') }}
where cumulative_investment is not null
group by project_id, cast(extract(year from month) as bigint)
union all
select
  'measures' as kind, measure as control_item, year, cast(null as date) as month, '单位' as object_level, basin_name as object,
  cast(null as string) as permit_number, township, planned_area as cap,
  case when planned_area is null then 'none' else 'allocated' end as cap_basis, '≥' as comparator,
  cast(null as double) as trades_in, cast(null as double) as trades_out, cast(null as double) as in_place, completed_area as used,
  case when completed_area is not null then 'reported' end as used_basis, cast(null as double) as used_declared,
  cast(null as double) as supplied, '公顷' as unit, cast(null as string) as document_no, flags is not null as is_flagged
from {{ ref('stg_basin_measures') }}
union all
select
  'task' as kind, '废旧放射源收贮' as control_item, year, cast(null as date) as month, '全县' as object_level, {{ county() }} as object,
  cast(null as string) as permit_number, cast(null as string) as township, cast(sources_due as double) as cap,
  'allocated' as cap_basis, '≥' as comparator, cast(null as double) as trades_in, cast(null as double) as trades_out,
  cast(null as double) as in_place, cast(sources_stored as double) as used, 'reported' as used_basis,
  cast(null as double) as used_declared, cast(null as double) as supplied, '枚' as unit, cast(null as string) as document_no,
  flags is not null as is_flagged
from {{ ref('stg_radioactive_sources') }}
