"""Periods that stand in parts: a year in one column, a month in another, the rest in a title.

Each distinct text is read once (`periods.read_period`); parts are put together column-wise.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from sources.layout.header import PARTS
from sources.layout.periods import NEEDED, PART_NAMES, Period, read_period

_DIGITS = {"year": 4, "month": 2, "day": 2, "hour": 2}


def read_part(text: str, kind: str | None) -> Period | None:
    """Read a cell of a column of that part of a period: 8 below 小时 is eight o'clock."""
    plain = text.strip().removesuffix(".0")
    if kind in PARTS and kind != "year" and plain.isdigit() and len(plain) <= 2:
        return read_period(f"{plain}{PARTS[kind]}")
    return read_period(plain)


def period_texts(
    frame: pl.DataFrame,
    kind: str,
    columns: Mapping[str, str | None],
    beside: Period,
    header: Mapping[str, str] | None = None,
) -> pl.Series:
    """Return each row's period as a text that a field of type `kind` reads.

    `columns` are columns of texts with the part of the period that their title names (None: the
    period itself), `header` integer columns by part (what the header says of a value), `beside`
    the parts that hold for all rows. Where parts are missing or contradict each other the texts
    are returned as they stand, one behind the other, for the cleaning to reject.
    """
    sources = [_parts_of(frame[name], part) for name, part in columns.items()]
    if header:
        sources.append(frame.select(pl.col(name).alias(part) for part, name in header.items()))
    known = {p: [s[p] for s in sources if p in s.columns] for p in PART_NAMES}
    whole = pl.DataFrame([_agreed(p, series, beside, frame.height) for p, series in known.items()])
    needed = [part for part in ("year", "month", "day", "hour") if part in NEEDED[kind]]
    text = pl.concat_str([_padded(part) for part in needed[:3]], separator="-")
    if kind == "datetime":
        minute = pl.col("minute").fill_null(0).cast(pl.String).str.zfill(2)
        moment = pl.concat_str(text, pl.lit(" "), _padded("hour"), pl.lit(":"), minute)
        text = pl.coalesce(moment, text)
    composed = whole.select(text.alias("t"))["t"]
    raw = frame.select(
        pl.concat_str([pl.col(c) for c in columns], separator=" ", ignore_nulls=True).alias("t")
        if columns
        else pl.lit(None, pl.String).alias("t")
    )["t"]
    if len(raw) != frame.height:
        raw = raw.new_from_index(0, frame.height)
    found = pl.DataFrame({"t": composed, "raw": raw})
    return found.select(pl.coalesce("t", pl.when(pl.col("raw") != "").then(pl.col("raw"))))["t"]


def _padded(part: str) -> pl.Expr:
    return pl.col(part).cast(pl.String).str.zfill(_DIGITS[part])


def _parts_of(texts: pl.Series, kind: str | None) -> pl.DataFrame:
    """Return the parts that each text of a column gives, one integer column a part."""
    distinct = texts.drop_nulls().unique()
    read = [read_part(text, kind) or Period(several=True) for text in distinct]
    parts = {n: pl.Series([getattr(p, n) for p in read], dtype=pl.Int64) for n in PART_NAMES}
    known = pl.DataFrame({"raw": distinct, **parts})
    joined = texts.alias("raw").to_frame().join(known, on="raw", how="left", maintain_order="left")
    return joined.drop("raw")


def _agreed(part: str, known: Sequence[pl.Series], beside: Period, height: int) -> pl.Series:
    """Return the value of a part where all columns that give it agree, null where they differ."""
    fixed = getattr(beside, part)
    series = [s.alias(f"s{i}") for i, s in enumerate(known)]
    if fixed is not None:
        series.append(pl.Series("fixed", [fixed], dtype=pl.Int64).new_from_index(0, height))
    if not series:
        return pl.Series(part, [None], dtype=pl.Int64).new_from_index(0, height).alias(part)
    names = [s.name for s in series]
    same = pl.min_horizontal(names) == pl.max_horizontal(names)
    return pl.DataFrame(series).select(pl.when(same).then(pl.coalesce(names)).alias(part))[part]


def parts_in(texts: Iterable[str], kind: str | None, most: float) -> set[str]:
    """Return the parts of a period that all texts of a column give; none where few are periods."""
    listed = list(texts)
    read = [p for t in listed if (p := read_part(t, kind)) is not None and not p.several]
    if not read or len(read) < len(listed) * most:
        return set()
    return set.intersection(*(set(p.parts) for p in read))
