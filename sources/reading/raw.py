"""The shape that every reader delivers: a table of text cells, not yet understood.

A cell's text is what the sheet shows, without rounding: 0.466 under the format 0% is `46.6%`, 12345
under `0!.0000` is `1.2345`, 1.2 under `0.0"万吨"` is `1.2万吨`, a date shown as a year is `2006年`,
other dates are ISO. Styled text comes as characters: superscripts as such (`m³`, `9890¹`), runs
that are struck out are left out, and each character of a cell that is struck out as a whole is
followed by `STRUCK`. An error is its text (`#DIV/0!`), a formula without a result `=` and the
formula.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import polars as pl

ROW_NUMBER = "row_number"
EXTRA = "extra"
STRUCK = "\u0336"
"""Follows each character of a cell that is struck out as a whole (the combining stroke)."""
EXPLANATION_MARK = "填写说明"
"""A sheet whose first cell begins with this explains (a template); it holds no data."""


READING_STOPPED = "reading_stopped"
"""Code of the refusal of a file whose reading was ended from outside: it took too much."""


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
class ShownAs:
    """Numbers of one column that a number format scales or shows with a text of its own.

    Their texts are as the sheet shows them already. `position` counts from 0, `line` is the first
    of `count` such cells as the sender counts; a stored number times `factor` (1/1000 for `#,##0,`;
    None for formats whose scale differs from value to value) is the number shown; `text` is what
    stands before and behind it (`万吨`).
    """

    position: int
    line: int
    count: int
    code: str
    factor: Fraction | None
    text: str


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
    numbers (Int64, in order) that are in the piece, again without `extra`; it fails in the same
    way.
    """

    scan: Callable[[], pl.LazyFrame]
    lines: Callable[[pl.Series], pl.DataFrame]


@dataclass(frozen=True)
class RawTable:
    """One table as it stands in the file.

    `head` are its first rows, empty ones left out. `rows(after, width)` yields what follows the
    head row number `after` (an index into `head`; -1: all rows) in pieces of `width` columns.
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
    hidden_rows: frozenset[int] = frozenset()
    """Lines of a sheet that the sender does not see (hidden, filtered out, of height 0)."""
    hidden_columns: frozenset[int] = frozenset()
    """Columns (from 0) that the sender does not see."""
    shown_as: tuple[ShownAs, ...] = ()
    added: int = 0
    """Columns behind those of the file that its layout put there: the year of the title."""
    date1904: bool = False
    """True for a workbook that counts days from 1904: a bare number 43524 is 2023-03-01 there."""


SEPARATOR_ZH = {
    ",": "逗号",
    "\t": "制表符",
    ";": "分号",
    "|": "竖线",
    "，": "全角逗号",
    "；": "全角分号",
    "、": "顿号",
    ", ": "逗号加空格",
    "  ": "多个空格",
    " ": "空格",
}
_SHOWN_CELLS, _SHOWN_LENGTH = 6, 60


def seen_zh(table: RawTable) -> str:
    """Return in Chinese how a table was read: what parts its cells, and what its first row is."""
    separator = SEPARATOR_ZH.get(table.separator or "")
    way = "是电子表格" if table.grid else f"按{separator}分隔" if separator else "是文本"
    filled = [c.strip() for c in table.head[0].cells if c.strip()]
    text = "｜".join(filled[:_SHOWN_CELLS])
    if len(filled) > _SHOWN_CELLS or len(text) > _SHOWN_LENGTH:
        text = f"{text[:_SHOWN_LENGTH]}…"
    return f"文件{way}，第 {table.head[0].line} 行读到 {len(filled)} 格：“{text}”"
