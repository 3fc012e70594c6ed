"""Dates, times, months and years in every form that departments write them."""

import polars as pl

from sources.cleaning.date_text import parts
from sources.cleaning.numbers import parsed_from

EARLIEST, LATEST = 1949, 2100
# Excel counts days from 1899-12-30; serials of the years 1957 to 2119 have five digits. Below, a
# number such as 20231 is rather a month without its zero.
_EPOCH = pl.datetime(1899, 12, 30, time_unit="us")
_LOWEST_SERIAL, _HIGHEST_SERIAL = 21_000, 80_000
EPOCH_1904 = 1_462
"""Days between the epochs of workbooks that count from 1904 and of the others."""


def _stamp(raw: pl.Series, serial_shift: int = 0) -> pl.DataFrame:
    """Return `parts` of texts with `stamp` (Datetime), null where a text is none.

    `timed`: it has a time of day; `counted`: the text is a bare number of days, not a date.
    """
    frame = parts(raw)
    day = pl.concat_str(
        "y", pl.lit("-"), pl.col("m").str.zfill(2), pl.lit("-"), pl.col("d").str.zfill(2)
    ).str.to_date("%Y-%m-%d", strict=False)
    clock = {n: pl.col(n).fill_null("0").cast(pl.Int64) for n in "hns"}
    hour = _hour(clock["h"])
    # 24:00 is the end of a day, which the network for air uses: the next day's 00:00.
    midnight = (hour == 24) & (clock["n"] == 0) & (clock["s"] == 0) & pl.col("h").is_not_null()
    valid = ((hour <= 23) | midnight) & (clock["n"] <= 59) & (clock["s"] <= 59)
    seconds = hour * 3600 + clock["n"] * 60 + clock["s"]
    # Times with an offset are converted to the county's clock, which is 8 hours ahead of UTC.
    shift = pl.when(pl.col("h").is_not_null()).then(8 * 60 - pl.col("offset")).fill_null(0)
    written = pl.when(valid).then(
        day.cast(pl.Datetime("us"))
        + pl.duration(seconds=seconds, time_unit="us")
        + pl.duration(minutes=shift, time_unit="us")
    )
    frame = frame.with_columns(
        written=written, stamp=pl.coalesce(written, _of_serial(serial_shift)), midnight=midnight
    )
    in_range = pl.col("stamp").dt.year().is_between(EARLIEST, LATEST)
    return frame.with_columns(
        too_far=pl.col("stamp").is_not_null() & ~in_range,
        # 24:00 is written on the day that it ends.
        own_day=pl.when("midnight").then(day).otherwise(pl.col("stamp").dt.date()),
        timed=pl.col("stamp").dt.time() != pl.time(0, 0, 0),
        counted=pl.col("written").is_null() & pl.col("stamp").is_not_null(),
    )


def _hour(hour: pl.Expr) -> pl.Expr:
    """Return the hour of the day of a clock's hour: 下午2时 is 14; null where it is none."""
    half = pl.col("half")
    return (
        pl.when(half.is_null())
        .then(hour)
        .when((half == "am") & (hour == 12))
        .then(0)
        .when((half == "forenoon") & (hour < 12) | (half == "am") & (hour < 12))
        .then(hour)
        .when((half == "noon") & (hour > 3) & (hour <= 12))
        .then(hour)
        .when((half.is_in(["pm", "noon"])) & (hour < 12))
        .then(hour + 12)
        .when((half == "pm") & (hour < 24))
        .then(hour)
    )


def _of_serial(shift: int) -> pl.Expr:
    """Return the time that a bare number counts the days to, null where it is none."""
    serial = pl.col("text").str.extract(r"^(\d{5}(?:\.\d+)?)$").cast(pl.Float64, strict=False)
    serial = pl.when(serial.is_between(_LOWEST_SERIAL, _HIGHEST_SERIAL)).then(serial + shift)
    counted = _EPOCH + pl.duration(
        seconds=(serial * 86_400).round(0).cast(pl.Int64), time_unit="us"
    )
    return pl.when(serial.is_not_null()).then(counted)


def _result(
    raw: pl.Series, frame: pl.DataFrame, value: pl.Expr, error: pl.Expr, flag: pl.Expr | None = None
) -> pl.DataFrame:
    signed = pl.when(pl.col("signed")).then(pl.lit("note_sign"))
    extra = frame.select(
        _value=value,
        _error=error,
        _censored=pl.lit(None, pl.String),
        _flag=signed if flag is None else pl.coalesce(signed, flag),
        _unit=pl.lit(None, pl.String),
    )
    return parsed_from(raw, extra)


