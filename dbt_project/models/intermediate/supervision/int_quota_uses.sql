{# What was used of each controlled quantity, in the unit of its item. #}
with
emissions_of_county as (
  select
    year,
    case when pollutant = '烟粉尘' then '颗粒物' when pollutant = '二氧化碳' then '碳排放量' else pollutant end as control_item,
    coalesce(sum(case when source <> '合计' then emission end), max(case when source = '合计' then emission end)) as used
  from {{ ref('stg_pollutant_emissions') }}
  group by year, case when pollutant = '烟粉尘' then '颗粒物' when pollutant = '二氧化碳' then '碳排放量' else pollutant end
),

metered as (
  select
    cast(extract(year from month) as bigint) as year,
    meter_object,
    upper(abstraction_permit) as abstraction_permit,
    township,
    use_sector,
    water_source,
    metered_volume
  from {{ ref('stg_water_metering') }}
  where object_kind not in ('供水分区', '水厂')
),

air as (
  select
    year,
    composite_index,
    lag(year) over (order by year) as year_before,
    lag(composite_index) over (order by year) as index_before
  from {{ ref('air_quality_annual') }}
  where station = {{ county() }} and composite_index is not null
),

progress as (
  select
    project_id,
    cast(extract(year from month) as bigint) as year,
    max_by(physical_progress, month) as physical_progress
  from {{ ref('stg_key_project_progress') }}
  where physical_progress is not null
  group by project_id, cast(extract(year from month) as bigint)
)

select
  'emission' as kind,
  pollutant as control_item,
  year,
  '单位' as object_level,
  cast(null as string) as object,
  permit_number,
  case when months = 12 then monitored else declared end as used,
  case when months = 12 then 'monitored' when declared is not null then 'declared' end as used_basis,
  case when months = 12 then declared end as used_declared,
  cast(null as string) as township,
  is_flagged
from {{ ref('int_source_emissions') }}
where months = 12 or declared is not null
{% for kind, item, level, object, permit, used, basis, relation in [
  ("case when control_item = '碳排放量' then 'carbon' else 'emission' end", 'control_item', "'全县'", county(), 'cast(null as string)',
   'used', 'statistic', 'select * from emissions_of_county'),
  ("'water'", "'用水总量'", "'全县'", county(), 'cast(null as string)', 'used', 'statistic',
   'select year, sum(volume) as used from ' ~ ref('stg_water_use') ~ ' group by year'),
  ("'water'", "'地下水取水量'", "'全县'", county(), 'cast(null as string)', 'used', 'statistic',
   "select year, sum(volume) as used from " ~ ref('stg_water_use') ~ " where water_source = '地下水' group by year"),
  ("'water'", "'用水总量'", "'行业'", 'use_sector', 'cast(null as string)', 'used', 'statistic',
   'select year, use_sector, sum(volume) as used from ' ~ ref('stg_water_use') ~ ' group by year, use_sector'),
  ("'water'", "'用水总量'", "'乡镇'", 'township', 'cast(null as string)', 'used', 'metered',
   'select year, township, sum(metered_volume) as used from metered where township is not null group by year, township'),
  ("'water'", "'地下水取水量'", "'乡镇'", 'township', 'cast(null as string)', 'used', 'metered',
   "select year, township, sum(metered_volume) as used from metered where township is not null and water_source = '地下水' group by year, township"),
  ("'water'", "'用水总量'", "'单位'", 'meter_object', 'abstraction_permit', 'used', 'metered',
   'select year, meter_object, max(abstraction_permit) as abstraction_permit, sum(metered_volume) as used from metered group by year, meter_object'),
  ("'water'", "'地下水取水量'", "'单位'", 'meter_object', 'abstraction_permit', 'used', 'metered',
   "select year, meter_object, max(abstraction_permit) as abstraction_permit, sum(metered_volume) as used from metered where water_source = '地下水' group by year, meter_object"),
  ("'water'", "'计划用水量'", "'单位'", 'meter_object', 'abstraction_permit', 'used', 'metered',
   'select year, meter_object, max(abstraction_permit) as abstraction_permit, sum(metered_volume) as used from metered group by year, meter_object'),
  ("'energy'", "'能源消费总量'", "'全县'", county(), 'cast(null as string)', 'used', 'statistic',
   'select year, sum(standard_coal) as used from ' ~ ref('stg_energy_consumption') ~ ' group by year'),
  ("'task'", "'环境空气综合指数改善率'", "'全县'", county(), 'cast(null as string)', 'used', 'reported',
   'select year, 100e0 * (index_before - composite_index) / nullif(index_before, 0) as used from air where year_before = year - 1'),
  ("'task'", 'project_id', 'cast(null as string)', 'cast(null as string)', 'cast(null as string)', 'used', 'reported',
   'select year, project_id, physical_progress as used from progress'),
  ("'task'", 'indicator_id', "case when area = " ~ county() ~ " then '全县' else '乡镇' end", 'area', 'cast(null as string)', 'used', 'statistic',
   'select year, indicator_id, area, value as used from ' ~ ref('indicator_values')),
  ("'water'", "'万元GDP用水量'", "'全县'", county(), 'cast(null as string)', 'used', 'statistic',
   "select year, value as used from " ~ ref('indicator_values') ~ " where indicator_id = 'B25' and area = " ~ county()),
] %}
union all
select
  {{ kind }} as kind,
  {{ item }} as control_item,
  year,
  {{ level }} as object_level,
  {{ object }} as object,
  {{ permit }} as permit_number,
  {{ used }} as used,
  '{{ basis }}' as used_basis,
  cast(null as double) as used_declared,
  {{ 'township' if object == 'township' else 'cast(null as string)' }} as township,
  false as is_flagged
from ({{ relation }}) as uses
{% endfor %}
