{# Views in one statement. dbt-duckdb's own way (make under another name, rename, drop the old one)
   costs three times as long, and nobody reads a build file while it is being built: a mistake costs
   the build either way. Sixty views are a third of a nightly run on little data. #}
{% materialization view, adapter='duckdb' %}
  {%- set relation = this.incorporate(type='view') -%}
  {%- set existing = load_cached_relation(this) -%}
  {{ run_hooks(pre_hooks) }}
  {%- if existing is not none and not existing.is_view -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
  {% call statement('main') -%}
    create or replace view {{ relation }} as (
      {{ sql }}
    )
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {%- do adapter.commit() -%}
  {{ return({'relations': [relation]}) }}
{% endmaterialization %}
