"""The public part of a publication as views, from which the files for the public are made."""

from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse.home.sql import identifier
from warehouse.publication.marts import SCHEMA, Mart
from warehouse.publication.titles import public_columns


def create_views(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> None:
    """Create a temporary view of each public mart by its bare name: its public columns and rows."""
    (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
    for table, columns in public_columns(connection, catalog, marts).items():
        rows = marts[table].public_rows if table in marts else "true"
        connection.execute(
            f"create or replace temp view {identifier(table)} as "
            f"select {', '.join(map(identifier, columns))} "
            f"from {identifier(catalog)}.{SCHEMA}.{identifier(table)} where {rows}"
        )


def records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
