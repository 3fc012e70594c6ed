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
_MART_TITLES = "mart_titles"


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
    `getvariable('until')` in queries; `getvariable('since')` is the day before the first one. The
    table `mart_titles` has the name and the Chinese title of each mart.
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
        run(f"create table {_MART_TITLES} (name text, title_zh text)")
        for name, titles in self._titles.items():
            run(f"insert into {_MART_TITLES} values (?, ?)", [name, titles.title_zh])
        self._tables = {name for (name,) in run("select view_name from duckdb_views()").fetchall()}
        run(f"set variable until = date '{until}'")

    def __enter__(self) -> "Content":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tables(self, page: Page) -> dict[str, Any]:
        """Return columns, titles and rows of each query of a page, as JSON objects by query.

        Of a list with `at_most` only its first rows; `total` is their number without that limit.
        None for a query that reads a mart which is not in the file or not public.
        """
        since = self._until - timedelta(days=page.days_back)
        self._connection.execute(f"set variable since = date '{since}'")
        most = {each.query: each.at_most for each in page.lists if each.at_most}
        return {
            name: self._table(query, most.get(name)) for name, query in queries_of(page).items()
        }

    def _table(self, query: str, at_most: int | None = None) -> dict[str, Any] | None:
        names = marts_of(query)
        if not self._tables.issuperset(names):
            return None
        read = [self._titles[name] for name in names if name in self._titles]
        # A column that the query's own marts lack has the title that it has elsewhere.
        marts = [*read, *self._titles.values()]
        result = self._connection.execute(query)
        columns = [column[0] for column in result.description or []]
        rows = result.fetchall()
        return {
            "title": read[0].title_zh if read else "",
            "columns": columns,
            "titles": [_title(column, marts) for column in columns],
            "rows": [[_json_value(value) for value in row] for row in rows[:at_most]],
            "total": len(rows),
        }


def packed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table of `Content.tables` by columns, as `table` of `static/core/data.js` reads it.

    A column in which values recur is {"values": those that differ, "at": the place of each row's}.
    """
    columns = [_packed_column(list(column)) for column in zip(*table["rows"], strict=True)]
    return {**table, "rows": len(table["rows"]), "cells": columns}


def _packed_column(values: list[Any]) -> list[Any] | dict[str, Any]:
    # True and 1 are equal keys, but not the same value.
    places: dict[tuple[type, Any], int] = {}
    at = [places.setdefault((type(value), value), len(places)) for value in values]
    if len(places) * 2 > len(values):
        return values
    return {"values": [value for _, value in places], "at": at}


def _title(column: str, marts: list[MartTitles]) -> str:
    return next((mart.columns_zh[column] for mart in marts if column in mart.columns_zh), column)
