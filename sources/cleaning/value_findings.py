"""Questions that only values raise: units in part, shares for %, odd times, periods to come."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from sources.contracts import Contract
from sources.contracts.stored_rows import DELETE
from sources.reading.raw import ROW_NUMBER, ShownAs
from sources.reasons import finding
from sources.recognise.units import Column

LineOf = Callable[[int], int]
"""The line of the file in which a record stands, by its number."""
# Percentages typed as shares stand this far below the others of their column, at least.
_APART = 10


def value_findings(
    good: pl.DataFrame,
    converted: pl.DataFrame,
    columns: Sequence[Column],
    shown_as: Sequence[ShownAs],
    line_of: LineOf,
) -> Iterator[dict[str, Any]]:
    """Yield findings on columns of which values, or a part of them, seem to be meant otherwise.

    `good` are accepted rows, `converted` the units that their values brought (CONVERTED_SCHEMA).
    """
    for column in columns:
        if good[column.field.field].null_count() == good.height:
            continue
        yield from _units_in_part(good, converted, column)
        yield from _scaled_in_part(good, column, shown_as)
        yield from _shares_for_percent(good, column, line_of)
        yield from _off_the_hour(good, column, line_of)


def period_findings(
    accepted: pl.DataFrame, contract: Contract, received: datetime
) -> Iterator[dict[str, Any]]:
    """Yield a finding where rows speak of periods that were not over when their file came.

    Of what is measured only times to come are asked about. Figures of a whole month or year have to
    wait for its end, unless another field says up to when they are.
    """
    dated = contract.period_field
    if dated is None or contract.kind not in ("statistic", "observation"):
        return
    whole = contract.kind == "statistic" and not contract.parts_periods
    latest: dict[str, Any] = {
        "year": received.year - whole,
        "month": (received.replace(day=1) - timedelta(days=whole)).date(),
        "date": received.date(),
        "datetime": received,
    }
    is_later = pl.col(dated.field) > latest[dated.type]
    later = accepted.filter((pl.col("operation") != DELETE) & is_later)
    if later.height:
        first = later[dated.field][0]
        yield finding(
            "period_not_over",
            line=later[ROW_NUMBER][0],
            title=dated.title_zh,
            count=later.height,
            value=f"{first:%Y-%m}" if dated.type == "month" else str(first),
        )


def _count(good: pl.DataFrame, column: Column) -> int:
    return good.height - good[column.field.field].null_count()


def _units_in_part(
    good: pl.DataFrame, converted: pl.DataFrame, column: Column
) -> Iterator[dict[str, Any]]:
    """Yield a finding where some values bring another unit and some bring none."""
    if column.unit is not None or column.unit_column is not None:
        return
    brought = converted.filter(pl.col("field") == column.field.field)
    others = brought.filter(pl.col("unit") != (column.field.unit or ""))
    own, count = brought["count"].sum(), _count(good, column)
    if not others.is_empty() and own < count:
        yield finding(
            "units_in_part",
            header=column.header,
            count=own,
            others=count - own,
            unit=column.field.unit,
        )


def _scaled_in_part(
    good: pl.DataFrame, column: Column, shown_as: Sequence[ShownAs]
) -> Iterator[dict[str, Any]]:
    """Yield a finding where the number format of some cells shows a part of their value."""
    scaled = [s for s in shown_as if s.position == column.position and s.factor != 1]
    cells = sum(s.count for s in scaled)
    if 0 < cells < _count(good, column):
        yield finding(
            "format_scales_in_part",
            line=scaled[0].line,
            header=column.header,
            form=scaled[0].code,
            count=cells,
            unit=column.unit or column.field.unit,
        )


def _shares_for_percent(
    good: pl.DataFrame, column: Column, line_of: LineOf
) -> Iterator[dict[str, Any]]:
    """Yield a finding where values of % look like shares of one: all of them, or a few amid others.

    A few do where they are far below all others and a hundred times as much would be among them.
    """
    if column.field.unit != "%" or column.factor != 1:
        return
    rows = good.select(ROW_NUMBER, value=pl.col(column.field.field).cast(pl.Float64))
    rows = rows.filter(pl.col("value") != 0)
    small = rows.filter(pl.col("value").is_between(0, 1))
    large = rows.filter(~pl.col("value").is_between(0, 1))["value"]
    if small.is_empty():
        return
    if large.is_empty():
        yield finding("looks_like_fraction", header=column.header)
        return
    low, high = large.min(), large.max()
    assert isinstance(low, float) and isinstance(high, float)
    meant = small.filter(
        (pl.col("value") * _APART <= low)
        & (pl.col("value") * 100).is_between(low / 2, min(2 * high, 100))
    )
    if meant.height == small.height:
        yield _of_rows("fractions_among_percents", meant, column, "value", ".15g", line_of)


def _off_the_hour(good: pl.DataFrame, column: Column, line_of: LineOf) -> Iterator[dict[str, Any]]:
    """Yield a finding where rows that stand for an hour have times within one."""
    if column.field.step != "hour":
        return
    moment = pl.col(column.field.field)
    within = good.filter(moment.dt.truncate("1h") != moment)
    if within.height:
        name = column.field.field
        yield _of_rows("off_the_hour", within, column, name, "%Y-%m-%d %H:%M:%S", line_of)


def _of_rows(
    code: str, rows: pl.DataFrame, column: Column, value: str, form: str, line_of: LineOf
) -> dict[str, Any]:
    """Return a finding on some rows, which shows line and value of the first."""
    return finding(
        code,
        line=line_of(rows[ROW_NUMBER][0]),
        header=column.header,
        count=rows.height,
        value=format(rows[value][0], form),
    )
