"""One column of text into typed values, quickly: the cast first, a closer look where it fails."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from sources.cleaning import codes, dates
from sources.cleaning.names import parse_text
from sources.cleaning.numbers import parse_number, times
from sources.cleaning.text import LONGEST, MISSING_VALUE, folded, missing_kind
from sources.contracts import Contracts, Field
from sources.contracts.stored_rows import polars_type
from sources.contracts.unit_text import UnitProblem, conversion, read_unit
from sources.recognise.units import Column

EARLIEST: dict[str, Any] = {
    "year": dates.EARLIEST,
    "date": date(dates.EARLIEST, 1, 1),
    "datetime": datetime(dates.EARLIEST, 1, 1),
}
LATEST: dict[str, Any] = {
    "year": dates.LATEST,
    "date": date(dates.LATEST, 12, 31),
    "datetime": datetime(dates.LATEST, 12, 31, 23, 59, 59, 999_999),
}
_FORMATS = {"datetime": dates.DATETIME_FORMATS, "date": dates.DATE_FORMATS}


_NOTICED = ("kind", "censored", "flag", "unit", "error")


@dataclass(frozen=True)
class Typed:
    """A column's values and what was noticed, cell by cell where there is anything to notice.

    `noticed` has one row for each cell that needed a closer look and was not simply a value:
    `at` (row index, UInt32), kind, censored, flag, unit, error (see `text.parsed`).
    """

    values: pl.Series
    noticed: pl.DataFrame

    @property
    def errors(self) -> pl.DataFrame:
        return self.noticed.filter(pl.col("error").is_not_null())


def first_cast(column: Column) -> pl.Expr | None:
    """Return the cheap cast of a whole text column, null where it fails; None when none fits.

    The numbers are those written; `scaled` turns them into the contract's unit.
    """
    raw = pl.col(f"c{column.position}")
    kind = column.field.type
    if kind == "float" or (kind == "int" and column.factor != 1):
        return None if kind == "int" else raw.cast(pl.Float64, strict=False)
    if kind in ("int", "year"):
        return raw.cast(pl.Int64, strict=False)
    return None


def scaled(column: Column) -> pl.Expr | None:
    """Return the conversion of a column that `first_cast` made, named as its field, if any."""
    if column.field.type != "float" or column.factor == 1:
        return None
    return times(pl.col(column.field.field), column.factor)


def convert(raw: pl.Series, quick: pl.Series | None, column: Column, contracts: Contracts) -> Typed:
    """Turn a text column into its field's type. `quick` is first cast, then scaled."""
    field = column.field
    dtype = polars_type(field.sql_type)
    if quick is None and field.type in _FORMATS:
        quick = _by_format(raw, field)
    if quick is None:
        return by_distinct(raw, column, contracts, dtype)
    left = _left_over(raw, quick, field)
    if left is None:
        return Typed(quick.cast(dtype), nothing_noticed())
    at = left.arg_true()
    part = by_distinct(raw.gather(at), column, contracts, dtype)
    values = quick.cast(dtype).scatter(at, part.values)
    noticed = part.noticed.with_columns(at=at.gather(part.noticed["at"]))
    return Typed(values, noticed)


def convert_by_unit(
    raw: pl.Series, naming: pl.Series, column: Column, contracts: Contracts
) -> Typed:
    """Turn a text column into numbers where another column names the unit of each row.

    `naming` are the texts of that column; where it is blank the column's own unit holds.
    """
    dtype = polars_type(column.field.sql_type)
    values = pl.Series([None], dtype=dtype).new_from_index(0, len(raw))
    noticed = [nothing_noticed()]
    blank = missing_kind(folded(pl.col("n")), MISSING_VALUE).is_not_null()
    names = naming.alias("n").to_frame().select(pl.when(~blank).then(pl.col("n")).alias("n"))
    groups = names.with_row_index("at").partition_by("n", as_dict=True, maintain_order=True)
    for (name,), group in groups.items():
        at = group["at"]
        used, error = _in_unit(column, name, contracts)
        part = by_distinct(raw.gather(at), used, contracts, dtype)
        found = part.noticed
        if error is not None:
            wrong = part.values.is_not_null().arg_true()
            found = found.filter(pl.col("error").is_not_null())
            found = pl.concat([found, _all_noticed(wrong, error=error)], how="diagonal")
        elif used.factor != column.factor:
            other = part.values.is_not_null().arg_true()
            other = other.filter(~other.is_in(found["at"].implode()))
            found = pl.concat([found, _all_noticed(other, unit=used.unit)], how="diagonal")
        if error is None:
            values = values.scatter(at, part.values)
        noticed.append(found.with_columns(at=at.gather(found["at"])))
    return Typed(values, pl.concat(noticed).sort("at"))


def _all_noticed(at: pl.Series, **what: str | None) -> pl.DataFrame:
    return pl.DataFrame({"at": at.cast(pl.UInt32)}).with_columns(
        pl.lit(text, pl.String).alias(name) for name, text in what.items()
    )


