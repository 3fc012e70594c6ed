"""The text of a date taken apart: year, month, day, hour, offset, each as it is written.

Belongs here: the spellings of dates. Which of them a field accepts is for `dates`.
"""

import polars as pl

from sources.cleaning.text import shown, trimmed, without_notes

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = (
    *("january", "february", "march", "april", "june", "july", "august", "september", "october"),
    *("november", "december", "sept"),
)
_NAMES = {name: f"«{_MONTHS.index(name[:3]) + 1:02d}»" for name in (*_LONG, *_MONTHS)}
_CHINESE = dict(zip("〇○零一二三四五六七八九", "000123456789", strict=True))
_ONES = "[一二三四五六七八九]"
_WEEKDAY = r"[,，]?\s*[(（]?(?:星期|礼拜|周)[一二三四五六日天][)）]?"
_ENGLISH_WEEKDAY = r"\b(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day|s|r|rs|nes)?\b[.,]?\s*"
# Parts of a day that say which half an hour of the clock is in. 上午12:00 may be noon or midnight.
_HALVES = {
    "forenoon": "上午|早上|早晨|清晨",
    "am": r"凌晨|a\.?m\.?",
    "noon": "中午|正午",
    "pm": r"下午|傍晚|晚上|夜间|夜里|p\.?m\.?",
}
# Only ahead of UTC: 08:00-09:00 is an hour, no offset.
_OFFSET = r"(:\d{2}(?:\.\d+)?)\s*(?:utc|gmt)?(z|\+\d{2}(?::?\d{2})?)$"
# One sign in both places: 2023.01-06 is no day.
_DAY = (
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})[日号]?|[-/年]?«(\d{2})»[-/]?(\d{1,2}))"
)
_UNTIL = "截[至止]"
_UNTIL_DAY = rf"^{_UNTIL}到?\s*(\d{{4}}年(?:\d{{1,2}}月\d{{1,2}}[日号]|[末底]|年[末底]))"
# 1-Mar-2023, Mar 1, 2023, Mar 2023, Mar-23 (how spreadsheets show 2023-3), 2023-Mar.
_ENGLISH_ORDERS = (
    (r"^(\d{1,2})[-/. ]?«(\d{2})»[-/., ]*(\d{4})", "${3}-${2}-${1}"),
    (r"^«(\d{2})»[-/. ]?(\d{1,2}),\s*(\d{4})", "${3}-${1}-${2}"),
    (r"^«(\d{2})»[-/.,' ]*(\d{4})$", "${2}-${1}"),
    (r"^«(\d{2})»[-' ]?(\d{2})$", "20${2}-${1}"),
    (r"^(\d{4})[-/.年 ]*«(\d{2})»$", "${1}-${2}"),
)
_TIME = r"(?:t|,)?(\d{1,2})(?:[:时点](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)?)"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?)?$"
_GROUPS = ("y", "m1", "d1", "m2", "d2", "m3", "d3", "m4", "d4", "m5", "d5", "h", "n", "s")


