"""Names with their unit in brackets behind them, where the unit is a field of its own."""

from dataclasses import replace
from unicodedata import normalize

import polars as pl

from sources.contracts.unit_text import bracketed, read_unit
from sources.layout.cells import Cells
from sources.reading.raw import EXTRA, ROW_NUMBER, cell
from sources.recognise.headers import HeaderIndex
from sources.recognise.words import general_title

_FIRST = 3  # so many columns may hold the names
_UNIT_ZH = "单位"


def units_apart(cells: Cells, header: int, index: HeaderIndex) -> Cells | None:
    """Return lines with a column 单位 more, taken from behind the names of a column.

    Only where every name of that column has a unit behind it, and no column names units already.
    """
    if any(general_title(text) == "unit" for text in cells.row(header)):
        return None
    for position in range(min(_FIRST, cells.width)):
        texts = dict.fromkeys(t for t in cells.column(position, header + 1) if t)
        parted = {t: bracketed(normalize("NFKC", t).strip()) for t in texts}
        known = {
            t: parts
            for t, parts in parted.items()
            if parts is not None and read_unit(parts[1], index.contracts.units) is not None
        }
        if len(known) >= 2 and len(known) == len(texts):
            return _parted(cells, header, position, known)
    return None


def _parted(cells: Cells, header: int, position: int, parts: dict[str, tuple[str, str]]) -> Cells:
    name, added = cell(position), cell(cells.width)
    names = {t: before for t, (before, _) in parts.items()}
    units = {t: unit for t, (_, unit) in parts.items()}
    below = pl.int_range(pl.len()) > header
    column = pl.col(name)
    title = pl.when(pl.int_range(pl.len()) == header).then(pl.lit(_UNIT_ZH))
    frame = cells.frame.with_columns(
        pl.when(below).then(column.replace(names)).otherwise(column).alias(name),
        pl.when(below)
        .then(column.replace_strict(units, default=None, return_dtype=pl.String))
        .otherwise(title)
        .alias(added),
    )
    return replace(cells, frame=frame.select(*cells.names, added, ROW_NUMBER, EXTRA))
