{% set black_odorous = {
  'black_odorous_share': (['县城', '农村'], 'settings county seat and rural'),
  'black_odorous_share_county_seat': (['县城'], 'setting 县城 only'),
  'black_odorous_share_rural': (['农村'], 'setting 农村 only'),
} %}

{% set formulas = {
  'surface_water_good_share': ratio(
    'section_years',
    {'good_sections': 'assessed sections with annual class I-III'},
    {'sections': 'assessed sections with data'},
    fields={'water_section_quality': [], 'water_sections': []}
  ),
  'surface_water_inferior_share': ratio(
    'section_years',
    {'inferior_sections': 'assessed sections with annual class worse than V'},
    {'sections': 'assessed sections with data'},
    fields={'water_section_quality': [], 'water_sections': []}
  ),
  'urban_sewage_treatment_rate': area_ratio(
    'urban_sewage', 'sum(sewage_treated)', 'sum(sewage_generated)', reported='reported_rate'
  ),
  'rural_sewage_coverage': area_ratio(
    'rural_sewage', 'sum(population_covered)', 'sum(rural_population)', reported='reported_rate'
  ),
  'villages_treated': area_amount('rural_sewage', 'sum(villages_treated)'),
  'rural_population_covered': area_amount('rural_sewage', 'sum(population_covered)'),
  'rural_coverage_of_residents': per_statistic(
    area_amount('rural_sewage', 'sum(population_covered)'), 'resident_population', scale=100
  ),
  'soil_conservation_rate': area_ratio(
    'soil_erosion', 'land_area-eroded_area', 'land_area', reported='reported_rate'
  ),
  'drinking_water_compliance': ratio(
    'drinking_water',
    {'compliant': 'sum(withdrawal_volume where compliant)'},
    {'withdrawn': 'sum(withdrawal_volume)'},
    fields={'drinking_water_sources': ['withdrawal_volume', 'compliant']},
    note=" over the year's samplings of county-seat and township sources;"
    ~ ' where any withdrawal_volume of the year is missing, 100*count(compliant)/count(*)'
  ),
  'drinking_water_source_good_share': ratio(
    'county_seat_source_years',
    {'good': 'county-seat sources whose worst quality_class of the year is I-III'},
    {'objects': 'county-seat sources with data'},
    fields={'drinking_water_sources': ['quality_class']}
  ),
  'groundwater_class5_share': ratio(
    'well_years',
    {'class_5': 'wells whose worst class of the year is V'},
    {'objects': 'wells with data'},
    fields={'groundwater_quality': ['quality_class']}
  ),
  'water_use_total': county_amount('water_use', 'sum(volume)', part='use_sector', unit='亿m³'),
  'water_use_intensity': per_statistic(
    county_amount('water_use', 'sum(volume)', part='use_sector'), 'gdp_2020_prices'
  ),
  'sewage_per_day': per_day(county_amount('wastewater_plants', 'sum(treated_volume)', by_month=true, unit='万m³')),
  'effluent_class_1a_share': ratio(
    'effluent',
    {'compliant': 'plant-months with effluent_cod <= 50 and effluent_ammonia <= 5'},
    {'measured': 'plant-months with both values'},
    fields={'wastewater_plants': ['effluent_cod', 'effluent_ammonia']},
    note=' (GB 18918-2002 level 1A; 8 mg/L ammonia below 12 C is not applied)'
  ),
  'high_efficiency_irrigation': area_amount('irrigation', 'sum(high_efficiency_area)', unit='万亩'),
  'fertigation': area_amount('irrigation', 'sum(fertigation_area)', unit='万亩'),
  'water_saving_irrigation_share': area_ratio(
    'irrigation', 'sum(water_saving_area)', 'sum(effective_irrigated_area)'
  ),
} %}
{% for quantity, (settings, words) in black_odorous.items() %}
{% do formulas.update({
  quantity: ratio(
    quantity,
    {'black_odorous_bodies': 'water bodies with black_odorous = true'},
    {'bodies': 'water bodies listed'},
    fields={'black_odorous_water': ['black_odorous']},
    note=', ' ~ words
  )
}) %}
{% endfor %}

