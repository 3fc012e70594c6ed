{# Quantities of every domain that only targets of the running text need. #}
{% set programmes = {
  'afforested_along_waters': '水网绿化',
  'afforested_along_roads': '交通沿线荒山绿化',
  'new_economic_forest': '特色经济林',
  'new_nurseries': '苗木花卉',
} %}
{% set first_year = var('baseline_year') + 1 %}
with
tree_cover as (
  {{ area_sums(
    ref('stg_forest_resources'),
    {'tree_cover_area': 'tree_cover_area', 'land_area': 'land_area'},
    rate='reported_tree_cover_rate'
  ) }}
),

forest_land as (
  {{ area_sums(ref('stg_forest_resources'), {'forest_land_area': 'forest_land_area'}) }}
),

villages as (
  {{ area_sums(ref('stg_rural_sewage'), {'villages_treated': 'villages_treated'}) }}
),

covered as (
  {{ area_sums(ref('stg_rural_sewage'), {'population_covered': 'population_covered'}) }}
),

covered_residents as (
  select
    covered.year,
    covered.population_covered,
    statistics.resident_population,
    covered.is_flagged or statistics.is_flagged as is_flagged,
    {{ joined_arrays(['covered.computed_rows', 'statistics.resident_population_rows']) }} as computed_rows
  from covered
  inner join {{ ref('int_statistics') }} as statistics on covered.year = statistics.year
  where covered.area = {{ county() }}
),

statistics as (
  select * from {{ ref('int_statistics') }}
),

air_years as (
  select * from {{ ref('int_air_years') }}
),

gas as (
  {{ area_sums(
    ref('stg_clean_heating'),
    {'gas_households': 'gas_households', 'households': 'households'},
    rate='reported_gas_rate'
  ) }}
),

photovoltaic_plants as (
  select
    extract(year from month) as year,
    plant_name,
    max(installed_capacity) as installed_capacity,
    bool_or(flags is not null) as is_flagged,
    max_by(source_row, installed_capacity) as source_row
  from {{ ref('stg_power_generation') }}
  where generation_type = '光伏'
  group by extract(year from month), plant_name
),

photovoltaics as (
  select
    year,
    sum(installed_capacity) as installed_capacity,
    bool_or(is_flagged) as is_flagged,
    {{ rows_where() }} as computed_rows
  from photovoltaic_plants
  group by year
),

class_1a as (
  select
    max(case when determinand = 'effluent_cod' then limit_value end) as cod_limit,
    max(case when determinand = 'effluent_ammonia' then limit_value end) as ammonia_limit
  from {{ ref('effluent_limits') }}
  where standard = '{{ var('class_1a') }}'
),

plant_years as (
  select
    year,
    sum(treated_volume) as treated_volume,
    {{ days_of_year('year') }} as days,
    count(*) filter (where effluent_cod is not null and effluent_ammonia is not null) as measured,
    count(*) filter (
      where {{ at_most('effluent_cod', 'cod_limit') }} and {{ at_most('effluent_ammonia', 'ammonia_limit') }}
    ) as compliant,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where('treated_volume is not null') }} as volume_rows,
    {{ rows_where('effluent_cod is not null and effluent_ammonia is not null') }} as effluent_rows
  from (
    select
      plants.*,
      extract(year from plants.month) as year,
      class_1a.cod_limit,
      class_1a.ammonia_limit
    from {{ ref('stg_wastewater_plants') }} as plants
    cross join class_1a
  ) as plant_months
  group by year
),

manure as (
  {{ area_sums(
    ref('stg_livestock_manure'),
    {'manure_used': 'manure_used', 'manure_generated': 'manure_generated'},
    part='species',
    rate='reported_rate'
  ) }}
),

{% for name, waste_type in {'construction_waste': '建筑垃圾', 'kitchen_waste': '餐厨垃圾'}.items() %}
{{ name }} as (
  {{ area_sums(
    '(select * from ' ~ ref('stg_recoverable_waste') ~ " where waste_type = '" ~ waste_type ~ "')",
    {'recovered': 'recovered', 'generated': 'generated'},
    rate='reported_rate'
  ) }}
),

{% endfor %}
radioactive_sources as (
  select
    year,
    sources_stored,
    sources_due,
    flags is not null as is_flagged,
    {{ list_of(['source_row']) }} as computed_rows
  from {{ ref('stg_radioactive_sources') }}
),

