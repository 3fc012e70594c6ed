"""Dates, times, months and years in every form that departments write them."""

import polars as pl

from sources.cleaning.numbers import parsed_from
from sources.cleaning.text import trimmed

EARLIEST, LATEST = 1949, 2100
# Excel counts days from 1899-12-30; serials of the years 1954 to 2119 have five digits.
_EPOCH = pl.datetime(1899, 12, 30, time_unit="us")
_LOWEST_SERIAL, _HIGHEST_SERIAL = 20_000, 80_000

_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?"
_TIME = (
    r"(?:t|,)?(\d{1,2})(?:[:时点](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)?)(?:\+08:?00)?"
)
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?)?$"
_MONTH = r"^(\d{4})(?:[-/.年]|年-)(\d{1,2})月?份?$"


def _text() -> pl.Expr:
    return (
        trimmed(pl.col("raw"))
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all("[‐‑–—−]", "-")
        # The space between day and time goes the way of a T; other spaces are typing.
        .str.replace(r"^(\d{4}\D+\d{1,2}\D+\d{1,2}[日号]?)\s+(\d)", "${1}t${2}")
        .str.replace_all(r"\s+", "")
    )


def _stamp(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `stamp` (Datetime, null where the text is none), `timed` and `serial` to texts."""
    frame = frame.with_columns(text=_text())
    part = pl.col("text").str.extract_groups(rf"^{_DAY}(?:{_TIME})?$")
    compact = pl.col("text").str.extract_groups(_COMPACT)
    names = ["y", "m", "d", "h", "n", "s"]
    frame = frame.with_columns(
        part.struct.rename_fields([f"a{n}" for n in names]).alias("_a"),
        compact.struct.rename_fields([f"b{n}" for n in names]).alias("_b"),
    ).unnest("_a", "_b")
    both = {n: pl.coalesce(f"a{n}", f"b{n}") for n in names}
    pad = [both["m"].str.zfill(2), both["d"].str.zfill(2)]
    day = pl.concat_str(both["y"], pl.lit("-"), pad[0], pl.lit("-"), pad[1]).str.to_date(
        "%Y-%m-%d", strict=False
    )
    clock = {n: both[n].fill_null("0").cast(pl.Int64) for n in "hns"}
    # 24:00 is the end of a day, which the network for air uses: the next day's 00:00.
    midnight = (clock["h"] == 24) & (clock["n"] == 0) & (clock["s"] == 0)
    valid = ((clock["h"] <= 23) | midnight) & (clock["n"] <= 59) & (clock["s"] <= 59)
    seconds = clock["h"] * 3600 + clock["n"] * 60 + clock["s"]
    written = pl.when(valid).then(
        day.cast(pl.Datetime("us")) + pl.duration(seconds=seconds, time_unit="us")
    )
    serial = pl.col("text").str.extract(r"^(\d{5}(?:\.\d+)?)$").cast(pl.Float64, strict=False)
    serial = pl.when(serial.is_between(_LOWEST_SERIAL, _HIGHEST_SERIAL)).then(serial)
    counted = _EPOCH + pl.duration(
        seconds=(serial * 86_400).round(0).cast(pl.Int64), time_unit="us"
    )
    frame = frame.with_columns(
        stamp=pl.coalesce(written, pl.when(serial.is_not_null()).then(counted))
    )
    in_range = pl.col("stamp").dt.year().is_between(EARLIEST, LATEST)
    return frame.with_columns(
        too_far=pl.col("stamp").is_not_null() & ~in_range,
        # 24:00 is written on the day that it ends.
        own_day=pl.when(midnight & both["h"].is_not_null())
        .then(day)
        .otherwise(pl.col("stamp").dt.date()),
        timed=pl.col("stamp").dt.time() != pl.time(0, 0, 0),
    )


def _result(
    raw: pl.Series, frame: pl.DataFrame, value: pl.Expr, error: pl.Expr, flag: pl.Expr | None = None
) -> pl.DataFrame:
    extra = frame.select(
        _value=value,
        _error=error,
        _censored=pl.lit(None, pl.String),
        _flag=flag if flag is not None else pl.lit(None, pl.String),
        _unit=pl.lit(None, pl.String),
    )
    return parsed_from(raw, extra)


def _error(value: pl.Expr, code: str) -> pl.Expr:
    return (
        pl.when(value.is_null())
        .then(pl.lit(code))
        .when(pl.col("too_far"))
        .then(pl.lit("date_out_of_range"))
    )


def parse_datetime(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as local times (Asia/Shanghai, no zone kept)."""
    frame = _stamp(raw.rename("raw").to_frame())
    return _result(raw, frame, pl.col("stamp"), _error(pl.col("stamp"), "not_a_datetime"))


def parse_date(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as days; a time of day is dropped with a flag."""
    frame = _stamp(raw.rename("raw").to_frame())
    flag = pl.when(pl.col("timed")).then(pl.lit("time_dropped"))
    return _result(raw, frame, pl.col("own_day"), _error(pl.col("own_day"), "not_a_date"), flag)


def parse_month(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as months (their first day). 2023.1 may be 2023.10 and is an error."""
    frame = _stamp(raw.rename("raw").to_frame())
    ambiguous = pl.col("text").str.contains(r"^\d{4}\.1$")
    part = pl.col("text").str.extract_groups(_MONTH)
    six = pl.col("text").str.extract_groups(r"^(\d{4})(\d{2})$")
    year = pl.coalesce(part.struct.field("1"), six.struct.field("1"))
    month = pl.coalesce(part.struct.field("2"), six.struct.field("2")).str.zfill(2)
    written = pl.concat_str(year, pl.lit("-"), month, pl.lit("-01")).str.to_date(
        "%Y-%m-%d", strict=False
    )
    frame = frame.with_columns(
        month=pl.coalesce(written, pl.col("own_day").dt.truncate("1mo")), ambiguous=ambiguous
    ).with_columns(too_far=~pl.col("month").dt.year().is_between(EARLIEST, LATEST))
    error = (
        pl.when(pl.col("ambiguous"))
        .then(pl.lit("ambiguous_month"))
        .otherwise(_error(pl.col("month"), "not_a_month"))
    )
    return _result(raw, frame, pl.col("month"), error)


def parse_year(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as years."""
    frame = raw.rename("raw").to_frame().with_columns(text=_text())
    year = pl.col("text").str.extract(r"^(\d{4})(?:年度|年|\.0+)?$").cast(pl.Int64, strict=False)
    frame = frame.with_columns(year=year)
    frame = frame.with_columns(too_far=~pl.col("year").is_between(EARLIEST, LATEST))
    return _result(raw, frame, pl.col("year"), _error(pl.col("year"), "not_a_year"))


# The forms that machines write, tried on a whole column before any closer look.
DATETIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
