"""A table that was cut and set side by side to save paper: its halves one below the other again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from sources.layout.cells import Cells
from sources.layout.records import LINE, Origin, column_letters
from sources.reading.raw import EXTRA, ROW_NUMBER, cell
from sources.recognise.headers import HeaderIndex

_AT = "at_"


@dataclass(frozen=True)
class Halves:
    """Where the halves of a table begin: columns that all share, and the columns of each."""

    shared: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]


def find_halves(texts: Sequence[str], index: HeaderIndex) -> Halves | None:
    """Return the halves under a header that repeats its titles; None where it does not.

    Titles before the first that is repeated belong to every half.
    """
    names = {i: found.name for i, t in enumerate(texts) if (found := index.read(t)) is not None}
    places: dict[str, list[int]] = {}
    for position, name in names.items():
        places.setdefault(name, []).append(position)
    repeated = [found for found in places.values() if len(found) > 1]
    if not repeated:
        return None
    starts = min(repeated)
    ends = [*starts[1:], len(texts)]
    parts = [tuple(range(a, b)) for a, b in zip(starts, ends, strict=True)]
    titles = [[names[p] for p in part if p in names] for part in parts]
    if any(t != titles[0] for t in titles) or len(titles[0]) != len(set(titles[0])):
        return None
    width = max(p - part[0] for part in parts for p in part if p in names) + 1
    cut = tuple(part[:width] for part in parts)
    return Halves(tuple(p for p in range(starts[0]) if texts[p]), cut)


def join_halves(cells: Cells, header: int, halves: Halves) -> tuple[Cells, Origin]:
    """Return the halves of a table one below the other, and where each of its lines stands.

    `header` is the line whose titles repeat. Lines are numbered on from it.
    """
    body = cells.frame.slice(header + 1)
    joined = pl.concat(
        _half(body, halves, part, number, cells.left) for number, part in enumerate(halves.parts)
    )
    start = cells.lines[header] + 1
    number = pl.int_range(start, start + joined.height, dtype=pl.Int64).alias(ROW_NUMBER)
    joined = joined.with_columns(number)
    places = [name for name in joined.columns if name.startswith(_AT)]
    origin = joined.select(
        ROW_NUMBER, LINE, *(pl.col(name).alias(name.removeprefix(_AT)) for name in places)
    )
    positions = [*halves.shared, *halves.parts[0]]
    names = [pl.col(cell(p)).alias(cell(i)) for i, p in enumerate(positions)]
    above = _titles_in_first(cells, header).select(*names, ROW_NUMBER, EXTRA)
    frame = pl.concat([above, joined.select(above.columns)])
    return replace(cells, frame=frame, merged=()), Origin(origin)


def _titles_in_first(cells: Cells, header: int) -> pl.DataFrame:
    """Return the lines down to the header, each title in the first column wherever it stands."""
    titles = cells.frame.slice(0, header).with_columns(
        pl.lit(None, pl.String).alias(name) for name in cells.names
    )
    texts = pl.Series(cell(0), [cells.text(i) for i in range(header)], dtype=pl.String)
    return pl.concat([titles.with_columns(texts), cells.frame.slice(header, 1)])


def _half(
    body: pl.DataFrame, halves: Halves, part: Sequence[int], number: int, left: int
) -> pl.DataFrame:
    """Return the lines of one half that have a cell, and where its cells stand."""
    positions = [*halves.shared, *part]
    columns = [pl.col(cell(p)).alias(cell(i)) for i, p in enumerate(positions)]
    line = pl.col(ROW_NUMBER).cast(pl.String)
    places = [
        (pl.lit(column_letters(left + p)) + line if number else pl.lit(None, pl.String)).alias(
            f"{_AT}{cell(i)}"
        )
        for i, p in enumerate(positions)
        if p not in halves.shared
    ]
    there = pl.any_horizontal(pl.col(cell(p)).is_not_null() for p in part)
    return body.filter(there).select(
        *columns, pl.col(ROW_NUMBER).alias(LINE), pl.col(EXTRA), *places
    )