sorted_waste as (
  {{ area_sums_by_month(ref('stg_domestic_waste'), {'sorted': 'sorting_accuracy * collected', 'collected': 'collected'}) }}
),

recycled_waste as (
  {{ area_sums_by_month(ref('stg_domestic_waste'), {'recycled': 'recycled', 'collected': 'collected'}) }}
),

treated_waste as (
  {{ area_sums_by_month(ref('stg_domestic_waste'), {'treated': 'treated', 'collected': 'collected'}) }}
),

{# The last figure of the year of each project of plan A's tables; the appendix of plan B repeats them. #}
project_years as (
  select
    extract(year from progress.month) as year,
    progress.project_id,
    max_by(progress.cumulative_investment, progress.month) as cumulative_investment,
    bool_or(progress.flags is not null) as is_flagged,
    max_by(progress.source_row, progress.month) as source_row
  from {{ ref('stg_key_project_progress') }} as progress
  inner join {{ ref('plan_projects') }} as projects on progress.project_id = projects.project_id
  where projects.source_table like '表7-%'
  group by extract(year from progress.month), progress.project_id
),

investments as (
  select
    year,
    sum(cumulative_investment) as cumulative_investment,
    bool_or(is_flagged) as is_flagged,
    {{ rows_where() }} as computed_rows
  from project_years
  group by year
),

rural_black_water as (
  select
    year,
    count(*) filter (where black_odorous) as black_odorous_bodies,
    count(*) as bodies,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where() }} as computed_rows
  from {{ ref('stg_black_odorous_water') }}
  where setting = '农村'
  group by year
),

{# What is built from the plan's first year on. #}
{% for quantity, programme in programmes.items() %}
{{ quantity }}_by_year as (
  {{ area_sums(
    '(select * from ' ~ ref('stg_afforestation') ~ " where programme = '" ~ programme ~ "' and year >= " ~ first_year ~ ')',
    {'completed_area': 'completed_area'}
  ) }}
),

{{ quantity }} as (
  select
    year,
    area,
    sum(completed_area) over (partition by area order by year) as completed_area,
    bool_or(is_flagged) over (partition by area order by year) as is_flagged,
    {{ grouped_rows(window='over (partition by area order by year)') }} as computed_rows
  from {{ quantity }}_by_year
),

{% endfor %}
{% for column in ['built_area', 'high_efficiency_area', 'investment'] %}
farmland_{{ column }}_by_year as (
  {{ area_sums(
    '(select * from ' ~ ref('stg_high_standard_farmland') ~ ' where year >= ' ~ first_year ~ ')',
    {column: column}
  ) }}
),

farmland_{{ column }} as (
  select
    year,
    area,
    case when {{ column }} is not null then sum({{ column }}) over (partition by area order by year) end as {{ column }},
    bool_or(is_flagged) over (partition by area order by year) as is_flagged,
    {{ grouped_rows(window='over (partition by area order by year)') }} as computed_rows
  from farmland_{{ column }}_by_year
),

{% endfor %}
high_efficiency as (
  {{ area_sums(ref('stg_irrigation'), {'high_efficiency_area': 'high_efficiency_area'}) }}
),

fertigation as (
  {{ area_sums(ref('stg_irrigation'), {'fertigation_area': 'fertigation_area'}) }}
),

water_saving as (
  {{ area_sums(
    ref('stg_irrigation'),
    {'water_saving_area': 'water_saving_area', 'effective_irrigated_area': 'effective_irrigated_area'}
  ) }}
),

inputs as (
  {{ area_sums(ref('stg_agricultural_inputs'), {'applied': 'fertiliser + pesticide'}) }}
),

growth_of_inputs as (
  select
    inputs.year,
    inputs.area,
    inputs.applied - before.applied as growth,
    before.applied as applied_before,
    inputs.is_flagged or before.is_flagged as is_flagged,
    {{ joined_arrays(['inputs.computed_rows', 'before.computed_rows']) }} as computed_rows
  from inputs
  inner join inputs as before on inputs.year = before.year + 1 and inputs.area = before.area
),

methane as (
  select
    extract(year from month) as year,
    sum(output) as output,
    sum(used) as used,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where('output is not null') }} as output_rows,
    {{ rows_where('used is not null') }} as used_rows
  from {{ ref('stg_coalbed_methane') }}
  group by extract(year from month)
)