def _day_number(month: bool = False) -> pl.Expr:
    """Return the flag of a date that was read from a bare number of days."""
    read = pl.col("month") == pl.col("own_day").dt.truncate("1mo") if month else pl.lit(True)
    return pl.when(pl.col("counted") & read).then(pl.lit("day_number"))


def _error(value: pl.Expr, code: str) -> pl.Expr:
    return (
        pl.when(value.is_null())
        .then(pl.lit(code))
        .when(pl.col("too_far"))
        .then(pl.lit("date_out_of_range"))
    )


def parse_datetime(raw: pl.Series, serial_shift: int = 0) -> pl.DataFrame:
    """Read distinct texts as local times (Asia/Shanghai, no zone kept).

    `serial_shift` are days to add to bare day numbers (`EPOCH_1904`).
    """
    frame = _stamp(raw, serial_shift)
    error = _error(pl.col("stamp"), "not_a_datetime")
    return _result(raw, frame, pl.col("stamp"), error, _day_number())


def parse_date(raw: pl.Series, serial_shift: int = 0) -> pl.DataFrame:
    """Read distinct texts as days; a time of day is dropped with a flag."""
    frame = _stamp(raw, serial_shift)
    timed = pl.when(pl.col("timed")).then(pl.lit("time_dropped"))
    flag = pl.coalesce(_day_number(), timed)
    return _result(raw, frame, pl.col("own_day"), _error(pl.col("own_day"), "not_a_date"), flag)


# A period of another length than a month: 2023.01-06, 1-6月, 第一季度, 上半年, 上旬, 截至6月.
_Y = r"(?:\d{2}|\d{4})"
_SEVERAL_MONTHS = (
    rf"^(?:{_Y}[年./-]?)?\d{{1,2}}月?(?:~|至|到|-)\d{{1,2}}月(?:份|累计)*$"
    rf"|^{_Y}[年./]\d{{1,2}}-\d{{1,2}}(?:累计)?$|^{_Y}[年./-]\d{{1,2}}月?(?:~|至|到)\d{{1,2}}$"
    rf"|^{_Y}[年./-]?\d{{1,2}}月?(?:~|至|到|-){_Y}[年./-]?\d{{1,2}}月?$"
    r"|季度?$|季度|q[1-4]|半年|全年|[上中下]旬|累计|截[至止]|以来|至今|前\d+个?月|^\d{4}年?度?$"
)


def parse_month(raw: pl.Series, serial_shift: int = 0) -> pl.DataFrame:
    """Read distinct texts as months (their first day). 2023.1 may be 2023.10 and is an error."""
    frame = _stamp(raw, serial_shift)
    text = pl.col("text")
    ambiguous = text.str.contains(r"^\d{4}\.1$")
    several = text.str.contains(_SEVERAL_MONTHS) & pl.col("written").is_null() | pl.col("until")
    forms = (
        r"^(\d{4})(?:[-/.年]|年-)(\d{1,2})月?份?[末底]?$",
        r"^(\d{4})(\d{2})$",
        r"^(\d{4})m(\d{2})$",  # 2023M03, as statistical offices write it
        r"^(19[5-9]\d|20\d\d)([1-9])$",  # 20231: no zero typed
    )
    found = [text.str.extract_groups(form) for form in forms]
    year = pl.coalesce(f.struct.field("1") for f in found)
    month = pl.coalesce(f.struct.field("2") for f in found).str.zfill(2)
    written = pl.concat_str(year, pl.lit("-"), month, pl.lit("-01")).str.to_date(
        "%Y-%m-%d", strict=False
    )
    frame = frame.with_columns(
        month=pl.coalesce(written, pl.col("own_day").dt.truncate("1mo")),
        ambiguous=ambiguous,
        several=several,
    ).with_columns(too_far=~pl.col("month").dt.year().is_between(EARLIEST, LATEST))
    error = (
        pl.when(pl.col("ambiguous"))
        .then(pl.lit("ambiguous_month"))
        .when(pl.col("several"))
        .then(pl.lit("not_one_month"))
        .otherwise(_error(pl.col("month"), "not_a_month"))
    )
    return _result(raw, frame, pl.col("month"), error, _day_number(month=True))


def parse_year(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as years: 2023, 2023年末, the date of a year's first or last day."""
    frame = _stamp(raw)
    written = (
        pl.col("text")
        .str.extract(r"^(\d{4}|\d,\d{3})(?:年度|年末|年底|年|末|底)?$")
        .str.replace(",", "")
    )
    ends = pl.col("written").dt.strftime("%m-%d").is_in(["01-01", "12-31"]) & ~pl.col("timed")
    by_date = pl.when(ends).then(pl.col("written").dt.year())
    year = pl.coalesce(written.cast(pl.Int64, strict=False), by_date.cast(pl.Int64))
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
