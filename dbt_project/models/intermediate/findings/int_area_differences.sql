{# Every dataset with an area: what the 全县 row says against the sum over the townships. #}
{% set datasets = [
  'afforestation',
  'agricultural_inputs',
  'clean_heating',
  'crop_straw',
  'domestic_waste',
  'farmland_safety',
  'forest_pests',
  'forest_resources',
  'high_standard_farmland',
  'irrigation',
  'livestock_manure',
  'recoverable_waste',
  'rural_sewage',
  'soil_erosion',
  'urban_sewage',
] %}
{% for dataset in datasets %}
{{ total_differences(
  dataset,
  'area',
  total="areas.kind = 'county'",
  part="areas.kind = 'township'",
  lookup='inner join ' ~ ref('contract_areas') ~ ' as areas on delivered.area = areas.area'
) }}
{{ 'union all' if not loop.last }}
{% endfor %}
