{# Yearly and monthly reports. What monitors send by the hour or day is not reported twice. Numbers
   whose unit is a column of the row are compared where that column agrees. #}
{% set datasets = {
  'afforestation': none,
  'agricultural_inputs': none,
  'air_quality_annual': none,
  'clean_heating': none,
  'coalbed_methane': none,
  'crop_straw': none,
  'domestic_waste': none,
  'ecological_redline': none,
  'electricity_use': none,
  'energy_consumption': 'quantity_unit',
  'farmland_safety': none,
  'forest_pests': none,
  'forest_resources': none,
  'hazardous_waste': none,
  'high_standard_farmland': none,
  'industrial_solid_waste': none,
  'irrigation': none,
  'key_project_progress': none,
  'livestock_manure': none,
  'pollutant_emissions': none,
  'power_generation': none,
  'radioactive_sources': none,
  'recoverable_waste': none,
  'reported_indices': none,
  'rural_sewage': none,
  'socioeconomics': 'unit',
  'soil_erosion': none,
  'urban_sewage': none,
  'wastewater_plants': none,
  'water_use': none,
} %}
{% for dataset, alike in datasets.items() %}
{{ revised_values(dataset, alike) }}
{{ 'union all' if not loop.last }}
{% endfor %}
