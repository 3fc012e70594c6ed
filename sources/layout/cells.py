"""A sheet as a rectangle of cells, bounded in size, and what kinds of cells each line holds.

Belongs here: reading a raw table whole, cutting a part out of it, turning it, filling merged
cells, counting numbers. What the cells mean is for the other modules.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from sources.limits import Limits
from sources.reading.raw import EXTRA, ROW_NUMBER, HeadRow, Merge, RawTable, cell
from sources.recognise.words import is_total

_SAMPLE = 200  # distinct cells of a column that are looked at
# What stands below a table: 注：..., 填表人：..., 报出日期：...
_FOOT = re.compile(r"^\s*[(（*※]?(?:注|说明|附注)\s*\d?\s*[:：]|(?:人|日期|电话)\s*[:：]")
# A number as departments write it, whatever stands about it; a year alone is none.
_NUMBER = r"^\s*[<>≤≥＜＞≈约+\-−－]?\s*\d[\d,，]*(?:[.．]\d*)?(?:[eE][+-]?\d+)?\s*[%‰Ll]?\s*$"
_YEAR = r"^\s*(?:19[4-9]\d|20\d\d)(?:\.0)?\s*$"


@dataclass(frozen=True)
class Cells:
    """The non-empty lines of a sheet or of a part of it.

    `frame` has String columns `c0`.. (null where a cell is empty or blank), `row_number` (the line
    as the sender counts it) and `extra`. `left` is the column of the file in which `c0` stands.
    """

    frame: pl.DataFrame
    merged: tuple[Merge, ...] = ()
    left: int = 0

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.frame.width - 2

    @property
    def height(self) -> int:
        """The number of lines."""
        return self.frame.height

    @property
    def names(self) -> list[str]:
        """The names of its columns in `frame`."""
        return [cell(i) for i in range(self.width)]

    @cached_property
    def lines(self) -> list[int]:
        """Each line's number as the sender counts it."""
        return self.frame[ROW_NUMBER].to_list()

    @cached_property
    def filled(self) -> list[int]:
        """How many cells of each line are not empty."""
        return _count(self.frame, (pl.col(n).is_not_null() for n in self.names))

    @cached_property
    def numbers(self) -> list[int]:
        """How many cells of each line are numbers; a year such as 2020 is not counted."""
        return _count(self.frame, map(_is_number, self.names))

    @cached_property
    def figures(self) -> list[int]:
        """How many cells of each line are numbers, years among them."""
        return _count(self.frame, (pl.col(n).str.contains(_NUMBER) for n in self.names))

    def row(self, at: int) -> tuple[str, ...]:
        """Return a line's cells, empty ones as empty texts."""
        return tuple(v or "" for v in self.frame.row(at)[: self.width])

    def head_row(self, at: int) -> HeadRow:
        """Return a line as raw tables have it."""
        return HeadRow(self.lines[at], self.row(at))

    def text(self, at: int) -> str:
        """Return a line's cells in one text."""
        return " ".join(c.strip() for c in self.row(at) if c.strip())

    def column(self, position: int, begin: int = 0) -> list[str]:
        """Return a column's cells from a line on, empty ones as empty texts."""
        return [v or "" for v in self.frame[cell(position)].slice(begin)]

    def distinct(self, position: int, begin: int) -> list[str]:
        """Return the first distinct texts of a column, totals and lines for the form left out."""
        if (position, begin) not in self._distinct:
            texts = dict.fromkeys(t for t in self.column(position, begin) if t)
            shown = list(texts)[: 2 * _SAMPLE]
            kept = [t for t in shown if not (is_total(t) or _FOOT.search(t))]
            self._distinct[position, begin] = kept[:_SAMPLE]
        return self._distinct[position, begin]

    def numeric_share(self, position: int, begin: int) -> float:
        """Return which share of these texts are numbers; none where all are years."""
        if (position, begin) not in self._numeric:
            texts = [t for t in self.distinct(position, begin) if t.strip()]
            read = pl.Series("v", texts, dtype=pl.String).to_frame()
            found = read.select(
                number=pl.col("v").str.contains(_NUMBER).mean(),
                years=pl.col("v").str.contains(_YEAR).all(),
            )
            number, years = found.row(0)
            self._numeric[position, begin] = 0.0 if years or number is None else float(number)
        return self._numeric[position, begin]

    @cached_property
    def _distinct(self) -> dict[tuple[int, int], list[str]]:
        return {}

    @cached_property
    def _numeric(self) -> dict[tuple[int, int], float]:
        return {}

    def part(self, top: int, bottom: int, left: int = 0, right: int | None = None) -> "Cells":
        """Return the lines `top` to before `bottom` and the columns `left` to before `right`."""
        right = self.width if right is None else right
        picked = [pl.col(cell(i)).alias(cell(i - left)) for i in range(left, right)]
        frame = self.frame.slice(top, bottom - top).select(*picked, ROW_NUMBER, EXTRA)
        merged = tuple(
            m._replace(left=m.left - left, right=m.right - left)
            for m in self.merged
            if m.right >= left and m.left < right
        )
        return replace(self, frame=frame, merged=merged, left=self.left + left)

    def without_empty(self) -> "Cells":
        """Return it without lines that have no cell."""
        there = pl.any_horizontal(pl.col(n).is_not_null() for n in self.names)
        return replace(self, frame=self.frame.filter(there))

    def filled_columns(self, begin: int = 0) -> list[bool]:
        """Tell of each column whether it has a cell from that line on."""
        part = self.frame.slice(begin)
        return [part[n].null_count() < part.height for n in self.names]

    def unmerged(self, begin: int, positions: Iterable[int]) -> "Cells":
        """Repeat cells that are merged over several lines, in some columns from a line on."""
        wanted = set(positions)
        frame = self.frame
        at = {line: number for number, line in enumerate(self.lines)}
        for merge in self.merged:
            if merge.left not in wanted or merge.bottom <= merge.top:
                continue
            rows = [at[n] for n in range(merge.top, merge.bottom + 1) if n in at]
            if not rows or rows[0] < begin or merge.top not in at:
                continue
            name = cell(merge.left)
            filled = frame[name].scatter(rows, frame[name][rows[0]])
            frame = frame.with_columns(filled.alias(name))
        return replace(self, frame=frame)

    def header_texts(self, first: int, last: int) -> list[list[str]]:
        """Return the texts of header lines, merged cells and group titles repeated to the right.

        One list for each line. A cell below another that is merged with it is empty.
        """
        rows = [[t.strip() for t in self.row(i)] for i in range(first, last + 1)]
        for number, row in enumerate(rows[:-1]):
            below = rows[number + 1 :]
            _carry(row, below, self._spans(self.lines[first + number]))
        return rows

    def _spans(self, line: int) -> dict[int, int] | None:
        """Return where cells of a line that are merged to the right end; None where none is."""
        spans = {m.left: m.right for m in self.merged if m.top <= line <= m.bottom}
        return spans if any(right > left for left, right in spans.items()) else None


