"""What a finished DuckDB file says of itself: its marts, and the Chinese titles of all columns.

The Chinese names are those of the views in schema bi, which dbt makes from the models' own titles.
Unlike `warehouse.marts` this needs no dbt project: it reads files of any age.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.publication.marts import SCHEMA, VIEWS

_OF_TABLE = re.compile(rf"\bFROM {SCHEMA}\.\"?(\w+)\"?;?\s*$", re.IGNORECASE)
_TITLED = re.compile(r'"?(\w+)"? AS "((?:[^"]|"")+)"', re.IGNORECASE)


class UnreadableDatabase(RuntimeError):
    """The file cannot be opened, or is no DuckDB database."""


@dataclass(frozen=True)
class Mart:
    """A table of schema marts; without a view in schema bi its names stand for its titles."""

    name: str
    title_zh: str
    columns_zh: Mapping[str, str] = field(default_factory=dict)


def read_marts(database: Path) -> dict[str, Mart]:
    """The marts of a DuckDB file by name. Raises UnreadableDatabase when it is none."""
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
    marts = {name: Mart(name, name) for (name,) in names}
    for title, sql in views:
        if (found := _OF_TABLE.search(sql)) and found[1] in marts:
            marts[found[1]] = Mart(found[1], title, dict(_TITLED.findall(sql)))
    return marts
