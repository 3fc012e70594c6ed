{% for dataset in checked_datasets('revisions') %}
{{ revised_values(dataset) }}
{{ 'union all' if not loop.last }}
{% endfor %}
