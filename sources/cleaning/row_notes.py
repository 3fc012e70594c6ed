"""What is kept of accepted rows beside their values: missing kinds, limits, flags, conversions."""

from collections.abc import Iterable, Mapping

import polars as pl

from sources.cleaning.columns import Typed
from sources.cleaning.rejections import SHOWN, no_text
from sources.cleaning.text import NOT_REPORTED
from sources.reading.raw import ROW_NUMBER, cell
from sources.recognise.units import Column

CONVERTED_SCHEMA: dict[str, pl.DataType] = {
    "field": pl.String(),
    "column_title": pl.String(),
    "unit": pl.String(),
    "line": pl.Int64(),
    "count": pl.Int64(),
}


def notes_of(
    height: int,
    typed: Mapping[str, Typed],
    values: pl.DataFrame,
    deleted: pl.Series | None,
) -> list[pl.Series]:
    """Return missing_kinds, censored_fields and flags of every row."""
    missing = _missing(typed, values, height)
    notes = []
    for name, series in (
        ("missing_kinds", missing),
        ("censored_fields", _listed(typed, "censored", height)),
        ("flags", _listed(typed, "flag", height)),
    ):
        if deleted is not None and deleted.any():
            series = series.to_frame("n").select(pl.when(~deleted).then(pl.col("n")))["n"]
        notes.append(series.alias(name))
    return notes


def _missing(typed: Mapping[str, Typed], values: pl.DataFrame, height: int) -> pl.Series:
    """Return `field=kind;...` of every row's missing values, null where none is."""
    lacking = [n for n, t in typed.items() if t.values.null_count()]
    empty = no_text(height)
    if not lacking:
        return empty
    nulls = values.select(pl.any_horizontal(pl.col(lacking).is_null()).alias("n"))["n"]
    at = nulls.arg_true()
    part = values.select(lacking)[at].with_columns(_at=at.cast(pl.UInt32))
    texts: list[pl.Expr] = []
    for name in lacking:
        noticed = typed[name].noticed
        text = pl.lit(f"{name}={NOT_REPORTED}")
        odd = noticed.filter((pl.col("kind") != NOT_REPORTED) | (pl.col("kind").is_null()))
        if odd.height:
            kinds = odd.select(
                pl.col("at").alias("_at"),
                (pl.lit(f"{name}=") + pl.col("kind").fill_null("")).alias(f"_{name}"),
            )
            part = part.join(kinds, on="_at", how="left", maintain_order="left")
            text = pl.coalesce(f"_{name}", text)
            # Not detected is not missing, and neither is a value that broke a rule.
            text = pl.when(~text.str.ends_with("=")).then(text)
        texts.append(pl.when(pl.col(name).is_null()).then(text))
    joined = part.select(pl.concat_str(texts, separator=";", ignore_nulls=True).alias("t"))["t"]
    joined = joined.to_frame().select(pl.when(pl.col("t") != "").then(pl.col("t")))["t"]
    return empty.scatter(at, joined)


def _listed(typed: Mapping[str, Typed], what: str, height: int) -> pl.Series:
    """Return `field=text;...` of every row for one kind of remark, null where there is none."""
    parts = [
        t.noticed.filter(pl.col(what).is_not_null()).select(
            "at", (pl.lit(f"{name}=") + pl.col(what)).alias("text")
        )
        for name, t in typed.items()
        if t.noticed.height
    ]
    parts = [p for p in parts if p.height]
    if not parts:
        return no_text(height)
    joined = pl.concat(parts).group_by("at", maintain_order=True).agg(pl.col("text").str.join(";"))
    return no_text(height).scatter(joined["at"], joined["text"])


def flagged_of(
    columns: Iterable[Column],
    frame: pl.DataFrame,
    typed: Mapping[str, Typed],
    good: pl.Series | None,
    deleted: pl.Series | None,
) -> pl.DataFrame:
    """Return the flags of accepted rows: row_number, field, column_title, value, code.

    `good` and `deleted` tell of each row whether it is accepted and whether it only withdraws a
    key; None: all are, none does.
    """
    parts = []
    for column in columns:
        noticed = typed[column.field.field].noticed
        flagged = noticed.filter(pl.col("flag").is_not_null())
        for keep in (good, None if deleted is None else ~deleted):
            if keep is not None and flagged.height:
                flagged = flagged.filter(keep.gather(flagged["at"]))
        if flagged.height:
            at = flagged["at"]
            parts.append(
                pl.DataFrame(
                    {
                        "row_number": frame[ROW_NUMBER].gather(at),
                        "field": [column.field.field] * len(at),
                        "column_title": [column.header] * len(at),
                        "value": frame[cell(column.position)].gather(at).str.slice(0, SHOWN),
                        "code": flagged["flag"],
                    }
                )
            )
    if parts:
        return pl.concat(parts).sort("row_number", maintain_order=True)
    names = ("field", "column_title", "value", "code")
    return pl.DataFrame(schema={"row_number": pl.Int64, **dict.fromkeys(names, pl.String)})


def converted_of(
    columns: Iterable[Column],
    frame: pl.DataFrame,
    typed: Mapping[str, Typed],
    good: pl.Series | None,
) -> pl.DataFrame:
    """Return the units that numbers of accepted rows brought (columns of CONVERTED_SCHEMA)."""
    parts = [pl.DataFrame(schema=CONVERTED_SCHEMA)]
    for column in columns:
        found = typed[column.field.field].noticed.filter(pl.col("unit").is_not_null())
        if good is not None and found.height:
            found = found.filter(good.gather(found["at"]))
        if found.height:
            lines = found.with_columns(line=frame[ROW_NUMBER].gather(found["at"]))
            parts.append(
                lines.group_by("unit", maintain_order=True)
                .agg(pl.col("line").min(), count=pl.len().cast(pl.Int64))
                .with_columns(field=pl.lit(column.field.field), column_title=pl.lit(column.header))
                .select(list(CONVERTED_SCHEMA))
            )
    return pl.concat(parts)