def _carry(row: list[str], below: Sequence[Sequence[str]], spans: dict[int, int] | None) -> None:
    """Repeat a group's title over the columns that it stands above.

    Where cells are merged, these; else up to the next title, as long as something stands below.
    """
    carried, end = "", -1
    for position, text in enumerate(row):
        if text:
            carried = text
            end = len(row) if spans is None else spans.get(position, position)
        elif position <= end and any(line[position] for line in below):
            row[position] = carried


def _is_number(name: str) -> pl.Expr:
    column = pl.col(name)
    return column.str.contains(_NUMBER) & ~column.str.contains(_YEAR)


def _count(frame: pl.DataFrame, tests: Iterable[pl.Expr]) -> list[int]:
    counted = [test.fill_null(False).cast(pl.UInt32) for test in tests]
    if not counted:
        return [0] * frame.height
    return frame.select(pl.sum_horizontal(counted).alias("n"))["n"].to_list()


def read_cells(table: RawTable, limits: Limits) -> Cells | None:
    """Return all lines of a table that are not empty; None when it is larger than layouts are."""
    width = max(len(row.cells) for row in table.head)
    while True:
        found = _read(table, width, limits)
        longest = _beyond(found) if found is not None else 0
        if found is None or not longest or width + longest > limits.max_columns:
            return found
        width += longest


def _read(table: RawTable, width: int, limits: Limits) -> Cells | None:
    most = limits.layout_cells // max(width, 1)
    parts: list[pl.DataFrame] = []
    height = 0
    for rows in table.rows(-1, width):
        part = rows.frame()
        height += part.height
        if height > most:
            return None
        parts.append(part)
    frame = pl.concat(parts).select(*map(_blank_as_null, range(width)), ROW_NUMBER, EXTRA)
    return Cells(frame, table.merged).without_empty()


def _beyond(cells: Cells) -> int:
    """Return how many cells the longest line has beyond the first ones' width, about."""
    extra = cells.frame[EXTRA].drop_nulls()
    if not len(extra):
        return 0
    return int(extra.str.count_matches("[,;|\\s]").max()) + 1  # type: ignore[arg-type]


def cells_of_head(table: RawTable) -> Cells:
    """Return the first lines of a table."""
    width = max(len(row.cells) for row in table.head)
    columns = {
        cell(i): pl.Series([_at(r, i) for r in table.head], dtype=pl.String) for i in range(width)
    }
    lines = pl.Series([r.line for r in table.head], dtype=pl.Int64)
    extra = pl.Series([None] * len(table.head), dtype=pl.String)
    return Cells(pl.DataFrame({**columns, ROW_NUMBER: lines, EXTRA: extra}), table.merged)


def _at(row: HeadRow, position: int) -> str | None:
    text = row.cells[position] if position < len(row.cells) else ""
    return text if text.strip() else None


def _blank_as_null(position: int) -> pl.Expr:
    column = pl.col(cell(position))
    return pl.when(column.str.contains(r"\S")).then(column).alias(cell(position))


def turned(cells: Cells) -> Cells:
    """Return a part with rows and columns exchanged; `row_number` counts columns of the file."""
    columns = [cells.frame[name] for name in cells.names]
    frame = pl.DataFrame(
        {
            **{cell(i): [column[i] for column in columns] for i in range(cells.height)},
            ROW_NUMBER: [cells.left + i + 1 for i in range(cells.width)],
            EXTRA: [None] * cells.width,
        },
        schema={
            **{cell(i): pl.String for i in range(cells.height)},
            ROW_NUMBER: pl.Int64,
            EXTRA: pl.String,
        },
    )
    return Cells(frame)
