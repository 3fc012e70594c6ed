"""What the layout stage hands on: tables with one record a row, and where their cells come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import polars as pl

from sources.contracts.stored_rows import SOURCE_CELLS
from sources.layout.cells import Cells
from sources.limits import Limits
from sources.reading.raw import EXTRA, ROW_NUMBER, HeadRow, RawTable, Refusal, Rows, cell
from sources.recognise.candidates import Candidate

LINE = "line"
_LEAST_HEAD = 30  # lines that a header of any form fits in, its titles with it


@dataclass(frozen=True)
class Aside:
    """A line of the table that is no record: its number, what it is and its text.

    `kind` is one of `title`, `unit`, `header`, `heading` (it gives a key to the rows below it),
    `total` and `note`.
    """

    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class Origin:
    """Where the records of a converted table stand in the file.

    `frame` has a row for each record: `row_number` as the converted table counts it, `line` (Int64)
    as the sender counts it, and for each column whose cells do not stand in that line under the
    column's own header, named as in the table (`c3`), the cell as a spreadsheet names it (`D5`).
    """

    frame: pl.DataFrame

    def place(
        self, rows: pl.DataFrame, positions: dict[str, int], number: str = ROW_NUMBER
    ) -> pl.DataFrame:
        """Return rows with the file's line in the column `number`, and `source_cells` added.

        `positions` are the columns of the fields; `source_cells` lists those of them that stand
        elsewhere (`consumption=D5;...`, null where there is none).
        """
        moved = {f: cell(p) for f, p in positions.items() if cell(p) in self.frame.columns}
        texts = [pl.lit(f"{f}=") + pl.col(name) for f, name in moved.items()]
        cells = pl.concat_str(texts, separator=";", ignore_nulls=True) if texts else pl.lit("")
        places = self.frame.select(
            pl.col(ROW_NUMBER).alias("_record"),
            pl.col(LINE).alias("_line"),
            pl.when(cells != "").then(cells).alias(SOURCE_CELLS),
        )
        placed = rows.join(
            places, left_on=number, right_on="_record", how="left", maintain_order="left"
        )
        return placed.with_columns(pl.col("_line").alias(number)).drop("_line")

    def line_of(self, number: int) -> int | None:
        """Return the file's line of one record, None for what is no record."""
        found = self.frame.filter(pl.col(ROW_NUMBER) == number)[LINE]
        return int(found[0]) if len(found) else None


@dataclass(frozen=True)
class RecordTable:
    """A table with one record a row under a header of one or more lines.

    `table` is what recognising and cleaning read. It is the reader's own where nothing had to be
    converted. `elsewhere` are the lines of its sheet that belong to other tables.
    """

    table: RawTable
    part: int = 1
    """The number of the table on its sheet."""
    dataset: str | None = None
    """The dataset that the conversion was made for; None where the header decides."""
    candidates: tuple[Candidate, ...] | None = None
    """What the header may be, where that was looked at."""
    origin: Origin | None = None
    notes: tuple[dict[str, object], ...] = ()
    """What was done and assumed, as findings."""
    aside: tuple[Aside, ...] = ()
    elsewhere: int = 0
    used: frozenset[int] = frozenset()
    """Columns whose texts were put into others; they are not left out."""
    left_out: tuple[tuple[int, str], ...] = ()
    """Columns of the file that the table no longer has: position and header."""
    left: int = 0
    """The column of the file in which the table's first column stands."""
    lines: frozenset[int] = frozenset()
    """The numbers of its lines in the file, where it is one of several tables or was converted."""
    data_lines: frozenset[int] | None = None
    """The lines that hold values, where that is known of a converted table."""
    first_line: int = 1
    header_text: str = ""
    refusal: Refusal | None = None
    """Why the table is not taken, where that is known already."""
    details: dict[str, object] = field(default_factory=dict)
    """What was done, for the manifest."""

    @property
    def plain(self) -> bool:
        """True when it is the reader's own, its lines not looked at one by one."""
        return self.candidates is not None and self.dataset is None and not self.lines

    @property
    def converted(self) -> bool:
        """True when a record is not a line of the file."""
        return self.origin is not None

    def line_of(self, number: int) -> int:
        """Return the line of the file in which a record stands."""
        line = self.origin.line_of(number) if self.origin is not None else None
        return number if line is None else line


