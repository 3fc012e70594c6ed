{# A model of a dataset of many rows that is worked out per year of the lake and kept: a year whose files
   are those of the last time is read back. What is kept is named by all it follows from (the files, the
   model's SQL, the engine), so that it is never out of date and may be deleted at any time.
   config: kept_from, the dataset whose source the model reads; it may read intake.submissions beside it
   and nothing else. No row of the model may need two years of the lake. Where a build has no list of
   files (intake.lake_years) and on other engines it is a table. #}
{% materialization kept_by_year, default %}
  {{ return(context['materialization_table_' ~ adapter.type()]()) }}
{% endmaterialization %}


{% materialization kept_by_year, adapter='duckdb' %}
  {%- set dataset = config.require('kept_from') -%}
  {%- set rows = source('lake', dataset) | string -%}
  {%- if rows not in compiled_code -%}
    {{ exceptions.raise_compiler_error(model.name ~ ' does not read its kept_from, ' ~ rows) }}
  {%- endif -%}
  {%- set years = run_query(
    "select rows_sql, keep_as || '-" ~ model.name ~ "-' || md5("
    ~ "'" ~ local_md5(compiled_code) ~ "' || version()) || '.parquet' as path from "
    ~ source('intake', 'lake_years') ~ " where dataset = '" ~ dataset ~ "' order by period_year"
  ) -%}
  {%- if not years | length -%}
    {{ return(context['materialization_table_duckdb']()) }}
  {%- endif -%}

  {%- set paths = [] -%}
  {%- for year in years -%}
    {%- set path = quoted_path(year['path']) -%}
    {%- do paths.append(path) -%}
    {%- if not run_query('select 1 from glob(' ~ path ~ ')') | length -%}
      {%- do write_parquet(compiled_code | replace(rows, year['rows_sql']), path) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(view_of_parquet(paths)) }}
{% endmaterialization %}
