{% set measured = {'pm25': 'PM2.5', 'so2': 'SO2', 'no2': 'NO2'} %}
{% set emitted = {
  'voc_emission': {'pollutant': '挥发性有机物'},
  'cod_emission': {'pollutant': '化学需氧量'},
  'ammonia_emission': {'pollutant': '氨氮'},
  'nox_emission': {'pollutant': '氮氧化物'},
  'dust_emission': {'pollutant': '烟粉尘'},
  'so2_emission': {'pollutant': '二氧化硫'},
  'industrial_cod_emission': {'pollutant': '化学需氧量', 'source': '工业'},
  'domestic_cod_emission': {'pollutant': '化学需氧量', 'source': '生活'},
  'industrial_ammonia_emission': {'pollutant': '氨氮', 'source': '工业'},
  'domestic_ammonia_emission': {'pollutant': '氨氮', 'source': '生活'},
  'wastewater': {'pollutant': '废水'},
  'industrial_wastewater': {'pollutant': '废水', 'source': '工业'},
  'domestic_wastewater': {'pollutant': '废水', 'source': '生活'},
} %}
{% set indices = {
  'ecological_function_index': '生态功能指数',
  'ecological_quality_index': '生态质量指数',
} %}

{% set formulas = {} %}
{% for pollutant, name in measured.items() %}
{% do formulas.update({
  pollutant ~ '_annual_mean': amount(
    'air_years',
    computed={pollutant ~ '_computed': 'annual mean ' ~ name},
    reported=pollutant ~ '_reported',
    fields={'air_quality_annual': [pollutant], 'air_quality_daily': [pollutant]}
  )
}) %}
{% endfor %}
{% do formulas.update({
  'good_air_day_share': ratio(
    'air_years',
    'good_days',
    'valid_days',
    reported='reported_rate',
    rows='good_day_rows',
    fields={'air_quality_annual': ['good_days', 'valid_days'], 'air_quality_daily': []},
    note='; a good day has daily AQI <= ' ~ var('air_good_aqi')
    ~ ' under the standard in force on that day; valid_days not reported: the days of the year'
  ),
  'heavy_pollution_days': amount(
    'air_years',
    computed={'heavy_days': 'number of days with AQI > ' ~ var('air_heavy_aqi')},
    fields={'air_quality_daily': []}
  ),
  'construction_land_safe_use': county_ratio(
    'construction_land_safety', 'sum(plot_area where safely_used)', 'sum(plot_area)', part='plot_name'
  ),
  'radioactive_sources_stored': ratio(
    'radioactive_sources',
    'sources_stored',
    'sources_due',
    fields={'radioactive_sources': ['sources_stored', 'sources_due']}
  ),
}) %}
{% for quantity, rows in emitted.items() %}
{% do formulas.update({
  quantity: county_amount(
    'pollutant_emissions',
    'sum(emission)',
    part='source',
    only=rows,
    unit='万吨' if rows.pollutant == '废水' else none,
    words='yearly emission of ' ~ rows.pollutant ~ (', source ' ~ rows.source if rows.source else ' over all sources')
  )
}) %}
{% endfor %}
{% for quantity, index_name in indices.items() %}
{% do formulas.update({
  quantity: amount(
    'indices',
    reported={'value': 'value of ' ~ index_name},
    where="index_name = '" ~ index_name ~ "'",
    fields={'reported_indices': ['value']}
  )
}) %}
{% endfor %}

with
air_years as (
  select * from {{ ref('int_air_years') }}
),

radioactive_sources as (
  select
    year,
    sources_stored,
    sources_due,
    flags is not null as is_flagged,
    {{ list_of(['source_row']) }} as computed_rows
  from {{ ref('stg_radioactive_sources') }}
),

indices as (
  select year, index_name, value, flags is not null as is_flagged, {{ list_of(['source_row']) }} as reported_rows
  from {{ ref('stg_reported_indices') }}
)

{{ quantity_rows(formulas) }}