def parts(raw: pl.Series) -> pl.DataFrame:
    """Return the parts of distinct texts as far as each is a date, as texts, null elsewhere.

    `text`: folded, its weekday, half of the day and offset taken away; `y m d h n s`; `half`: one
    of `_HALVES` or null; `offset`: minutes ahead of UTC, null without one; `until`: whether the
    text says 截至; `signed`: whether a sign that refers to a note was taken away.
    """
    frame = raw.rename("raw").to_frame().with_columns(text=trimmed(pl.lit(shown(raw))))
    frame = frame.with_columns(bare=without_notes(pl.col("text")))
    frame = frame.with_columns(signed=pl.col("bare") != pl.col("text"), text=_plain())
    frame = _without_half(frame).with_columns(until=pl.col("text").str.contains(_UNTIL))
    zone = pl.col("text").str.extract_groups(_OFFSET).struct.field("2")
    frame = frame.with_columns(
        offset=_minutes(zone), text=_joined(pl.col("text").str.replace(_OFFSET, "${1}"))
    )
    part = pl.col("text").str.extract_groups(rf"^{_DAY}(?:{_TIME})?$")
    compact = pl.col("text").str.extract_groups(_COMPACT)
    frame = frame.with_columns(
        part.struct.rename_fields([f"a_{n}" for n in _GROUPS]).alias("_a"),
        compact.struct.rename_fields([f"b_{n}" for n in "ymdhns"]).alias("_b"),
    ).unnest("_a", "_b")
    both = {n: pl.coalesce(f"a_{n}", f"b_{n}").alias(n) for n in "yhns"}
    for n in "md":
        both[n] = pl.coalesce(*(f"a_{n}{i}" for i in range(1, 6)), f"b_{n}").alias(n)
    names = ("text", "signed", "half", "offset", "until")
    return frame.select("raw", *names, *both.values())


def _plain() -> pl.Expr:
    """Fold a text: half width, lower case, Chinese and English numerals as digits, no weekday."""
    text = pl.col("bare").str.normalize("NFKC").str.to_lowercase()
    text = text.str.replace_all("[‐‑–—−]", "-").str.replace(_WEEKDAY, "")
    text = text.str.replace(_ENGLISH_WEEKDAY, "")
    text = text.str.replace_all(rf"({_ONES})十({_ONES})", "${1}${2}")
    text = text.str.replace_all(rf"({_ONES})十", "${1}0").str.replace_all(rf"十({_ONES})", "1${1}")
    text = text.str.replace_all("十([月日号时])", "10${1}")
    text = text.str.replace_many(list(_CHINESE), list(_CHINESE.values()))
    return text.str.replace_many(list(_NAMES), list(_NAMES.values()), leftmost=True)


def _without_half(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    half = pl.coalesce(
        pl.when(text.str.contains(pattern)).then(pl.lit(name)) for name, pattern in _HALVES.items()
    )
    any_half = "|".join(_HALVES.values())
    return frame.with_columns(half=half, text=text.str.replace_all(any_half, " ").str.strip_chars())


def _minutes(zone: pl.Expr) -> pl.Expr:
    """Return how many minutes ahead of UTC `+08:00`, `+0800`, `+08` or `z` are."""
    hours = zone.str.extract(r"^\+(\d{2})").cast(pl.Int64, strict=False)
    rest = zone.str.extract(r"^\+\d{2}:?(\d{2})").cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(zone == "z").then(0).otherwise(hours * 60 + rest)


def _joined(text: pl.Expr) -> pl.Expr:
    """Take white space and other writing away: order of day and month names, years of 2 digits."""
    text = text.str.replace(_UNTIL_DAY, "${1}")
    for form, order in _ENGLISH_ORDERS:
        text = text.str.replace(form, order)
    # The space between day and time goes the way of a T, those between numbers that of a dash;
    # what else parts two numbers is no typing: they may be two periods.
    text = text.str.replace(r"^(\d{4}\D+\d{1,2}\D+\d{1,2}[日号]?)\s+(\d)", "${1}t${2}")
    text = text.str.replace(r"^(\d{8})\s+(\d{2}:?\d{2})", "${1}t${2}")
    text = text.str.replace(r"^(\d{4})[ \u3000]+(\d{1,2})[ \u3000]+(\d{1,2})", "${1}-${2}-${3}")
    text = text.str.replace(r"^(\d{4})[ \u3000]+(\d{1,2})$", "${1}-${2}")
    text = text.str.replace_all(r"(\D)\s+", "${1}").str.replace_all(r"\s+(\D)", "${1}")
    text = text.str.replace(r"^(\d{4,14})\.0+$", "${1}")  # a program's float
    return text.str.replace(r"^([0-4]\d)年(\d{1,2}月|度?$)", "20${1}年${2}")
