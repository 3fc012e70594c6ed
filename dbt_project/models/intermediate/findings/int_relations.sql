{% for dataset in checked_datasets('relations') %}
{{ relation_sides(dataset) }}
{{ 'union all' if not loop.last }}
{% endfor %}
