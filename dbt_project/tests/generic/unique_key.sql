{# Rows that share their key (`columns` and `optional`), or lack a part of it that is not `optional`. Staging
   models need no such test: they are one row per key by the way latest_rows makes them. #}
{% test unique_key(model, columns, optional=[]) %}
select {{ (columns + optional) | join(', ') }}, count(*) as rows_with_this_key
from {{ model }}
group by {{ (columns + optional) | join(', ') }}
having count(*) > 1{% for column in columns %} or {{ column }} is null{% endfor %}

{% endtest %}
