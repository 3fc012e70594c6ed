"""Values from a list: yes and no, water classes, areas and townships, enumerations."""

import polars as pl

from sources.cleaning.text import folded, parsed
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
# What stands before a township's name in an address.
_PREFIX = r"^(?:山西省)?(?:晋城市)?(?:阳城县)"


def _looked_up(raw: pl.Series, spellings: dict[str, object], code: str, dtype) -> pl.DataFrame:
    value = folded(pl.col("raw")).replace_strict(
        list(spellings), list(spellings.values()), default=None, return_dtype=dtype
    )
    return parsed(raw, value=value, error=pl.when(value.is_null()).then(pl.lit(code)))


def parse_bool(raw: pl.Series) -> pl.DataFrame:
    """Read distinct texts as yes or no."""
    spellings = {fold(t): True for t in _TRUE} | {fold(t): False for t in _FALSE}
    return _looked_up(raw, spellings, "not_a_boolean", pl.Boolean)


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
    return _looked_up(raw, class_spellings(field.values), "value_not_allowed", pl.String)


def parse_area(raw: pl.Series, areas: Areas, names: tuple[str, ...]) -> pl.DataFrame:
    """Read distinct texts as one of the named areas, with or without 镇/乡 and the county."""
    spellings = {fold(s): a.area for a in areas if a.area in names for s in a.spellings}
    whole = folded(pl.col("raw"))
    short = whole.str.replace(_PREFIX, "")
    look = {"default": None, "return_dtype": pl.String}
    keys, values = list(spellings), list(spellings.values())
    value = pl.coalesce(
        whole.replace_strict(keys, values, **look), short.replace_strict(keys, values, **look)
    )
    return parsed(raw, value=value, error=pl.when(value.is_null()).then(pl.lit("unknown_area")))


def parse_enum(raw: pl.Series, field: Field) -> pl.DataFrame:
    """Read distinct texts as one of the allowed values; signs such as >= are read as ≥."""
    spellings: dict[str, object] = {fold(v): v for v in field.values}
    for typed, sign in _SIGNS.items():
        if fold(sign) in spellings:
            spellings[fold(typed)] = spellings[fold(sign)]
    return _looked_up(raw, spellings, "value_not_allowed", pl.String)
