"""A table that lies on its side: the names of its fields down a column, a record in each column."""

from collections.abc import Sequence

import polars as pl

from sources.layout.cells import Cells, turned
from sources.layout.records import LINE, Origin, column_letters
from sources.reading.raw import ROW_NUMBER, cell
from sources.recognise.headers import HeaderIndex

MOST_FIELDS = 200


def lying(cells: Cells, index: HeaderIndex) -> tuple[int, int, Cells] | None:
    """Return the first and last line whose first cell is a title of a field, and these turned.

    None where fewer than two lines are, or most lines between them are not.
    """
    most = min(cells.height, MOST_FIELDS)
    titles = [i for i in range(most) if index.known(cells.row(i)[0])]
    if len(titles) < 2 or cells.width < 2:
        return None
    first, last = titles[0], titles[-1]
    if last - first + 1 > 2 * len(titles):
        return None
    return first, last, turned(cells.part(first, last + 1))


def places(cells: Cells, titles: Sequence[int], value: int) -> Origin:
    """Return where the records of turned cells stand in the file.

    `titles` are the lines that its columns come from; a record has the line of column `value`.
    """
    columns = cells.frame[ROW_NUMBER]
    letters = pl.Series([column_letters(number - 1) for number in columns], dtype=pl.String)
    line = pl.Series([titles[value]], dtype=pl.Int64).new_from_index(0, len(columns))
    named = {cell(i): letters + str(number) for i, number in enumerate(titles)}
    return Origin(pl.DataFrame({ROW_NUMBER: columns, LINE: line, **named}))
