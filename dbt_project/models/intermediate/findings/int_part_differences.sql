{% for dataset in checked_datasets('part_total') %}
{% set part_field = dataset_check(dataset, 'part_total').field %}
{{ total_differences(
  dataset, 'part_total', total=is_total(part_field), part='not ' ~ is_total(part_field)
) }}
{{ 'union all' if not loop.last }}
{% endfor %}
