{# Values of a column that the table it refers to lacks; keys: {column: table.column}. Empty values refer to
   nothing. Publication reads the keys from here (warehouse/publication/marts.py). #}
{% test foreign_keys(model, keys) %}
{% for column, target in keys.items() %}
{%- set table, key = target.split('.') %}
select '{{ column }}' as column_name, cast(referring.{{ column }} as string) as missing_value, count(*) as row_count
from {{ model }} as referring
left join {{ ref(table) }} as referred on referring.{{ column }} = referred.{{ key }}
where referring.{{ column }} is not null and referred.{{ key }} is null
group by referring.{{ column }}
{{ 'union all' if not loop.last }}
{% endfor %}
{% endtest %}
