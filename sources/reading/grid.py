"""A sheet's cells as a raw table, whichever library read them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import polars as pl

from sources.limits import Limits
from sources.reading.number_formats import number_text
from sources.reading.raw import (
    EXTRA,
    ROW_NUMBER,
    HeadRow,
    Merge,
    RawTable,
    Refusal,
    Rows,
    ShownAs,
    cell,
)
from sources.reading.styled_text import LEFT_OUT
from sources.reasons import finding


@dataclass
class Grid:
    """Cells of one sheet as text columns (null where empty); row 1 of the sheet is row 0 here.

    Rows and columns count from 0; `merged` has first and last row, first and last column.
    """

    columns: list[pl.Series]
    hidden_rows: Sequence[int] = ()
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden_columns: Sequence[int] = ()
    shown_as: tuple[ShownAs, ...] = ()
    date1904: bool = False
    blank_formulas: Sequence[int] = ()
    """Rows of formulas whose kept result is an empty text, where a reader cannot tell whether
    that is what they came to or they were never computed; a row for each cell."""


def text_column(values: Sequence[Any]) -> pl.Series:
    """Turn a column of cell values as a library gives them into text, null where empty."""
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        column = pl.Series(values, dtype=pl.String)
    elif kinds <= {float, int, str, type(None)} and _only_numbers(values, kinds):
        return number_text(pl.Series(values, dtype=pl.Float64, strict=False))
    else:
        column = pl.Series([_text(v) for v in values], dtype=pl.String)
    return column.to_frame("c").select(pl.when(pl.col("c") != "").then(pl.col("c")))["c"]


def _only_numbers(values: Sequence[Any], kinds: set[type]) -> bool:
    """Tell whether the only texts among numbers are empty ones."""
    return str not in kinds or not any(values_of_text(values))


def values_of_text(values: Sequence[Any]) -> Iterator[str]:
    """Yield the texts among a column's values."""
    return (v for v in values if type(v) is str)


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case int() | float():
            return number_text(pl.Series([value], dtype=pl.Float64))[0]
        case datetime():
            near = value + timedelta(microseconds=500_000)  # serials are not exact to the second
            return near.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")
        case date():
            return value.strftime("%Y-%m-%d")
        case time():
            return value.strftime("%H:%M:%S")
    return str(value)


def _part(frame: pl.DataFrame, begin: int, length: int, columns: int) -> pl.DataFrame:
    numbers = pl.int_range(begin + 1, begin + 1 + length, dtype=pl.Int64)
    return frame.slice(begin, length).select(
        *(cell(i) for i in range(columns)),
        pl.lit(None, pl.String).alias(EXTRA),
        numbers.alias(ROW_NUMBER),
    )


def _without_mark(column: pl.Series, left_out: list[int]) -> pl.Series:
    """Return a column without the mark of struck-out text, whose rows are added to `left_out`."""
    at = column.str.ends_with(LEFT_OUT).fill_null(False).arg_true()
    if not len(at):
        return column
    left_out += at.to_list()
    return column.str.strip_suffix(LEFT_OUT)


def read_grid(grid: Grid, sheet: str, form: str, limits: Limits, *, hidden: bool) -> RawTable:
    """Return a sheet of a workbook of some form (`xlsx`, `xls`) as a raw table.

    Raises Refusal (`empty_file`, `too_many_columns`).
    """
    width = len(grid.columns)
    if width > limits.max_columns:
        raise Refusal("too_many_columns", columns=width, limit=limits.max_columns)
    names = [cell(i) for i in range(width)]
    left_out: list[int] = []
    columns = [_without_mark(column, left_out) for column in grid.columns]
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)))
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null()).alias("f"))["f"]
    at = filled.arg_true()
    if not len(at):
        raise Refusal("empty_file")
    head = tuple(
        HeadRow(int(i) + 1, tuple(v or "" for v in frame.row(i))) for i in at[: limits.head_rows]
    )

    def rows(after: int, columns: int) -> Iterator[Rows]:
        start = head[after].line if after >= 0 else 0
        step = limits.rows_of(columns)
        last = int(at[-1]) + 1
        for begin in range(start, last, step):
            yield Rows(partial(_part, frame, begin, min(step, last - begin), columns))

    findings = []
    if grid.hidden_rows:
        findings.append(finding("hidden_rows", count=len(grid.hidden_rows)))
    if grid.blank_formulas:
        line = min(grid.blank_formulas) + 1
        findings.append(finding("blank_formula", line=line, count=len(grid.blank_formulas)))
    if left_out:
        findings.append(
            finding("struck_text_left_out", line=min(left_out) + 1, count=len(left_out))
        )
    findings += [
        finding(
            "number_format_scaled",
            line=note.line,
            column=note.position + 1,
            count=note.count,
            form=note.code,
        )
        for note in grid.shown_as
        if note.factor not in (1, 100)
    ]
    return RawTable(
        sheet=sheet,
        head=head,
        rows=rows,
        encoding=form,
        grid=True,
        hidden=hidden,
        findings=tuple(findings),
        merged=tuple(Merge(r1 + 1, r2 + 1, c1, c2) for r1, r2, c1, c2 in grid.merged),
        hidden_rows=frozenset(r + 1 for r in grid.hidden_rows),
        hidden_columns=frozenset(grid.hidden_columns),
        shown_as=grid.shown_as,
        date1904=grid.date1904,
    )
