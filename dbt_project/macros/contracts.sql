{# What the contracts say, read from the dbt sources that are generated from them.
   Nothing here, and nothing that uses it, writes a column list a second time. #}


{# The source table lake.<dataset> as dbt knows it. Only while executing: dbt knows no graph before. #}
{% macro lake_source(dataset) %}
  {%- for node in graph.sources.values() -%}
    {%- if node.source_name == 'lake' and node.name == dataset -%}
      {{ return(node) }}
    {%- endif -%}
  {%- endfor -%}
  {{ exceptions.raise_compiler_error(
    "no dataset '" ~ dataset ~ "' in models/sources/lake.yml. Declare it in sources/contracts and"
    ~ " run `make generate`."
  ) }}
{% endmacro %}


{# Names of a dataset's columns, in contract order. `key`: only the key fields; `types`: only fields
   of these contract types; `rows`: also the columns that every accepted row carries. None at all
   is an error unless `needed` says otherwise. #}
{% macro lake_columns(dataset, key=false, types=none, rows=false, needed=true) %}
  {%- if not execute -%}{{ return([]) }}{%- endif -%}
  {%- set names = [] -%}
  {%- for column in lake_source(dataset).columns.values() -%}
    {%- set meta = column.config.meta or {} -%}
    {%- set is_field = 'type' in meta -%}
    {%- if (is_field or rows)
           and (not key or meta.get('key'))
           and (types is none or meta.get('type') in types) -%}
      {%- do names.append(column.name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if needed and not names -%}
    {{ exceptions.raise_compiler_error(
      "dataset '" ~ dataset ~ "' has no such column (key=" ~ key ~ ", types=" ~ types ~ ")"
    ) }}
  {%- endif -%}
  {{ return(names) }}
{% endmacro %}


{# The unit in which a dataset's field is stored. #}
{% macro lake_unit(dataset, field) %}
  {%- if not execute -%}{{ return('') }}{%- endif -%}
  {%- set unit = (lake_source(dataset).columns[field].config.meta or {}).get('unit') -%}
  {%- if not unit -%}
    {{ exceptions.raise_compiler_error(dataset ~ '.' ~ field ~ ' has no unit in its contract') }}
  {%- endif -%}
  {{ return(unit) }}
{% endmacro %}


{# The Chinese title of a dataset's field. #}
{% macro lake_title(dataset, field) %}
  {%- if not execute -%}{{ return('') }}{%- endif -%}
  {{ return((lake_source(dataset).columns[field].config.meta or {}).get('title_zh')) }}
{% endmacro %}


{# The whole of a staging model: the latest version of each key of a dataset.
   A later submission replaces earlier rows with the same key (within one file the last line does);
   a key whose latest version withdraws it (operation 'delete') is left out
   (docs/rules.md#corrections-and-withdrawals).
   `where`: a condition on the delivered rows that holds for all versions of a key or for none. #}
{% macro latest_rows(dataset, where=none) %}
{%- set rows = source('lake', dataset) -%}
{%- set submissions = source('intake', 'submissions') -%}
{%- set columns = lake_columns(dataset, rows=true) -%}
{%- set keys = lake_columns(dataset, key=true) -%}
with
versions as (
  select
    {% for column in columns %}
    delivered.{{ column }},
    {% endfor %}
    submissions.received_at,
    row_number() over (
      partition by {% for key in keys %}delivered.{{ key }}{{ ', ' if not loop.last }}{% endfor %}

      order by submissions.received_at desc, delivered.submission_id desc, delivered.row_number desc
    ) as version_rank
  from {{ rows }} as delivered
  inner join {{ submissions }} as submissions on delivered.submission_id = submissions.submission_id
  {% if where %}where {{ where }}{% endif %}
)

select
  {% for column in columns if column != 'operation' %}
  {{ column }},
  {% endfor %}
  received_at,
  {{ row_key(dataset, 'submission_id', 'row_number', cells='source_cells') }} as source_row
from versions
where version_rank = 1 and operation <> 'delete'
{%- endmacro %}


{# Does a list separated by ; hold an item? #}
{% macro holds(list, item) -%}
  instr(';' || {{ list }} || ';', ';' || {{ item }} || ';') > 0
{%- endmacro %}
