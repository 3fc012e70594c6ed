{# Relations between number fields of one row, as the contracts declare them. #}


{# Both sides of each relation of a dataset, row by row; no row where a field is missing that is not
   optional (an optional one counts as 0).
   Gives rule, relation, sense, dataset, year, area, item (the row's keys), submission_id, left_value,
   right_value, left_zh, right_zh. #}
{% macro relation_sides(dataset) -%}
{%- set relations = dataset_check(dataset, 'relations') -%}
select
  sides.*,
  case sides.relation
    {% for r in relations %}when '{{ r.id }}' then '{{ titles_of_sum(dataset, r.left) }}' {% endfor %} end as left_zh,
  case sides.relation
    {% for r in relations %}when '{{ r.id }}' then '{{ titles_of_sum(dataset, r.right) }}' {% endfor %} end as right_zh
from (
  select
    kinds.rule,
    kinds.relation,
    kinds.sense,
    '{{ dataset }}' as dataset,
    {{ year_of_row(dataset, 'delivered') }} as year,
    {{ area_of_row(dataset, 'delivered') }} as area,
    {{ key_text(dataset, 'delivered') }} as item,
    delivered.submission_id,
    case kinds.relation
      {% for r in relations %}when '{{ r.id }}' then {{ sum_of_fields(r.left) }} {% endfor %} end as left_value,
    case kinds.relation
      {% for r in relations %}when '{{ r.id }}' then {{ sum_of_fields(r.right) }} {% endfor %} end as right_value
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


{# The sum of some fields of `delivered`, as one side of a relation has them. #}
{% macro sum_of_fields(terms) -%}
  {%- for term in terms -%}
  {%- if term.optional -%}
  coalesce(cast(delivered.{{ term.field }} as double), 0)
  {%- else -%}
  cast(delivered.{{ term.field }} as double)
  {%- endif -%}
  {{ ' + ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}


{# The same sum by the Chinese titles of its fields. #}
{% macro titles_of_sum(dataset, terms) -%}
  {%- for term in terms -%}
  {{ lake_title(dataset, term.field) }}{{ ' + ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
