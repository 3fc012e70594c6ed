{# A mart of many rows. It is written as a Parquet file beside the build file and seen as a view of it: in
   DuckDB's own format that takes twice as long, and the publication copies it anyway. On other engines it
   is a table. #}
{% materialization parquet_file, default %}
  {{ return(context['materialization_table_' ~ adapter.type()]()) }}
{% endmaterialization %}


{% materialization parquet_file, adapter='duckdb' %}
  {%- set path = quoted_path(target.path ~ '.' ~ model.name ~ '.parquet') -%}
  {%- if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(compiled_code) }}
  {%- endif -%}
  {%- do write_parquet(compiled_code, path) -%}
  {{ return(view_of_parquet([path])) }}
{% endmaterialization %}


{# What materialisations that write Parquet share. #}


{# A path as a literal. #}
{% macro quoted_path(path) -%}
  {{ return("'" ~ path | replace("'", "''") ~ "'") }}
{%- endmacro %}


{# Write the rows of a query to the path (a literal), which then has all of them or is not there. Their order
   is not kept: for some queries one thread alone would write, and do all that comes right before. #}
{% macro write_parquet(query, path) %}
  {%- do run_query('copy (' ~ query ~ ') to ' ~ path ~ ' (format parquet, use_tmp_file true, preserve_order false)') -%}
{% endmacro %}


{# Make the model a view of these files, and return what a materialisation returns. #}
{% macro view_of_parquet(paths) %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') -%}
    create or replace view {{ target_relation }} as select * from read_parquet([{{ paths | join(', ') }}])
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
