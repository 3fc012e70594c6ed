"""What the pages show: the results of their queries over the marts, with the columns' titles."""

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
    """The names of the pages, in alphabetical order."""
    return sorted(_declared())


def marts_of(query: str) -> list[str]:
    """The marts that a query reads, in the order of their first mention."""
    return list(dict.fromkeys(_MART.findall(query)))


def queries_of(page: str) -> dict[str, str]:
    """The queries of a page by name: its own, and those of the folders that it shares."""
    folders = [page, *_declared()[page].get("with", ())]
    paths = [path for folder in folders for path in (QUERIES / folder).glob("*.sql")]
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(paths)}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value


class Content:
    """The tables of the pages of one DuckDB file. Use it as a context manager.

    `until` is the last day that a page looks at, for queries `getvariable('until')`;
    `getvariable('since')` is the last day that lies too far back for it. Raises
    UnreadableDatabase when there is no such file.
    """

    def __init__(self, database: Path, until: date) -> None:
        self._marts = read_titles(database)
        self._until = until
        self._connection = duckdb.connect(str(database), read_only=True)
        self._connection.execute(f"set variable until = date '{until}'")

    def __enter__(self) -> "Content":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tables(self, page: str) -> dict[str, Any]:
        """For each query of a page its columns, their titles and its rows, ready for JSON.

        None where a mart that the query reads is not in the file.
        """
        since = self._until - timedelta(days=_declared()[page].get("days_back", 0))
        self._connection.execute(f"set variable since = date '{since}'")
        return {name: self._table(query) for name, query in queries_of(page).items()}

    def _table(self, query: str) -> dict[str, Any] | None:
        read = [self._marts.get(name) for name in marts_of(query)]
        if not all(read):
            return None
        result = self._connection.execute(query)
        columns = [column[0] for column in result.description or []]
        return {
            "title": read[0].title_zh if read and read[0] else "",
            "columns": columns,
            "titles": [_title(column, read) for column in columns],
            "rows": [[_plain(value) for value in row] for row in result.fetchall()],
        }


def _title(column: str, marts: list[MartTitles | None]) -> str:
    for mart in marts:
        if mart and column in mart.columns_zh:
            return mart.columns_zh[column]
    return column
