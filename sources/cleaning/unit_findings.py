"""Questions about units that only the values of a column raise."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from sources.reading.raw import ShownAs
from sources.reasons import finding
from sources.recognise.units import Column


def unit_findings(
    good: pl.DataFrame,
    converted: pl.DataFrame,
    columns: Sequence[Column],
    shown_as: Sequence[ShownAs],
) -> Iterator[dict[str, Any]]:
    """Yield findings on columns of which a part of the values brings a unit, or a scaling format.

    `good` are accepted rows, `converted` the units that their values brought (CONVERTED_SCHEMA).
    """
    brought = dict(converted.group_by("field").agg(pl.col("count").sum()).iter_rows())
    for column in columns:
        name = column.field.field
        count = good[name].len() - good[name].null_count()
        own = brought.get(name, 0)
        if column.unit is None and column.unit_column is None and 0 < own < count:
            yield finding(
                "units_in_part",
                header=column.header,
                count=own,
                others=count - own,
                unit=column.field.unit,
            )
        scaled = [s for s in shown_as if s.position == column.position and s.factor != 1]
        cells = sum(s.count for s in scaled)
        if 0 < cells < count:
            yield finding(
                "format_scales_in_part",
                line=scaled[0].line,
                header=column.header,
                form=scaled[0].code,
                count=cells,
                unit=column.unit or column.field.unit,
            )