{{ ratio('tree_cover', 'tree_cover', 'tree_cover_area', 'land_area', reported='reported_rate') }}
union all
{{ amount('forest_land', 'forest_land', computed=converted('forest_land_area', 'forest_resources', 'forest_land_area', '万亩')) }}
union all
{{ amount('villages_treated', 'villages', computed='villages_treated') }}
union all
{{ amount('rural_population_covered', 'covered', computed='population_covered') }}
union all
{{ ratio('rural_coverage_of_residents', 'covered_residents', 'population_covered', 'resident_population', area=county()) }}
union all
{{ amount('gdp', 'statistics', computed='gdp_current * ' ~ unit_factor('亿元', 'denominator') ~ ' / ' ~ unit_factor('亿元', 'numerator'), area=county(), rows='gdp_current_rows') }}
union all
{{ amount('heavy_pollution_days', 'air_years', computed='heavy_days', area=county()) }}
union all
{{ ratio('gas_coverage', 'gas', 'gas_households', 'households', reported='reported_rate') }}
union all
{{ ratio('gas_coverage_county_seat', 'gas', 'gas_households', 'households', reported='reported_rate', area=county()) }}
where area = '县城'
union all
{{ amount('photovoltaic_capacity', 'photovoltaics', computed=converted('installed_capacity', 'power_generation', 'installed_capacity', 'MW'), area=county()) }}
union all
{{ amount('sewage_per_day', 'plant_years', computed=converted('treated_volume', 'wastewater_plants', 'treated_volume', '万m³') ~ ' / days', area=county(), rows='volume_rows') }}
union all
{{ ratio('effluent_class_1a_share', 'plant_years', 'compliant', 'measured', area=county(), rows='effluent_rows') }}
union all
{{ ratio('manure_use_rate', 'manure', 'manure_used', 'manure_generated', reported='reported_rate') }}
union all
{{ ratio('construction_waste_recovery', 'construction_waste', 'recovered', 'generated', reported='reported_rate') }}
union all
{{ ratio('construction_waste_recovery_county_seat', 'construction_waste', 'recovered', 'generated', reported='reported_rate', area=county()) }}
where area = '县城'
union all
{{ ratio('kitchen_waste_recovery', 'kitchen_waste', 'recovered', 'generated', reported='reported_rate') }}
union all
{{ ratio('radioactive_sources_stored', 'radioactive_sources', 'sources_stored', 'sources_due', area=county()) }}
union all
{{ ratio('waste_sorting_accuracy', 'sorted_waste', 'sorted', 'collected', scale=1) }}
union all
{{ ratio('waste_recycling_rate', 'recycled_waste', 'recycled', 'collected') }}
union all
{{ ratio('waste_treatment_rate', 'treated_waste', 'treated', 'collected') }}
union all
{{ amount('project_investment', 'investments', computed='cumulative_investment', area=county()) }}
union all
{{ ratio('black_odorous_share_rural', 'rural_black_water', 'black_odorous_bodies', 'bodies', area=county()) }}
union all
{% for quantity in programmes %}
{{ amount(quantity, quantity, computed=converted('completed_area', 'afforestation', 'completed_area', '亩')) }}
union all
{% endfor %}
{{ amount('new_high_standard_farmland', 'farmland_built_area', computed=converted('built_area', 'high_standard_farmland', 'built_area', '万亩')) }}
union all
{{ amount('new_high_efficiency_farmland', 'farmland_high_efficiency_area', computed=converted('high_efficiency_area', 'high_standard_farmland', 'high_efficiency_area', '万亩')) }}
union all
{{ amount('farmland_investment', 'farmland_investment', computed=converted('investment', 'high_standard_farmland', 'investment', '亿元')) }}
union all
{{ amount('high_efficiency_irrigation', 'high_efficiency', computed=converted('high_efficiency_area', 'irrigation', 'high_efficiency_area', '万亩')) }}
union all
{{ amount('fertigation', 'fertigation', computed=converted('fertigation_area', 'irrigation', 'fertigation_area', '万亩')) }}
union all
{{ ratio('water_saving_irrigation_share', 'water_saving', 'water_saving_area', 'effective_irrigated_area') }}
union all
{{ ratio('agricultural_inputs_growth', 'growth_of_inputs', 'growth', 'applied_before') }}
union all
{{ amount('coalbed_methane_output', 'methane', computed=converted('output', 'coalbed_methane', 'output', '亿m³'), area=county(), rows='output_rows') }}
union all
{{ amount('coalbed_methane_used', 'methane', computed=converted('used', 'coalbed_methane', 'used', '亿m³'), area=county(), rows='used_rows') }}
