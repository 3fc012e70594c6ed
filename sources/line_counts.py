"""How many lines of a sheet are of which class, for each of its tables: all add up.

A line is a record of a delimited text or a row of a sheet that has a cell which is not blank. Each
is counted once: `title`, `unit`, `header`, `data`, `total`, `note`, or `other_table`, which is
also where the lines of a table that is not taken apart are counted.
"""

from collections import Counter

import polars as pl

from sources.cleaning import special
from sources.cleaning.whole import Cleaned
from sources.contracts import Contracts
from sources.layout.records import RecordTable
from sources.reading.raw import EXTRA, ROW_NUMBER, HeadRow, RawTable, cell
from sources.recognise.layout import Layout
from sources.recognise.units import unit_lines

TITLE, UNIT, HEADER, DATA, TOTAL, NOTE, OTHER = (
    *("title", "unit", "header", "data", "total", "note"),
    "other_table",
)
_OF_SKIPPED = {
    special.TOTAL_ROW: TOTAL,
    special.MEAN_ROW: TOTAL,
    special.HEADER: HEADER,
    special.NUMBERS: HEADER,
    special.UNITS: UNIT,
    special.NOTE: NOTE,
    special.EXAMPLE: NOTE,
    special.SECTION: TITLE,
}
_OF_ASIDE = {"heading": TITLE}


def line_counts(
    record: RecordTable, layout: Layout, cleaned: Cleaned, contracts: Contracts
) -> dict[str, int]:
    """Return the number of lines of each class in the sheet of a table that was read."""
    counts = Counter(_class_above(row, contracts) for row in record.table.head[: layout.first])
    counts.update(_OF_ASIDE.get(a.kind, a.kind) for a in record.aside)
    if record.origin is None:
        counts[HEADER] += layout.last - layout.first + 1
        counts[DATA] += cleaned.read
        for kind, count in cleaned.skipped.group_by("kind").len().iter_rows():
            if kind in _OF_SKIPPED:
                counts[_OF_SKIPPED[kind]] += count
    else:
        counts += _converted(record, layout, cleaned)
    counts[OTHER] += record.elsewhere
    return {name: count for name, count in counts.items() if count}


def _class_above(row: HeadRow, contracts: Contracts) -> str:
    cells = ((row.line, text) for text in row.cells)
    return UNIT if any(unit_lines(cells, contracts.units)) else TITLE


def _converted(record: RecordTable, layout: Layout, cleaned: Cleaned) -> Counter[str]:
    """Count the lines of a converted table that are neither above it nor left aside."""
    above = {row.line for row in record.table.head[: layout.first]}
    left = record.lines - above - {a.line for a in record.aside}
    data = record.data_lines
    if data is None:
        skipped = _lines(record, cleaned.skipped["line"])
        rows = pl.concat([cleaned.good[ROW_NUMBER], cleaned.rejected[ROW_NUMBER]])
        data = frozenset(_lines(record, rows) & left)
        totals = skipped & left - data
        headers = left - data - totals
        return Counter({DATA: len(data), TOTAL: len(totals), HEADER: len(headers)})
    return Counter({DATA: len(data), HEADER: len(left - data)})


def _lines(record: RecordTable, numbers: pl.Series) -> set[int]:
    """Return the lines of the file in which records stand."""
    assert record.origin is not None
    found = record.origin.frame.filter(pl.col(ROW_NUMBER).is_in(numbers.implode()))
    return set(found["line"].to_list())


def refused_counts(record: RecordTable) -> dict[str, int]:
    """Return the number of lines of the sheet of a table that is not taken apart."""
    own = len(record.lines) if record.lines else _count(record.table)
    return {OTHER: own + record.elsewhere}


def _count(table: RawTable) -> int:
    """Return how many lines of a table are not blank."""
    width = max(len(row.cells) for row in table.head)
    return sum(_filled(rows.frame(), width) for rows in table.rows(-1, width))


def _filled(frame: pl.DataFrame, width: int) -> int:
    there = [pl.col(cell(i)).str.contains(r"\S") for i in range(width)]
    any_cell = pl.any_horizontal(*there, pl.col(EXTRA).is_not_null())
    return int(frame.select(any_cell.fill_null(False).sum().alias("n"))["n"][0])
