"""The content of the pages: results of their queries over the marts, with column titles."""

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from warehouse.publication.marts import SCHEMA
from warehouse.publication.titles import MartTitles, read_titles

QUERIES = Path(__file__).parent / "queries"
_MART = re.compile(rf"\b{SCHEMA}\.(\w+)")


@cache
def _declared() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((QUERIES / "pages.yml").read_text(encoding="utf-8"))


def pages() -> list[str]:
    """Return the names of the pages, in alphabetical order."""
    return sorted(_declared())


def marts_of(query: str) -> list[str]:
    """Return the marts that a query reads, in the order of their first occurrence."""
    return list(dict.fromkeys(_MART.findall(query)))


def queries_of(page: str) -> dict[str, str]:
    """Return the queries of a page by name: its own, and those of the folders that it includes."""
    folders = [page, *_declared()[page].get("with", ())]
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

    `until` is the last day that a page shows, `getvariable('until')` in queries;
    `getvariable('since')` is the day before the first one. Raises UnreadableDatabase when the file
    cannot be opened.
    """

    def __init__(self, database: Path, until: date) -> None:
        self._titles = read_titles(database)
        self._until = until
        self._connection = duckdb.connect(str(database), read_only=True)
        self._connection.execute(f"set variable until = date '{until}'")

    def __enter__(self) -> "Content":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tables(self, page: str) -> dict[str, Any]:
        """Return columns, titles and rows of each query of a page, as JSON objects by query.

        None for a query that reads a mart which is not in the file.
        """
        since = self._until - timedelta(days=_declared()[page].get("days_back", 0))
        self._connection.execute(f"set variable since = date '{since}'")
        return {name: self._table(query) for name, query in queries_of(page).items()}

    def _table(self, query: str) -> dict[str, Any] | None:
        marts = [self._titles.get(name) for name in marts_of(query)]
        if not all(marts):
            return None
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
