{# Datasets whose rows are parts of a whole that may be delivered too, as 合计 or 全部. #}
{% set parts = {
  'afforestation': 'programme',
  'crop_straw': 'crop',
  'energy_consumption': 'product',
  'hazardous_waste': 'facility',
  'industrial_solid_waste': 'waste_type',
  'livestock_manure': 'species',
  'pollutant_emissions': 'source',
} %}
{% for dataset, column in parts.items() %}
{{ total_differences(dataset, column, total=is_total(column), part='not ' ~ is_total(column)) }}
{{ 'union all' if not loop.last }}
{% endfor %}
