"""Tables that stand side by side on a sheet, an empty column between them."""

from dataclasses import replace

import polars as pl

from sources.layout.cells import Cells
from sources.reading.raw import cell


def column_groups(cells: Cells, begin: int) -> list[tuple[int, int]]:
    """Return the groups of columns that have cells from a line on: first column, last plus one."""
    groups: list[tuple[int, int]] = []
    for position, filled in enumerate(cells.filled_columns(begin)):
        if not filled:
            continue
        if groups and groups[-1][1] == position:
            groups[-1] = (groups[-1][0], position + 1)
        else:
            groups.append((position, position + 1))
    return groups


def group_of(cells: Cells, begin: int, left: int, right: int) -> Cells:
    """Return a group of columns with the titles above it, which may stand in other columns."""
    part = cells.part(0, cells.height, left, right)
    name = cell(0)
    texts = part.frame[name].to_list()
    for at in range(begin):
        if not part.text(at):
            texts[at] = cells.text(at)
    frame = part.frame.with_columns(pl.Series(name, texts, dtype=pl.String))
    return replace(part, frame=frame).without_empty()
