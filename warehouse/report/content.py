"""What the pages show: the results of their queries over the marts, with the columns' titles."""

import math
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.titles import SCHEMA, Mart, read_marts

QUERIES = Path(__file__).parent / "queries"
_MART = re.compile(rf"\b{SCHEMA}\.(\w+)")


def pages() -> list[str]:
    """The names of the pages: each has a folder of queries."""
    return sorted(folder.name for folder in QUERIES.iterdir() if folder.is_dir())


def marts_of(query: str) -> list[str]:
    """The marts that a query reads, in the order of their first mention."""
    return list(dict.fromkeys(_MART.findall(query)))


def queries_of(page: str) -> dict[str, str]:
    """The queries of a page by name."""
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((QUERIES / page).glob("*.sql"))
    }


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

    `until` is the last day that a page looks at, for queries `getvariable('until')`. Raises
    UnreadableDatabase when there is no such file.
    """

    def __init__(self, database: Path, until: date) -> None:
        self._marts = read_marts(database)
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


def _title(column: str, marts: list[Mart | None]) -> str:
    for mart in marts:
        if mart and column in mart.columns_zh:
            return mart.columns_zh[column]
    return column
