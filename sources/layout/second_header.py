"""Headers of further tables among lines that were given back."""

import json

import polars as pl

from sources.layout.regions import HeaderLines
from sources.reading.raw import ROW_NUMBER

_MOST = 200  # lines that are looked at


def other_header(rejected: pl.DataFrame, lines: HeaderLines) -> int | None:
    """Return the first rejected line that looks like the header of a table, None without one.

    Its cells are titles of fields, where the rows above have values.
    """
    values = rejected["value"].drop_nulls().unique()
    titles = [v for v in values.filter(values.str.len_chars() < 80) if lines.index.known(v)]
    if not titles:
        return None
    found = rejected.filter(pl.col("value").is_in(titles) & pl.col("raw_row").is_not_null())
    distinct = found.unique(ROW_NUMBER, maintain_order=True).head(_MOST)
    for number, text in distinct.select(ROW_NUMBER, "raw_row").iter_rows():
        cells = [str(c) for c in json.loads(text).values() if c]
        if lines.titles(cells) >= 2:
            return int(number)
    return None
