"""The content of the pages: results of their queries over the marts, with column titles."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.home.sql import identifier, literal
from warehouse.publication.marts import SCHEMA, Mart
from warehouse.publication.titles import MartTitles, public_columns, read_titles
from warehouse.report.registry import Page

QUERIES = Path(__file__).parent / "queries"
_MART = re.compile(rf"\b{SCHEMA}\.(\w+)")
_PUBLISHED = "published"


def marts_of(query: str) -> list[str]:
    """Return the marts that a query reads, in the order of their first occurrence."""
    return list(dict.fromkeys(_MART.findall(query)))


def queries_of(page: Page) -> dict[str, str]:
    """Return the queries of a page by name: its own, and those of the folders that it includes."""
    folders = [*page.with_, page.name]
    paths = [path for folder in folders for path in (QUERIES / folder).glob("*.sql")]
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(paths)}


def _json_value(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value


class Content:
    """The tables of the pages of one DuckDB file; a context manager.

    The queries see the public columns and rows of the marts only (`warehouse.publication.marts`),
    so that nothing else can reach a page. `until` is the last day that a page shows,
    `getvariable('until')` in queries; `getvariable('since')` is the day before the first one.
    Raises UnreadableDatabase when the file cannot be opened.
    """

    def __init__(self, database: Path, until: date, marts: Mapping[str, Mart]) -> None:
        self._titles = read_titles(database)
        self._until = until
        self._connection = duckdb.connect()
        run = self._connection.execute
        run(f"attach {literal(database)} as {_PUBLISHED} (read_only)")
        run(f"create schema {SCHEMA}")
        for table, columns in public_columns(self._connection, _PUBLISHED, marts).items():
            listed = ", ".join(identifier(column) for column in columns)
            rows = marts[table].public_rows if table in marts else "true"
            run(
                f"create view {SCHEMA}.{identifier(table)} as select {listed} "
                f"from {_PUBLISHED}.{SCHEMA}.{identifier(table)} where {rows}"
            )
        self._tables = {name for (name,) in run("select view_name from duckdb_views()").fetchall()}
        run(f"set variable until = date '{until}'")

    def __enter__(self) -> "Content":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tables(self, page: Page) -> dict[str, Any]:
        """Return columns, titles and rows of each query of a page, as JSON objects by query.

        None for a query that reads a mart which is not in the file or not public.
        """
        since = self._until - timedelta(days=page.days_back)
        self._connection.execute(f"set variable since = date '{since}'")
        return {name: self._table(query) for name, query in queries_of(page).items()}

    def _table(self, query: str) -> dict[str, Any] | None:
        names = marts_of(query)
        if not self._tables.issuperset(names):
            return None
        marts = [self._titles.get(name) for name in names]
        result = self._connection.execute(query)
        columns = [column[0] for column in result.description or []]
        return {
            "title": marts[0].title_zh if marts and marts[0] else "",
            "columns": columns,
            "titles": [_title(column, marts) for column in columns],
            "rows": [[_json_value(value) for value in row] for row in result.fetchall()],
        }


def _title(column: str, marts: list[MartTitles | None]) -> str:
    for mart in marts:
        if mart and column in mart.columns_zh:
            return mart.columns_zh[column]
    return column
