{# Quantities that only the forecasts of plan A need: what came of them. #}
{% set statistics = {
  'resident_population': '万人',
  'urban_population': '万人',
  'rural_population': '万人',
  'industrial_output': '亿元',
} %}
{% set emissions = {
  'wastewater': ('废水', none, '万吨'),
  'industrial_wastewater': ('废水', '工业', '万吨'),
  'domestic_wastewater': ('废水', '生活', '万吨'),
  'industrial_cod_emission': ('化学需氧量', '工业', '吨'),
  'industrial_ammonia_emission': ('氨氮', '工业', '吨'),
  'domestic_cod_emission': ('化学需氧量', '生活', '吨'),
  'domestic_ammonia_emission': ('氨氮', '生活', '吨'),
} %}
with
statistics as (
  select * from {{ ref('int_statistics') }}
),

urbanisation as (
  select
    year,
    urban_population,
    resident_population,
    is_flagged,
    {{ joined_arrays(['urban_population_rows', 'resident_population_rows']) }} as computed_rows
  from statistics
),

{% for quantity, (pollutant, source, unit) in emissions.items() %}
{{ quantity }} as (
  {{ part_sums(
    ref('stg_pollutant_emissions'),
    ['year'],
    {'emission': 'emission'},
    part='source',
    where="pollutant = '" ~ pollutant ~ "'" ~ (" and source = '" ~ source ~ "'" if source else '')
  ) }}
),

{% endfor %}
solid_waste as (
  {{ part_sums(ref('stg_industrial_solid_waste'), ['year'], {'generated': 'generated'}, part='waste_type') }}
),

solid_waste_per_output as (
  select
    solid_waste.year,
    solid_waste.generated,
    statistics.industrial_output,
    solid_waste.is_flagged or statistics.is_flagged as is_flagged,
    {{ joined_arrays(['solid_waste.computed_rows', 'statistics.industrial_output_rows']) }} as computed_rows
  from solid_waste
  inner join statistics on solid_waste.year = statistics.year
),

hazardous_waste as (
  {{ part_sums(
    ref('stg_hazardous_waste'),
    ['year'],
    {'generated': 'generated'},
    part='facility',
    where="waste_class = '危险废物'"
  ) }}
),

domestic_waste as (
  {{ area_sums_by_month(ref('stg_domestic_waste'), {'collected': 'collected'}) }}
)

{% for quantity, unit in statistics.items() %}
{{ amount(
  quantity,
  'statistics',
  computed=quantity ~ ' * ' ~ unit_factor(unit, 'denominator') ~ ' / ' ~ unit_factor(unit, 'numerator'),
  area=county(),
  rows=quantity ~ '_rows'
) }}
union all
{% endfor %}
{{ ratio('urbanisation_rate', 'urbanisation', 'urban_population', 'resident_population', area=county()) }}
union all
{% for quantity, (pollutant, source, unit) in emissions.items() %}
{{ amount(quantity, quantity, computed=converted('emission', 'pollutant_emissions', 'emission', unit), area=county()) }}
union all
{% endfor %}
{{ amount('solid_waste_generated', 'solid_waste', computed=converted('generated', 'industrial_solid_waste', 'generated', '万吨'), area=county()) }}
union all
{{ ratio('solid_waste_intensity', 'solid_waste_per_output', 'generated', 'industrial_output', scale=1, area=county()) }}
union all
{{ amount('hazardous_waste_generated', 'hazardous_waste', computed=converted('generated', 'hazardous_waste', 'generated', '万吨'), area=county()) }}
union all
{{ amount('domestic_waste_per_day', 'domestic_waste', computed='collected / cast(' ~ days_of_year('year') ~ ' as double)', area=county()) }}
where area = {{ county() }}
