{% for dataset in checked_datasets('area_total') %}
{{ total_differences(
  dataset,
  'area_total',
  total="areas.kind = 'county'",
  part="areas.kind = 'township'",
  lookup='inner join ' ~ ref('contract_areas') ~ ' as areas on ' ~ area_of_row(dataset, 'delivered') ~ ' = areas.area'
) }}
{{ 'union all' if not loop.last }}
{% endfor %}
