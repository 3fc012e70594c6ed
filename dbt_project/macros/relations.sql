{# What rows of a dataset are compared by: their period, their keys in words, sums of their fields. #}


{# The key field that says of which time a row speaks, with its type; none for a register. #}
{% macro lake_period(dataset) %}
  {%- for type in ['year', 'month', 'date', 'datetime'] -%}
    {%- set found = lake_columns(dataset, key=true, types=[type], needed=false) -%}
    {%- if found -%}{{ return({'field': found[0], 'type': type}) }}{%- endif -%}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}


{# The year of a row's key, null where the key has no time. `relation` qualifies the column. #}
{% macro year_of_row(dataset, relation) -%}
  {%- set period = lake_period(dataset) -%}
  {%- if not period -%}
  cast(null as bigint)
  {%- elif period.type == 'year' -%}
  cast({{ relation }}.{{ period.field }} as bigint)
  {%- else -%}
  cast(extract(year from {{ relation }}.{{ period.field }}) as bigint)
  {%- endif -%}
{%- endmacro %}


{# The keys of a row in words, without its year and `without`: 2023-03 凤城镇. #}
{% macro row_in_words(dataset, relation, without=[]) -%}
  {%- set words = [] -%}
  {%- for key in lake_columns(dataset, key=true) if key not in without -%}
    {%- if key in lake_columns(dataset, key=true, types=['month'], needed=false) -%}
      {%- do words.append('substr(cast(' ~ relation ~ '.' ~ key ~ ' as string), 1, 7)') -%}
    {%- elif key not in lake_columns(dataset, key=true, types=['year'], needed=false) -%}
      {%- do words.append('cast(' ~ relation ~ '.' ~ key ~ ' as string)') -%}
    {%- endif -%}
  {%- endfor -%}
  {{ words | join(" || ' ' || ") if words else "''" }}
{%- endmacro %}


{# A column of a row's keys where the dataset has it, else null. #}
{% macro key_or_null(dataset, relation, key) -%}
  {{ relation ~ '.' ~ key if key in lake_columns(dataset, key=true) else 'cast(null as string)' }}
{%- endmacro %}


{# The two sides of the relations of one dataset, row by row; where a field is missing, no row. A
   field with ? counts as 0 where it is missing.
   relations: [{id, rule, sense, left: [fields], right: [fields]}], sense `=` or `<=`.
   Gives rule, relation, sense, dataset, year, area, item, submission_id, left_zh, right_zh,
   left_value, right_value. #}
{% macro relation_sides(dataset, relations) -%}
select
  sides.*,
  case sides.relation
    {% for r in relations %}when '{{ r.id }}' then '{{ relation_title(dataset, r.left) }}' {% endfor %} end as left_zh,
  case sides.relation
    {% for r in relations %}when '{{ r.id }}' then '{{ relation_title(dataset, r.right) }}' {% endfor %} end as right_zh
from (
  select
    kinds.rule,
    kinds.relation,
    kinds.sense,
    '{{ dataset }}' as dataset,
    {{ year_of_row(dataset, 'delivered') }} as year,
    {{ key_or_null(dataset, 'delivered', 'area') }} as area,
    {{ row_in_words(dataset, 'delivered') }} as item,
    delivered.submission_id,
    case kinds.relation
      {% for r in relations %}when '{{ r.id }}' then {{ relation_sum(r.left) }} {% endfor %} end as left_value,
    case kinds.relation
      {% for r in relations %}when '{{ r.id }}' then {{ relation_sum(r.right) }} {% endfor %} end as right_value
  from {{ ref('stg_' ~ dataset) }} as delivered
  cross join (
    {% for r in relations %}
    select '{{ r.rule }}' as rule, '{{ r.id }}' as relation, '{{ r.sense }}' as sense
    {{ 'union all' if not loop.last }}
    {% endfor %}
  ) as kinds
) as sides
where sides.left_value is not null and sides.right_value is not null
{%- endmacro %}

{% macro relation_sum(fields) -%}
  {%- for field in fields -%}
  {%- if field.endswith('?') -%}
  coalesce(cast(delivered.{{ field[:-1] }} as double), 0)
  {%- else -%}
  cast(delivered.{{ field }} as double)
  {%- endif -%}
  {{ ' + ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{% macro relation_title(dataset, fields) -%}
  {%- for field in fields -%}
  {{ lake_title(dataset, field | replace('?', '')) }}{{ ' + ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