with
classes as (
  select *
  from {{ ref('int_water_section_classes') }}
  where {{ is_assessed('section_name') }}
),

{# The lineage of the sections' classes of a year: the samples on which they are based. #}
section_samples as (
  select
    extract(year from years.period_start) as year,
    {{ rows_where(key='delivered.source_row') }} as sample_rows
  from classes as years
  inner join classes as samples
    on
      years.section_name = samples.section_name
      and years.period_start = date_trunc('year', samples.period_start)
      and years.basis = samples.basis
  inner join {{ ref('stg_water_section_quality') }} as delivered
    on
      samples.section_name = delivered.section_name
      and samples.period_start = delivered.sampled_at
  where years.period = 'year' and samples.period = 'sample'
  group by extract(year from years.period_start)
),

section_counts as (
  select
    extract(year from classes.period_start) as year,
    count(*) as sections,
    count(*) filter (where classes.is_good) as good_sections,
    count(*) filter (where classes.water_class = '劣Ⅴ') as inferior_sections,
    bool_or(classes.is_flagged) as is_flagged,
    {{ rows_where('sections.section_name is not null', key='sections.source_row') }} as section_rows
  from classes
  left join {{ ref('stg_water_sections') }} as sections
    on classes.section_name = sections.section_name
  where classes.period = 'year'
  group by extract(year from classes.period_start)
),

section_years as (
  select
    section_counts.*,
    {{ joined_arrays(['section_samples.sample_rows', 'section_counts.section_rows']) }} as computed_rows
  from section_counts
  left join section_samples on section_counts.year = section_samples.year
),

{% for quantity, (settings, words) in black_odorous.items() %}
{{ quantity }} as (
  select
    year,
    count(*) filter (where black_odorous) as black_odorous_bodies,
    count(*) as bodies,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where() }} as computed_rows
  from {{ ref('stg_black_odorous_water') }}
  where setting in ('{{ settings | join("', '") }}')
  group by year
),

{% endfor %}
{# By volume; where a volume of the year is missing, by number of samplings. #}
drinking_water as (
  select
    extract(year from sampled_on) as year,
    case
      when count(*) = count(withdrawal_volume)
        then coalesce(sum(withdrawal_volume) filter (where compliant), 0)
      else count(*) filter (where compliant)
    end as compliant,
    case when count(*) = count(withdrawal_volume) then sum(withdrawal_volume) else count(*) end as withdrawn,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where() }} as computed_rows
  from {{ ref('stg_drinking_water_sources') }}
  where source_level in ('县城', '乡镇')
  group by extract(year from sampled_on)
),

county_seat_source_years as (
  {{ worst_class_counts('drinking_water_sources', 'source_name', where="samples.source_level = '县城'") }}
),

well_years as (
  {{ worst_class_counts('groundwater_quality', 'well_name') }}
),

class_1a as (
  select
    max(case when determinand = 'effluent_cod' then limit_value end) as cod_limit,
    max(case when determinand = 'effluent_ammonia' then limit_value end) as ammonia_limit
  from {{ ref('effluent_limits') }}
  where standard = '{{ var('class_1a') }}'
),

effluent as (
  select
    extract(year from plants.month) as year,
    count(*) filter (where plants.effluent_cod is not null and plants.effluent_ammonia is not null) as measured,
    count(*) filter (
      where
        {{ at_most('plants.effluent_cod', 'class_1a.cod_limit') }}
        and {{ at_most('plants.effluent_ammonia', 'class_1a.ammonia_limit') }}
    ) as compliant,
    bool_or(plants.flags is not null) as is_flagged,
    {{ rows_where('plants.effluent_cod is not null and plants.effluent_ammonia is not null', key='plants.source_row') }}
      as computed_rows
  from {{ ref('stg_wastewater_plants') }} as plants
  cross join class_1a
  group by extract(year from plants.month)
)

{{ quantity_rows(formulas) }}
