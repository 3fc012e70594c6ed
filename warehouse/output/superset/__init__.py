"""The importable bundle for Apache Superset: datasets, charts and dashboards over the marts."""

from warehouse.output.superset.bundle import BUNDLE, duckdb_uri, write_bundle
from warehouse.output.superset.declared import DeclarationError

__all__ = ["BUNDLE", "DeclarationError", "duckdb_uri", "write_bundle"]
