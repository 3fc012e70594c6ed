{% set emissions = {
  'voc_emission': '挥发性有机物',
  'cod_emission': '化学需氧量',
  'ammonia_emission': '氨氮',
  'nox_emission': '氮氧化物',
  'dust_emission': '烟粉尘',
  'so2_emission': '二氧化硫',
} %}
{% set indices = {
  'ecological_function_index': '生态功能指数',
  'ecological_quality_index': '生态质量指数',
} %}
with
air_years as (
  select * from {{ ref('int_air_years') }}
),

emissions as (
  {{ part_sums(
    ref('stg_pollutant_emissions'),
    ['year', 'pollutant'],
    {'emission': 'emission'},
    part='source'
  ) }}
),

plots as (
  {{ part_sums(
    ref('stg_construction_land_safety'),
    ['year'],
    {'safe_area': 'case when safely_used then plot_area else 0 end', 'plot_area': 'plot_area'},
    part='plot_name'
  ) }}
),

indices as (
  select year, index_name, value, flags is not null as is_flagged, {{ list_of(['source_row']) }} as reported_rows
  from {{ ref('stg_reported_indices') }}
)

{% for pollutant in ['pm25', 'so2', 'no2'] %}
{{ amount(pollutant ~ '_annual_mean', 'air_years', computed=pollutant ~ '_computed', reported=pollutant ~ '_reported', area=county()) }}
union all
{% endfor %}
{{ ratio('good_air_day_share', 'air_years', 'good_days', 'valid_days', reported='reported_rate', area=county(), rows='good_day_rows') }}
union all
{% for quantity, pollutant in emissions.items() %}
{{ amount(quantity, 'emissions', computed='emission', area=county()) }}
where pollutant = '{{ pollutant }}'
union all
{% endfor %}
{{ ratio('construction_land_safe_use', 'plots', 'safe_area', 'plot_area', area=county()) }}
{% for quantity, index_name in indices.items() %}
union all
{{ amount(quantity, 'indices', reported='value', area=county()) }}
where index_name = '{{ index_name }}'
{% endfor %}
