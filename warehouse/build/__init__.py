"""The DuckDB file in which dbt builds: views of the lake, tables that describe the build."""
