"""The DuckDB file in which dbt builds: views of the lake and the tables of a build."""
