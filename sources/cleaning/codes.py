"""Values from a list: yes and no, water classes, areas and townships, enumerations."""

from collections.abc import Mapping

import polars as pl

from sources.characters import simplified
from sources.cleaning.text import folded, parsed, shown, trimmed, without_notes
from sources.contracts import Areas, Field, fold

_TRUE = ("是", "达标", "√", "✓", "✔", "☑", "1", "true", "t", "y", "yes", "合格", "对")
_FALSE = (
    "否",
    "不达标",
    "未达标",
    "×",
    "✗",
    "✘",
    "x",
    "0",
    "false",
    "f",
    "n",
    "no",
    "不合格",
    "错",
)
_DIGITS = {"Ⅰ": "1一", "Ⅱ": "2二", "Ⅲ": "3三", "Ⅳ": "4四", "Ⅴ": "5五"}
_SIGNS = {">=": "≥", "=>": "≥", "≧": "≥", "⩾": "≥", "<=": "≤", "=<": "≤", "≦": "≤", "⩽": "≤"}
# What stands before a value in the usual forms: 一、第一产业, (1)工业, 其中：工业.
_NUMBERING = (
    r"^(?:其中[:：]?|[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[、.．]"
    r"|[(（][一二三四五六七八九十\d]{1,3}[)）])+"
)


def _looked_up(
    raw: pl.Series,
    spellings: Mapping[str, object],
    code: str,
    dtype: pl.DataType,
    prefix: str | None = None,
) -> pl.DataFrame:
    """Read distinct texts by a table of folded spellings; `code` is the error of any other.

    A text is also looked up without signs that refer to a note (then flagged), without numbering,
    without what matches `prefix`, and in simplified characters.
    """
    keys, values = list(spellings), list(spellings.values())

    def look(text: pl.Expr) -> pl.Expr:
        return text.replace_strict(keys, values, default=None, return_dtype=dtype)

    frame = pl.DataFrame({"whole": shown(raw)}).select(
        whole=folded(pl.col("whole")), bare=folded(without_notes(trimmed(pl.col("whole"))))
    )
    frame = frame.with_columns(value=look(pl.col("whole")), flag=pl.lit(None, pl.String))
    if frame["value"].null_count():
        short = pl.col("bare").str.replace(_NUMBERING, "")
        if prefix is not None:
            short = short.str.replace(prefix, "")
        frame = frame.with_columns(simple=_simplified(frame["bare"], frame["value"].is_null()))
        found = pl.coalesce(look(pl.col("bare")), look(short), look(pl.col("simple")))
        if prefix is not None:
            found = pl.coalesce(found, look(pl.col("simple").str.replace(prefix, "")))
        signed = pl.col("value").is_null() & (pl.col("bare") != pl.col("whole"))
        frame = frame.with_columns(
            value=pl.coalesce("value", found),
            flag=pl.when(signed & found.is_not_null()).then(pl.lit("note_sign")),
        )
    value = pl.lit(frame["value"])
    error = pl.when(value.is_null()).then(pl.lit(code))
    return parsed(raw, value=value, error=error, flag=pl.lit(frame["flag"]))


def _simplified(texts: pl.Series, where: pl.Series) -> pl.Series:
    """Return texts with simplified characters for traditional ones, where asked for."""
    at = where.arg_true()
    return texts.scatter(at, pl.Series([simplified(t) for t in texts.gather(at)], dtype=pl.String))


def parse_bool(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as yes or no."""
    spellings = {fold(t): True for t in _TRUE} | {fold(t): False for t in _FALSE}
    return _looked_up(raw, spellings, "not_a_boolean", pl.Boolean())


def class_spellings(values: tuple[str, ...]) -> dict[str, str]:
    """Return every spelling of the classes (Ⅲ, III, 三类, 3, 劣V类 ...), folded."""
    spellings: dict[str, str] = {}
    for value in values:
        worse = value.startswith("劣")
        roman = value.removeprefix("劣")
        for prefix in ("劣", "劣于") if worse else ("",):
            for number in (roman, *_DIGITS[roman]):
                for suffix in ("", "类", "类水", "类水质", "级"):
                    spellings[fold(f"{prefix}{number}{suffix}")] = value
    return spellings


def parse_class(raw: pl.Series, field: Field) -> pl.DataFrame:
    """Read distinct texts as water classes."""
    return _looked_up(raw, class_spellings(field.values), "value_not_allowed", pl.String())


def parse_area(raw: pl.Series, areas: Areas, names: tuple[str, ...]) -> pl.DataFrame:
    """Read distinct texts as one of the named areas, with or without 镇/乡 and the county."""
    spellings = {fold(s): a.area for a in areas if a.area in names for s in a.spellings}
    return _looked_up(raw, spellings, "unknown_area", pl.String(), areas.address_prefix)


def parse_enum(raw: pl.Series, field: Field) -> pl.DataFrame:
    """Read distinct texts as one of the allowed values; signs such as >= are read as ≥.

    A value may have the noun of the title behind it: 农业用水 under 用水类别.
    """
    spellings: dict[str, object] = {fold(t): v for t, v in field.value_spellings.items()}
    for typed, sign in _SIGNS.items():
        if fold(sign) in spellings:
            spellings[fold(typed)] = spellings[fold(sign)]
    return _looked_up(raw, spellings, "value_not_allowed", pl.String())
