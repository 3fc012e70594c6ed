{% set first_year = var('baseline_year') + 1 %}
{% set planted = {
  'afforested_along_waters': '水网绿化',
  'afforested_along_roads': '交通沿线荒山绿化',
  'new_economic_forest': '特色经济林',
  'new_nurseries': '苗木花卉',
} %}

{% set formulas = {
  'forest_cover': area_ratio(
    'forest_resources',
    'forest_area+special_shrub_area',
    'land_area',
    reported='reported_rate',
    missing_as_zero={'shrub area': ['special_shrub_area']},
    note='; the reported rate goes first here, because it comes from the forest survey'
  ),
  'tree_cover': area_ratio('forest_resources', 'tree_cover_area', 'land_area', reported='reported_tree_cover_rate'),
  'forest_land': area_amount('forest_resources', 'forest_land_area', unit='万亩'),
  'forest_fire_damage_rate': ratio(
    'fire_damage',
    {'damaged_area': 'sum(damaged_forest_area+damaged_grassland_area)'},
    {'grown_area': 'forest_area+grassland_area'},
    scale=1000,
    zero_when='had_no_fire',
    fields={
      'forest_fires': ['damaged_forest_area', 'damaged_grassland_area'],
      'forest_resources': ['forest_area', 'grassland_area'],
    },
    note=' of the same year; no fire reported in a year that has forest_resources -> 0'
  ),
  'forest_pest_disaster_rate': ratio(
    'pest_damage',
    {'disaster_area': 'sum(disaster_area)'},
    {'grown_area': 'forest_area+grassland_area'},
    scale=1000,
    by_area=true,
    fields={'forest_pests': ['disaster_area'], 'forest_resources': ['forest_area', 'grassland_area']},
    note=', areas in one unit'
  ),
  'redline_share': county_ratio('ecological_redline', 'redline_area', 'land_area', reported='reported_rate'),
} %}
{% for quantity, programme in planted.items() %}
{% do formulas.update({
  quantity: area_amount(
    'afforestation', 'sum(completed_area)', only={'programme': programme}, since=first_year, unit='亩'
  )
}) %}
{% endfor %}

with
grown as (
  {{ area_sums(ref('stg_forest_resources'), {'grown_area': 'forest_area + grassland_area'}) }}
),

wooded_and_grassed as (
  select
    year,
    area,
    {{ converted('grown_area', 'forest_resources', 'forest_area', '公顷') }} as grown_area,
    is_flagged,
    computed_rows
  from grown
),

{# The lineage of a year without a fire: its rows of forest_resources. #}
registered as (
  select year, {{ rows_where() }} as computed_rows
  from {{ ref('stg_forest_resources') }}
  group by year
),

fires as (
  select
    extract(year from started_at) as year,
    sum(damaged_forest_area + coalesce(damaged_grassland_area, 0)) as damaged_area,
    bool_or(flags is not null) as is_flagged,
    {{ rows_where() }} as computed_rows
  from {{ ref('stg_forest_fires') }}
  group by extract(year from started_at)
),

fire_damage as (
  select
    wooded_and_grassed.year,
    case when fires.year is null then 0 else fires.damaged_area end as damaged_area,
    fires.year is null as had_no_fire,
    wooded_and_grassed.grown_area,
    wooded_and_grassed.is_flagged or coalesce(fires.is_flagged, false) as is_flagged,
    case
      when fires.year is null then registered.computed_rows
      else {{ joined_arrays(['fires.computed_rows', 'wooded_and_grassed.computed_rows']) }}
    end as computed_rows
  from wooded_and_grassed
  left join registered on wooded_and_grassed.year = registered.year
  left join fires on wooded_and_grassed.year = fires.year
  where wooded_and_grassed.area = {{ county() }}
),

pests as (
  {{ area_sums(ref('stg_forest_pests'), {'disaster_area': 'disaster_area'}) }}
),

pest_damage as (
  select
    pests.year,
    pests.area,
    {{ converted('pests.disaster_area', 'forest_pests', 'disaster_area', '公顷') }} as disaster_area,
    wooded_and_grassed.grown_area,
    pests.is_flagged or wooded_and_grassed.is_flagged as is_flagged,
    {{ joined_arrays(['pests.computed_rows', 'wooded_and_grassed.computed_rows']) }} as computed_rows
  from pests
  inner join wooded_and_grassed
    on pests.year = wooded_and_grassed.year and pests.area = wooded_and_grassed.area
)

{{ quantity_rows(formulas) }}
