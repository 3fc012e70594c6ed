{# What is missing. To have a dataset looked at is to name it here. #}
{% set series = [
  'air_quality_annual', 'coalbed_methane', 'domestic_waste', 'electricity_use', 'energy_consumption',
  'forest_resources', 'industrial_solid_waste', 'power_generation', 'rural_sewage', 'urban_sewage',
  'wastewater_plants', 'water_section_quality', 'water_use',
] %}
{% set by_township = [
  'afforestation', 'agricultural_inputs', 'clean_heating', 'crop_straw', 'domestic_waste',
  'farmland_safety', 'forest_pests', 'forest_resources', 'high_standard_farmland', 'irrigation',
  'livestock_manure', 'rural_sewage', 'soil_erosion', 'urban_sewage',
] %}
{% set objects = {
  'air_quality_daily': 'station',
  'black_odorous_water': 'water_body',
  'coalbed_methane': 'producer',
  'drinking_water_sources': 'source_name',
  'groundwater_quality': 'well_name',
  'hazardous_waste': 'facility',
  'industrial_solid_waste': 'enterprise',
  'power_generation': 'plant_name',
  'wastewater_plants': 'plant_name',
  'water_section_quality': 'section_name',
} %}
with
steps as (
  {% for dataset in series %}
  {{ period_steps(dataset) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

named_steps as (
  select
    steps.*,
    {% for column in ['first', 'last'] %}
    case
      when is_monthly
        then cast({{ whole_quotient(column ~ '_missing', 12) }} as string) || '-'
          || lpad(cast({{ column }}_missing % 12 + 1 as string), 2, '0')
      else cast({{ column }}_missing as string)
    end as {{ column }}_period{{ ',' if not loop.last }}
    {% endfor %}
  from steps
),

townships as (
  {% for dataset in by_township %}
  {{ townships_delivered(dataset) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

missing_townships as (
  select
    years.dataset,
    years.year,
    count(*) as missing,
    {{ joined_values('areas.area') }} as names
  from (select distinct dataset, year from townships) as years
  inner join {{ ref('contract_areas') }} as areas on areas.kind = 'township'
  left join townships
    on
      years.dataset = townships.dataset
      and years.year = townships.year
      and areas.area = townships.township
  where townships.township is null
  group by years.dataset, years.year
),

objects as (
  {% for dataset, object in objects.items() %}
  {{ objects_delivered(dataset, object) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

-- A year that is not over may still lack some.
shrunk as (
  select objects.dataset, objects.year, earlier.objects as before, objects.objects as after
  from objects
  inner join objects as earlier
    on objects.dataset = earlier.dataset and objects.year = earlier.year + 1
  cross join {{ source('intake', 'build') }} as build
  where objects.objects < earlier.objects and objects.year < extract(year from build.today)
)

select
  'missing_periods' as rule,
  dataset,
  case when is_monthly then {{ whole_quotient('first_missing', 12) }} else first_missing end as year,
  area,
  item,
  first_period as identity,
  '逐期连续' as expected,
  case when first_missing = last_missing then '' else first_period || '至' end || last_period
    || '缺报' as observed,
  cast(step as double) as amount,
  1 as step
from named_steps
union all
select
  'missing_townships' as rule,
  dataset,
  year,
  cast(null as string) as area,
  '' as item,
  cast(null as string) as identity,
  '各乡镇都有' as expected,
  '缺' || names as observed,
  cast(missing as double) as amount,
  1 as step
from missing_townships
union all
select
  'coverage_shrinks' as rule,
  dataset,
  year,
  cast(null as string) as area,
  '' as item,
  cast(null as string) as identity,
  cast(before as string) || '个' as expected,
  cast(after as string) || '个' as observed,
  cast(before - after as double) as amount,
  before / 100.0 as step
from shrunk
