{# What dbt-spark lacks over a session: rows of seeds, arrays in the fixtures of unit tests. #}


{# The rows of a seed. dbt-spark would bind them as texts: null as `None`, and an apostrophe would end them. #}
{% macro spark__load_csv_rows(model, agate_table) %}
  {%- set types = model['config'].get('column_types', {}) -%}
  {%- set columns = agate_table.column_names -%}
  {%- if not agate_table.rows | length -%}{{ return('') }}{%- endif -%}
  {%- set sql -%}
    insert into {{ this.render() }}
    select
      {%- for column in columns %}
      cast({{ column }} as {{ types.get(column, adapter.convert_type(agate_table, loop.index0)) }}){{ ',' if not loop.last }}
      {%- endfor %}
    from values
      {%- for row in agate_table.rows %}
      ({% for value in row %}{{ spark_literal(value) }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
      {%- endfor %}
    as given ({{ columns | join(', ') }})
  {%- endset -%}
  {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
  {{ return(sql) }}
{% endmacro %}


{# A value of a seed as a literal; Spark reads a backslash as the begin of an escape. #}
{% macro spark_literal(value) -%}
  {%- if value is none -%}
  null
  {%- else -%}
  '{{ (value | string) | replace('\\', '\\\\') | replace("'", "\\'") }}'
  {%- endif -%}
{%- endmacro %}


{# A value of a unit test's fixture. A list is written as DuckDB reads it: [1, 2, NULL]. #}
{% macro spark__safe_cast(field, type) -%}
  {%- set text = field | string -%}
  {%- if type.startswith('array') and text.startswith("'[") -%}
  cast(array({{ text[2:-2] }}) as {{ type }})
  {%- else -%}
  cast({{ field }} as {{ type }})
  {%- endif -%}
{%- endmacro %}


{# The rows of a unit test's fixture. dbt makes each a query of its own and joins them by `union all`, which
   Spark plans row by row, wherever a CTE is used. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
  {%- if target.type != 'spark' or not rows -%}
    {{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}
  {%- endif -%}
  {%- set types = column_name_to_data_types or {} -%}
  {%- if not types -%}
    {%- for column in adapter.get_columns_in_relation(this) -%}
      {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- endfor -%}
  {%- endif -%}
  select * from values
  {%- for row in rows %}
  {%- set given = format_row(row, types) %}
  (
    {%- for column, type in types.items() %}
    {{- given[column] if column in given else safe_cast('null', type) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
  ){{ ',' if not loop.last }}
  {%- endfor %}
  as fixture ({{ types.keys() | join(', ') }})
{% endmacro %}
