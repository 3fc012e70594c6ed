with
forest_cover as (
  {{ area_sums(
    ref('stg_forest_resources'),
    {'covered_area': 'forest_area + coalesce(special_shrub_area, 0)', 'land_area': 'land_area'},
    rate='reported_rate'
  ) }}
),

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

{# Where no fire burnt, the year's figures of the forest stand for it, whichever they are. #}
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
    wooded_and_grassed.area,
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
),

redline as (
  {{ part_sums(
    ref('stg_ecological_redline'),
    ['year'],
    {'redline_area': 'redline_area', 'land_area': 'land_area'},
    rate='reported_rate'
  ) }}
)

{{ ratio('forest_cover', 'forest_cover', 'covered_area', 'land_area', reported='reported_rate') }}
union all
{{ ratio('forest_fire_damage_rate', 'fire_damage', 'damaged_area', 'grown_area', scale=1000, nothing='had_no_fire') }}
union all
{{ ratio('forest_pest_disaster_rate', 'pest_damage', 'disaster_area', 'grown_area', scale=1000) }}
union all
{{ ratio('redline_share', 'redline', 'redline_area', 'land_area', reported='reported_rate', area=county()) }}
