{# Where relations live. Schemas are exactly seeds, staging, intermediate, marts and bi: the
   configured name is used as it is, without the target's own schema in front. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}


{# One view per mart for Chinese readers: bi.<title_zh of the mart> with title_zh of each column.
   A title carries the unit of the column (warehouse/publication/marts.py composes it alike).
   A post-hook of the marts. The mart is named by schema and table only, so that the view goes on
   working when the file is copied, renamed or attached under another name.
   Spark has no Chinese names of views: there the load makes them in the build file. #}
{% macro create_bi_view() -%}
  {{- return(adapter.dispatch('create_bi_view')()) -}}
{%- endmacro %}

{% macro default__create_bi_view() -%}
{%- endmacro %}

{% macro duckdb__create_bi_view() -%}
  {%- set columns = [] -%}
  {%- for column in model.columns.values() -%}
    {%- do columns.append(column.name ~ ' as ' ~ adapter.quote(title_with_unit(column, model.name))) -%}
  {%- endfor -%}
  create or replace view bi.{{ adapter.quote(title_zh(model, model.name)) }} as
  select {{ columns | join(', ') }} from {{ this.schema }}.{{ this.identifier }}
{%- endmacro %}


{# The schema of these views. #}
{% macro create_bi_schema() -%}
  {{- return(adapter.dispatch('create_bi_schema')()) -}}
{%- endmacro %}

{% macro default__create_bi_schema() -%}
{%- endmacro %}

{% macro duckdb__create_bi_schema() -%}
  create schema if not exists bi
{%- endmacro %}


{# The Chinese title of a column with the unit of its numbers: PM2.5（μg/m³）. A count is named by what it
   counts. #}
{% macro title_with_unit(column, owner) -%}
  {%- set title = title_zh(column, owner) -%}
  {%- set unit = (column.config.meta or {}).get('unit') -%}
  {%- if unit and unit != '无量纲' and column.data_type == 'double' and unit not in title -%}
    {{- title ~ '（' ~ unit ~ '）' -}}
  {%- else -%}
    {{- title -}}
  {%- endif -%}
{%- endmacro %}


{# The Chinese title in the meta of a model or column; naming the one that lacks it. #}
{% macro title_zh(thing, owner) -%}
  {%- set title = (thing.config.meta or {}).get('title_zh') -%}
  {%- if execute and not title -%}
    {{ exceptions.raise_compiler_error(
      owner ~ ': ' ~ thing.name ~ " has no Chinese title: give it config.meta.title_zh in the"
      ~ " yml beside the model."
    ) }}
  {%- endif -%}
  {{- title -}}
{%- endmacro %}
