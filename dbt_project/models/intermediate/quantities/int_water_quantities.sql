with
classes as (
  select *
  from {{ ref('int_water_section_classes') }}
  where {{ is_assessed('section_name') }}
),

{# Behind a section's class: its samples that have what the class was made from, and its registration. #}
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

{% set settings = {'black_odorous_share': ['县城', '农村'], 'black_odorous_share_county_seat': ['县城']} %}
{% for quantity, names in settings.items() %}
{{ quantity }} as (
  select
    year,
    count(*) filter (where black_odorous) as black_odorous_bodies,
    count(*) as bodies,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where() }} as computed_rows
  from {{ ref('stg_black_odorous_water') }}
  where setting in ('{{ names | join("', '") }}')
  group by year
),

{% endfor %}
urban_sewage as (
  {{ area_sums(
    ref('stg_urban_sewage'),
    {'sewage_treated': 'sewage_treated', 'sewage_generated': 'sewage_generated'},
    rate='reported_rate'
  ) }}
),

rural_sewage as (
  {{ area_sums(
    ref('stg_rural_sewage'),
    {'population_covered': 'population_covered', 'rural_population': 'rural_population'},
    rate='reported_rate'
  ) }}
),

soil as (
  {{ area_sums(
    ref('stg_soil_erosion'),
    {'conserved_area': 'land_area - eroded_area', 'land_area': 'land_area'},
    rate='reported_rate'
  ) }}
),

{# By volume; where one volume of the year is missing, by samplings. #}
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

county_seat_sources as (
  select
    extract(year from sources.sampled_on) as year,
    sources.source_name,
    max(classes.class_rank) as class_rank,
    bool_or(sources.flags is not null) as is_flagged,
    {{ rows_where(key='sources.source_row') }} as computed_rows
  from {{ ref('stg_drinking_water_sources') }} as sources
  inner join {{ ref('water_classes') }} as classes on sources.quality_class = classes.water_class
  where sources.source_level = '县城'
  group by extract(year from sources.sampled_on), sources.source_name
),

county_seat_source_years as (
  select
    sources.year,
    count(*) filter (where classes.is_good) as good_sources,
    count(*) as sources,
    bool_or(sources.is_flagged) as is_flagged,
    {{ grouped_rows('sources.computed_rows') }} as computed_rows
  from county_seat_sources as sources
  inner join {{ ref('water_classes') }} as classes on sources.class_rank = classes.class_rank
  group by sources.year
),

wells as (
  select
    extract(year from samples.sampled_on) as year,
    samples.well_name,
    max(classes.class_rank) as class_rank,
    bool_or(samples.flags is not null) as is_flagged,
    {{ rows_where(key='samples.source_row') }} as computed_rows
  from {{ ref('stg_groundwater_quality') }} as samples
  inner join {{ ref('water_classes') }} as classes on samples.quality_class = classes.water_class
  group by extract(year from samples.sampled_on), samples.well_name
),

well_years as (
  select
    wells.year,
    count(*) filter (where classes.water_class = 'Ⅴ') as class5_wells,
    count(*) as wells,
    bool_or(wells.is_flagged) as is_flagged,
    {{ grouped_rows('wells.computed_rows') }} as computed_rows
  from wells
  inner join {{ ref('water_classes') }} as classes on wells.class_rank = classes.class_rank
  group by wells.year
),

water_use as (
  {{ part_sums(ref('stg_water_use'), ['year'], {'volume': 'volume'}, part='use_sector') }}
),

water_use_per_gdp as (
  select
    water_use.year,
    water_use.volume,
    statistics.gdp_2020_prices as gdp,
    water_use.is_flagged or statistics.is_flagged as is_flagged,
    {{ joined_arrays(['water_use.computed_rows', 'statistics.gdp_2020_prices_rows']) }} as computed_rows
  from water_use
  inner join {{ ref('int_statistics') }} as statistics on water_use.year = statistics.year
)

{{ ratio('surface_water_good_share', 'section_years', 'good_sections', 'sections', area=county()) }}
union all
{{ ratio('surface_water_inferior_share', 'section_years', 'inferior_sections', 'sections', area=county()) }}
union all
{% for quantity in settings %}
{{ ratio(quantity, quantity, 'black_odorous_bodies', 'bodies', area=county()) }}
union all
{% endfor %}
{{ ratio('urban_sewage_treatment_rate', 'urban_sewage', 'sewage_treated', 'sewage_generated', reported='reported_rate') }}
union all
{{ ratio('rural_sewage_coverage', 'rural_sewage', 'population_covered', 'rural_population', reported='reported_rate') }}
union all
{{ ratio('soil_conservation_rate', 'soil', 'conserved_area', 'land_area', reported='reported_rate') }}
union all
{{ ratio('drinking_water_compliance', 'drinking_water', 'compliant', 'withdrawn', area=county()) }}
union all
{{ ratio('drinking_water_source_good_share', 'county_seat_source_years', 'good_sources', 'sources', area=county()) }}
union all
{{ ratio('groundwater_class5_share', 'well_years', 'class5_wells', 'wells', area=county()) }}
union all
{{ amount('water_use_total', 'water_use', computed=converted('volume', 'water_use', 'volume', '亿m³'), area=county()) }}
union all
{{ ratio('water_use_intensity', 'water_use_per_gdp', 'volume', 'gdp', scale=1, area=county()) }}