def _in_unit(column: Column, name: str | None, contracts: Contracts) -> tuple[Column, str | None]:
    """Return a column as read where its unit is given by name, and the error in that, if any."""
    if name is None:
        return column, None
    stated = read_unit(name, contracts.units)
    if stated is None:
        return column, "unknown_unit"
    try:
        factor, unit = conversion(stated, column.field, column.period, contracts.units)
    except UnitProblem:
        return column, "unit_dimension"
    if column.unit is not None and factor != column.factor:
        return column, "unit_differs"
    return replace(column, factor=factor, unit=unit), None


def _left_over(raw: pl.Series, quick: pl.Series, field: Field) -> pl.Series | None:
    """Return where the quick cast does not settle a cell, or None when it settles all."""
    left = quick.is_null() & raw.is_not_null() if quick.null_count() > raw.null_count() else None
    if quick.len() == quick.null_count():
        return left
    odd = None
    if field.type == "float":
        # "nan" and "inf" are casts that succeed; a sum shows at once whether there is any.
        if not math.isfinite(quick.sum()):
            odd = ~quick.is_finite()
    elif field.type in EARLIEST:
        low, high = EARLIEST[field.type], LATEST[field.type]
        if quick.min() < low or quick.max() > high:
            odd = ~quick.is_between(low, high)
    if odd is None:
        return left
    odd = odd.fill_null(False)
    return odd if left is None else left | odd


def _by_format(raw: pl.Series, field: Field) -> pl.Series | None:
    """Cast by the one format that the column's first cell shows, if it shows one."""
    form = format_of(raw.drop_nulls().head(1), field)
    if form is None:
        return None
    if field.type == "date":
        return raw.str.to_date(form, strict=False)
    return raw.str.to_datetime(form, strict=False, time_unit="us")


def format_of(cells: Iterable[str], field: Field) -> str | None:
    """Return the machine-written format of the first of some cells that has one."""
    for text in cells:
        sample = pl.Series([text], dtype=pl.String)
        for form in _FORMATS[field.type]:
            if field.type == "date":
                read = sample.str.to_date(form, strict=False)
            else:
                read = sample.str.to_datetime(form, strict=False, time_unit="us")
            if read.null_count() == 0:
                return form
    return None


def nothing_noticed() -> pl.DataFrame:
    text = dict.fromkeys(_NOTICED, pl.String)
    return pl.DataFrame(schema={"at": pl.UInt32, **text})


def by_distinct(raw: pl.Series, column: Column, contracts: Contracts, dtype: pl.DataType) -> Typed:
    """Read each distinct text once and put the results back in their places."""
    too_long = raw.str.len_bytes() > 4 * LONGEST
    if too_long.any():  # nobody's value, and costly to look at: an unpaired quote, most likely
        return _but_the_long(raw, too_long, column, contracts, dtype)
    distinct = raw.drop_nulls().unique()
    found = _parse(distinct, column, contracts)
    odd = found.filter(pl.any_horizontal(pl.col(_NOTICED).is_not_null()))
    cells = raw.rename("raw").to_frame().with_row_index("at")
    if column.field.type == "string":
        changed = found.filter(pl.col("value").ne_missing(pl.col("raw")))
        if not len(changed):
            return Typed(raw, nothing_noticed())
    values = cells.join(found.select("raw", "value"), on="raw", how="left", maintain_order="left")[
        "value"
    ].cast(dtype)
    noticed = (
        cells.join(odd.drop("value"), on="raw", how="inner", maintain_order="left")
        .drop("raw")
        .select("at", *_NOTICED)
        if len(odd)
        else nothing_noticed()
    )
    return Typed(values, noticed)


def _but_the_long(
    raw: pl.Series, too_long: pl.Series, column: Column, contracts: Contracts, dtype: pl.DataType
) -> Typed:
    """Read a column's texts of bearable length; the others are errors."""
    too_long = too_long.fill_null(False)
    rest = raw.set(too_long, None)
    read = by_distinct(rest, column, contracts, dtype)
    at = too_long.arg_true().cast(pl.UInt32)
    errors = pl.DataFrame({"at": at}).with_columns(error=pl.lit("text_too_long"))
    return Typed(read.values, pl.concat([read.noticed, errors], how="diagonal"))


def _parse(distinct: pl.Series, column: Column, contracts: Contracts) -> pl.DataFrame:
    kind = column.field.type
    if kind in ("int", "float"):
        return parse_number(distinct, column, contracts.units)
    if kind in ("date", "datetime", "month", "year"):
        return _parse_date(distinct, column)
    return _parse_code(distinct, column.field, contracts)


def _parse_date(distinct: pl.Series, column: Column) -> pl.DataFrame:
    match column.field.type:
        case "datetime":
            return dates.parse_datetime(distinct, column.serial_shift)
        case "date":
            return dates.parse_date(distinct, column.serial_shift)
        case "month":
            return dates.parse_month(distinct, column.serial_shift)
    return dates.parse_year(distinct)


def _parse_code(distinct: pl.Series, field: Field, contracts: Contracts) -> pl.DataFrame:
    areas = contracts.areas
    match field.type:
        case "bool":
            return codes.parse_bool(distinct)
        case "area":
            return codes.parse_area(distinct, areas, areas.names)
        case "township":
            return codes.parse_area(distinct, areas, areas.townships)
        case "water_class" | "groundwater_class":
            return codes.parse_class(distinct, field)
        case "enum":
            return codes.parse_enum(distinct, field)
    return parse_text(distinct, field)
