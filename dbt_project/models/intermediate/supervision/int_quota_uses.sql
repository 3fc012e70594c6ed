{# What was used of each controlled quantity, in the unit of its item. Each part below gives the uses of one source
   of figures in the same columns; a part says in its name whose uses they are. #}
{% set parts = [
  'emissions_of_sources', 'emissions_of_county', 'water_of_county', 'water_of_sectors', 'water_of_townships', 'water_of_users',
  'energy_of_county', 'air_improvement', 'progress_of_projects', 'indicators_by_area', 'water_intensity',
] %}
with
emissions_of_sources as (
  select
    pollutant as control_item,
    year,
    '单位' as object_level,
    cast(null as string) as object,
    permit_number,
    cast(null as string) as township,
    case when months = 12 then monitored else declared end as used,
    case when months = 12 then 'monitored' when declared is not null then 'declared' end as used_basis,
    case when months = 12 then declared end as used_declared,
    is_flagged
  from {{ ref('int_source_emissions') }}
  where months = 12 or declared is not null
),

county_emissions as (
  select
    year,
    case pollutant when '烟粉尘' then '颗粒物' when '二氧化碳' then '碳排放量' else pollutant end as control_item,
    source,
    emission
  from {{ ref('stg_pollutant_emissions') }}
),

emissions_of_county as (
  select
    control_item,
    year,
    '全县' as object_level,
    {{ county() }} as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    coalesce(sum(case when source <> '合计' then emission end), max(case when source = '合计' then emission end)) as used,
    'statistic' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from county_emissions
  group by control_item, year
),

{# All water, and of it the groundwater. #}
water_used as (
  select '用水总量' as control_item, year, use_sector, volume
  from {{ ref('stg_water_use') }}
  union all
  select '地下水取水量' as control_item, year, use_sector, volume
  from {{ ref('stg_water_use') }}
  where water_source = '地下水'
),

water_of_county as (
  select
    control_item,
    year,
    '全县' as object_level,
    {{ county() }} as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    sum(volume) as used,
    'statistic' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from water_used
  group by control_item, year
),

water_of_sectors as (
  select
    control_item,
    year,
    '行业' as object_level,
    use_sector as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    sum(volume) as used,
    'statistic' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from water_used
  where control_item = '用水总量'
  group by control_item, year, use_sector
),

{# Meters of users; those of zones and works would count the same water twice. #}
meters as (
  select
    cast(extract(year from month) as bigint) as year,
    meter_object,
    upper(abstraction_permit) as abstraction_permit,
    township,
    water_source,
    metered_volume
  from {{ ref('stg_water_metering') }}
  where object_kind not in ('供水分区', '水厂')
),

water_metered as (
  select '用水总量' as control_item, meters.* from meters
  union all
  select '地下水取水量' as control_item, meters.* from meters
  where water_source = '地下水'
),

water_of_townships as (
  select
    control_item,
    year,
    '乡镇' as object_level,
    township as object,
    cast(null as string) as permit_number,
    township,
    sum(metered_volume) as used,
    'metered' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from water_metered
  where township is not null
  group by control_item, year, township
),

water_of_users as (
  select
    control_item,
    year,
    '单位' as object_level,
    meter_object as object,
    max(abstraction_permit) as permit_number,
    cast(null as string) as township,
    sum(metered_volume) as used,
    'metered' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from (
    select * from water_metered
    union all
    select '计划用水量' as control_item, meters.* from meters
  ) as every_item
  group by control_item, year, meter_object
),

{# A row of all products counts only where there is none of its parts. #}
energy_consumed as (
  {{ part_sums(ref('stg_energy_consumption'), ['year'], {'standard_coal': 'standard_coal'}, part='product') }}
),

energy_of_county as (
  select
    '能源消费总量' as control_item,
    year,
    '全县' as object_level,
    {{ county() }} as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    standard_coal as used,
    'statistic' as used_basis,
    cast(null as double) as used_declared,
    is_flagged
  from energy_consumed
),

{# By how much the composite index fell against the year before. #}
air_indexes as (
  select
    year,
    composite_index,
    lag(year) over (order by year) as year_before,
    lag(composite_index) over (order by year) as index_before
  from {{ ref('air_quality_annual') }}
  where station = {{ county() }} and composite_index is not null
),

air_improvement as (
  select
    '环境空气综合指数改善率' as control_item,
    year,
    '全县' as object_level,
    {{ county() }} as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    100e0 * (index_before - composite_index) / nullif(index_before, 0) as used,
    'reported' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from air_indexes
  where year_before = year - 1
),

{# The last report of the year, whoever the project was handed to. #}
progress_of_projects as (
  select
    project_id as control_item,
    cast(extract(year from month) as bigint) as year,
    cast(null as string) as object_level,
    cast(null as string) as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    max_by(physical_progress, month) as used,
    'reported' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from {{ ref('stg_key_project_progress') }}
  where physical_progress is not null
  group by project_id, cast(extract(year from month) as bigint)
),

indicators_by_area as (
  select
    indicator_id as control_item,
    year,
    case when area = {{ county() }} then '全县' else '乡镇' end as object_level,
    area as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    value as used,
    'statistic' as used_basis,
    cast(null as double) as used_declared,
    false as is_flagged
  from {{ ref('indicator_values') }}
),

{# The quantity is in 万m³ a 万元, the item in m³. #}
water_intensity as (
  select
    '万元GDP用水量' as control_item,
    year,
    '全县' as object_level,
    area as object,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    value * 10000e0 as used,
    'statistic' as used_basis,
    cast(null as double) as used_declared,
    is_flagged
  from {{ ref('int_quantity_levels') }}
  where quantity = 'water_use_intensity' and area = {{ county() }}
)

{% for part in parts %}
select
  control_item,
  year,
  object_level,
  object,
  permit_number,
  township,
  used,
  used_basis,
  used_declared,
  is_flagged
from {{ part }}
{{ 'union all' if not loop.last }}
{% endfor %}
