{# Which datasets are checked and by which of their fields: read from the meta `checks` of the dbt
   sources, which sources/contracts/checked.py works out of the contracts. #}


{# Names of the datasets of which a check is made: periods, townships, objects, revisions, units,
   area_total, part_total or relations. #}
{% macro checked_datasets(check) %}
  {%- if not execute -%}{{ return(datasets_by_check().get(check, [])) }}{%- endif -%}
  {%- set names = [] -%}
  {%- for node in graph.sources.values() -%}
    {%- if node.source_name == 'lake' and check in node.config.meta.checks -%}
      {%- do names.append(node.name) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(names | sort) }}
{% endmacro %}


{# What a check of a dataset is made with; nothing while dbt parses. #}
{% macro dataset_check(dataset, check) %}
  {{ return(lake_source(dataset).config.meta.checks[check] if execute else {}) }}
{% endmacro %}


{# Rows with the name (field) and the Chinese title (title_zh) of these fields of a dataset. #}
{% macro fields_with_titles(dataset, fields) -%}
  {%- for field in fields %}
  select '{{ field }}' as field, '{{ lake_title(dataset, field) }}' as title_zh
  {{ 'union all' if not loop.last }}
  {%- endfor %}
{%- endmacro %}


{# The value of that column among these whose name the column `field` of `relation` holds: column is
   the field's name followed by `suffix`. #}
{% macro value_of_field(relation, fields, values, suffix) -%}
  case {{ relation }}.field{% for field in fields %} when '{{ field }}' then {{ values }}.{{ field }}{{ suffix }}{% endfor %} end
{%- endmacro %}
