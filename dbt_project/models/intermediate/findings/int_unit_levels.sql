{% for dataset in checked_datasets('units') %}
{{ unit_levels(dataset) }}
{{ 'union all' if not loop.last }}
{% endfor %}