def in_file_line(entry: dict[str, Any], origin: Origin | None) -> dict[str, Any]:
    """Return an entry that names a record's number with the line of the file instead."""
    number = entry.get(LINE)
    line = origin.line_of(number) if origin is not None and number is not None else None
    return entry if line is None else {**entry, LINE: line}


def cell_name(position: int, line: int) -> str:
    """Return a cell as a spreadsheet names it: position 3 in line 5 is `D5`."""
    return f"{column_letters(position)}{line}"


def column_letters(position: int) -> str:
    """Return a column (from 0) as a spreadsheet names it."""
    letters, rest = "", position + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(65 + last) + letters
    return letters


def table_of(
    source: RawTable,
    sheet: str,
    above: Sequence[HeadRow],
    header: Sequence[HeadRow],
    frame: pl.DataFrame,
    limits: Limits,
) -> RawTable:
    """Return records as a raw table.

    `frame` has columns `c0`.. under the cells of `header`, and `row_number`; it may have `extra`.
    `above` are the title and unit lines, which say what units the columns have.
    """
    width = max(len(row.cells) for row in header)
    last = len(above) + len(header) - 1
    names = [cell(i) for i in range(width)]
    if EXTRA not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias(EXTRA))
    frame = frame.select(*names, EXTRA, ROW_NUMBER)
    first = [
        HeadRow(number, tuple(v or "" for v in cells))
        for number, *cells in frame.head(limits.head_rows).select(ROW_NUMBER, *names).iter_rows()
    ]

    def rows(after: int, columns: int) -> Iterator[Rows]:
        return pieces(frame.slice(max(0, after - last)), columns, limits)

    return replace(
        source,
        sheet=sheet,
        head=(*above, *header, *first),
        rows=rows,
        open_end=None,
        merged=(),
        hidden_rows=frozenset(),
        hidden_columns=frozenset(),
        shown_as=(),
    )


def pieces(frame: pl.DataFrame, columns: int, limits: Limits) -> Iterator[Rows]:
    """Yield a table's lines in pieces of so many columns; missing columns are empty."""
    wanted = frame.select(
        *(
            cell(i) if cell(i) in frame.columns else pl.lit(None, pl.String).alias(cell(i))
            for i in range(columns)
        ),
        EXTRA,
        ROW_NUMBER,
    )
    step = limits.rows_of(columns)
    for begin in range(0, wanted.height, step):
        yield Rows(partial(wanted.slice, begin, step))


def raw_of(cells: Cells, source: RawTable, sheet: str, limits: Limits) -> RawTable:
    """Return a part of a sheet as a raw table of its own."""
    count = min(cells.height, max(limits.head_rows, _LEAST_HEAD))
    head = [cells.head_row(i) for i in range(count)]
    if not source.grid:
        head = [HeadRow(row.line, _without_trailing(row.cells)) for row in head]

    def rows(after: int, columns: int) -> Iterator[Rows]:
        frame = cells.frame.slice(after + 1)
        if not source.grid:
            frame = _with_overflow(frame, columns, cells.width)
        return pieces(frame, columns, limits)

    inside = set(cells.lines)
    return replace(
        source,
        sheet=sheet,
        head=tuple(head),
        rows=rows,
        merged=tuple(m for m in cells.merged if m.top in inside and m.left >= 0),
        hidden_rows=frozenset(source.hidden_rows & inside),
        hidden_columns=frozenset(c - cells.left for c in source.hidden_columns),
        shown_as=tuple(replace(s, position=s.position - cells.left) for s in source.shown_as),
    )


def _without_trailing(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a line's cells without empty ones at its end; one at least."""
    filled = [i for i, text in enumerate(cells) if text.strip()]
    return cells[: max(filled, default=0) + 1]


def _with_overflow(frame: pl.DataFrame, columns: int, width: int) -> pl.DataFrame:
    """Return lines of a delimited text with the cells beyond the header in `extra`."""
    beyond = [pl.col(cell(i)) for i in range(columns, width)]
    if not beyond:
        return frame
    texts = pl.concat_str(*beyond, pl.col(EXTRA), separator=",", ignore_nulls=True)
    return frame.with_columns(pl.when(texts != "").then(texts).alias(EXTRA))
