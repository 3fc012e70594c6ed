"""The marts of a finished DuckDB file: their columns, and the Chinese titles of both.

The Chinese names are those of the views in schema bi, which dbt makes from the models' own titles.
Unlike `warehouse.publication.marts` this needs no dbt project and reads files of any age.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.publication.marts import SCHEMA, VIEWS, Mart

_MART_OF_VIEW = re.compile(rf"\bFROM {SCHEMA}\.\"?(\w+)\"?;?\s*$", re.IGNORECASE)
_SELECTED = re.compile(r"\bAS\s+SELECT\b", re.IGNORECASE)
# A title of ASCII letters alone (AQI, pH) stands without quotes.
_COLUMN_TITLE = re.compile(r'"?(\w+)"? AS (?:"((?:[^"]|"")+)"|(\w+))', re.IGNORECASE)


class UnreadableDatabase(RuntimeError):
    """The file cannot be opened, or is no DuckDB database."""


@dataclass(frozen=True)
class MartTitles:
    """The Chinese titles of a mart and of its columns; its name where it has no view in bi."""

    name: str
    title_zh: str
    columns_zh: Mapping[str, str] = field(default_factory=dict)


def read_titles(database: Path) -> dict[str, MartTitles]:
    """Return the titles of the marts of a DuckDB file, by name of the mart.

    Raises UnreadableDatabase when it is no DuckDB file.
    """
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            names = connection.execute(
                "select table_name from information_schema.tables "
                "where table_catalog = current_database() and table_schema = ?",
                [SCHEMA],
            ).fetchall()
            views = connection.execute(
                "select view_name, sql from duckdb_views() "
                "where database_name = current_database() and schema_name = ?",
                [VIEWS],
            ).fetchall()
    except duckdb.Error as error:
        raise UnreadableDatabase(str(error).split("\n")[0]) from error
    titles = {name: MartTitles(name, name) for (name,) in names}
    for title, sql in views:
        if (found := _MART_OF_VIEW.search(sql)) and found[1] in titles:
            selected = _SELECTED.split(sql, maxsplit=1)[-1]
            pairs = _COLUMN_TITLE.findall(selected)
            columns = {name: quoted or bare for name, quoted, bare in pairs}
            titles[found[1]] = MartTitles(found[1], title, columns)
    return titles


def mart_columns(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """Return the columns of the marts of an attached database, as {mart: {column: type}}."""
    found: dict[str, dict[str, str]] = {}
    for table, column, data_type in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = ? and schema_name = ? order by table_name, column_index",
        [catalog, SCHEMA],
    ).fetchall():
        found.setdefault(table, {})[column] = data_type
    return found


def public_columns(
    connection: duckdb.DuckDBPyConnection, catalog: str, marts: Mapping[str, Mart]
) -> dict[str, dict[str, str]]:
    """Return the columns that may leave the published file, as {mart: {column: type}}."""
    return {
        table: {n: types[n] for n in marts[table].public_columns(types)}
        if table in marts
        else types
        for table, types in mart_columns(connection, catalog).items()
        if table not in marts or marts[table].is_public
    }
