{# Rows that share their key, or have no key. `columns`: the key; without it the key of the contract
   is taken (the model stg_<dataset> stands for the source lake.<dataset>). #}
{% test unique_key(model, columns=none) %}
{%- set keys = columns or lake_columns(model.identifier | replace('stg_', '', 1), key=true) %}
select {{ keys | join(', ') }}, count(*) as rows_with_this_key
from {{ model }}
group by {{ keys | join(', ') }}
having count(*) > 1{% for key in keys %} or {{ key }} is null{% endfor %}

{% endtest %}
