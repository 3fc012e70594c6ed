"""The shape that every reader delivers: a table of text cells, not yet understood."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

ROW_NUMBER = "row_number"
EXTRA = "extra"
EXPLANATION_MARK = "填写说明"
"""A sheet whose first cell begins with this explains (a template); it holds no data."""


def cell(position: int) -> str:
    """Return the name of the text column that holds the cells at a position (from 0)."""
    return f"c{position}"


class Refusal(Exception):
    """A file or a table that cannot be read: a reason code and what its text needs."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class HeadRow:
    """A row near the top: `line` as the sender's editor counts it, its cells as text."""

    line: int
    cells: tuple[str, ...]


class Merge(NamedTuple):
    """Merged cells: rows as the sender counts them, columns from 0, both ends included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Rows:
    """A piece of a table's rows, not yet parsed.

    `frame()` parses it: String columns `c0`..`c<width-1>`, null where a cell is empty, and
    `row_number` (Int64) and `extra` (String: what stands beyond the header's width in a delimited
    file, else null). Empty rows may be among them. `plain` is there for rows that polars can parse
    on its own (no quotes, no sheet).
    """

    frame: Callable[[], pl.DataFrame]
    plain: "PlainRows | None" = None


@dataclass(frozen=True)
class PlainRows:
    """The same rows as a plan, and some of them as they stand.

    `scan()` has the columns of `Rows.frame` but `extra`. Collected with all of its columns it
    fails with polars' ComputeError or SchemaError where a row is longer than the header; where
    columns are left out, polars does not look. `lines(numbers)` parses the rows of these line
    numbers (Int64, in order), again without `extra`.
    """

    scan: Callable[[], pl.LazyFrame]
    lines: Callable[[pl.Series], pl.DataFrame]


@dataclass(frozen=True)
class RawTable:
    """One table as it stands in the file.

    `head` are its first rows, empty ones left out. `rows(after, width)` yields what follows the
    head row number `after` (an index into `head`) in pieces of `width` columns.
    """

    sheet: str
    head: tuple[HeadRow, ...]
    rows: Callable[[int, int], Iterator[Rows]]
    encoding: str | None = None
    separator: str | None = None
    grid: bool = False
    """True for a spreadsheet: a cell beyond the header is a column without a name, no shift."""
    hidden: bool = False
    """True for a sheet that the sender does not see."""
    open_end: int | None = None
    """Cells of the last line when no line break ends it: it may be cut off."""
    findings: tuple[dict[str, object], ...] = ()
    merged: tuple[Merge, ...] = ()
