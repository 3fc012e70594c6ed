{# A mart of many rows. It is written as a Parquet file beside the build file and seen as a view of it: in
   DuckDB's own format that takes twice as long, and the publication copies it anyway. On other engines it
   is a table. #}
{% materialization parquet_file, default %}
  {{ return(context['materialization_table_' ~ adapter.type()]()) }}
{% endmaterialization %}


{% materialization parquet_file, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set path = "'" ~ (target.path ~ '.' ~ model.name ~ '.parquet') | replace("'", "''") ~ "'" -%}
  {{ run_hooks(pre_hooks) }}
  {%- if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(compiled_code) }}
  {%- endif -%}
  {% call statement('main') -%}
    copy (
      {{ compiled_code }}
    ) to {{ path }} (format parquet, use_tmp_file true)
  {%- endcall %}
  {% call statement('seen_as') -%}
    create or replace view {{ target_relation }} as select * from read_parquet({{ path }})
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
