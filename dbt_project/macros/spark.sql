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
