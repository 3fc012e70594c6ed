"""Texts: names that key a row, so that one object has one name, and free text."""

import polars as pl

from sources.characters import NUMBERED_SIGNS, beyond_gb2312, traditional_forms
from sources.cleaning.text import (
    CONTROL,
    LONGEST,
    half_width,
    parsed,
    shown,
    trimmed,
    without_notes,
)
from sources.contracts import Field

# A field whose title ends so holds the name or the number of a thing.
NAMING = ("名称", "编号", "代码", "文号")
# What a spreadsheet makes of a number of more than 11 digits, and of one of more than 15: the last
# digits are not there any more.
_DIGITS_LOST = r"^\d(?:\.\d+)?[eE]\+?\d{2}$"
# A whole number as programs write it that hold it as a float.
_FLOAT = r"^(\d+)\.0$"
_HAN = r"[\p{Han}〇（）()]"


def names_a_thing(field: Field) -> bool:
    """Tell whether a text field holds the name or number of something, not words about it."""
    return field.key or field.title_zh.endswith(NAMING)


def parse_text(raw: pl.Series, field: Field) -> pl.DataFrame:
    """Read distinct texts as `string` values; see `text.parsed` for the columns.

    A name is normalised so that two spellings of it meet: by NFKC, without white space about
    Chinese characters, without signs that refer to a note. Free text keeps its characters except
    full-width ASCII.
    """
    naming = names_a_thing(field)
    frame = raw.rename("raw").to_frame().with_columns(text=shown(raw))
    frame = frame.with_columns(text=_one_line(trimmed(pl.col("text"))))
    frame = _named(frame) if naming else frame.with_columns(value=half_width(pl.col("text")))
    unclear = frame["unclear"] if naming else pl.Series([False]).new_from_index(0, len(raw))
    marked = frame["marked"] if naming else unclear
    return parsed(
        raw,
        value=pl.lit(frame["value"].str.strip_chars()),
        error=pl.when(pl.col("raw").str.len_chars() > LONGEST)
        .then(pl.lit("text_too_long"))
        .when(pl.col("raw").str.contains(CONTROL))
        .then(pl.lit("control_character"))
        .when(pl.lit(naming) & pl.col("raw").str.strip_chars().str.contains(_DIGITS_LOST))
        .then(pl.lit("digits_lost"))
        .when(pl.lit(unclear))
        .then(pl.lit("note_sign_unclear")),
        flag=pl.when(pl.lit(marked)).then(pl.lit("note_sign")),
        marks=None,
        ditto=naming,
    )


def _one_line(text: pl.Expr) -> pl.Expr:
    """Close up a line break inside a cell: Chinese words join, others keep a space."""
    text = text.str.replace_all(r"([\p{Han}])[ \t]*[\r\n]+\s*([\p{Han}])", "${1}${2}")
    return text.str.replace_all(r"\s*[\r\n]+\s*", " ").str.replace_all(r"[ \t\u00a0]+", " ")


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `value`, `marked` (a note sign was taken away) and `unclear` (it may be a number).

    第一污水处理厂① is 第一污水处理厂 where that name stands there too. 监测点① and 监测点② are two
    points where there is no 监测点; where there is only the one it may be either.
    """
    frame = frame.with_columns(bare=without_notes(pl.col("text")))
    signed = (pl.col("bare") != pl.col("text")) & (pl.col("bare") != "")
    numbered = signed & pl.col("text").str.contains(rf"[{NUMBERED_SIGNS}]\s*$")
    frame = frame.with_columns(signed=signed, numbered=numbered)
    if frame["signed"].any():
        plain = frame.filter(~pl.col("signed"))["text"].implode()
        several = pl.col("numbered").sum().over("bare") > 1
        kept = pl.col("numbered") & ~pl.col("bare").is_in(plain)
        frame = frame.with_columns(kept=kept, unclear=kept & ~several)
    else:
        frame = frame.with_columns(kept=pl.lit(False), unclear=pl.lit(False))
    frame = frame.with_columns(
        marked=pl.col("signed") & ~pl.col("kept"),
        value=pl.when("kept").then(pl.col("text")).otherwise(pl.col("bare")),
    )
    value = pl.col("value").str.normalize("NFKC").str.replace(_FLOAT, "${1}")
    for pattern in (rf"({_HAN})\s+", rf"\s+({_HAN})"):  # spaces that pad a name to a width
        value = value.str.replace_all(pattern, "${1}")
    return _simplified(frame.with_columns(value=value))


def _simplified(frame: pl.DataFrame) -> pl.DataFrame:
    """Write names in simplified characters that are in traditional ones throughout.

    昇 in 阳城昇华 is part of a simplified name and stays.
    """
    chinese = frame["value"].str.contains(r"\p{Han}").fill_null(False).arg_true()
    odd = [beyond_gb2312(t) for t in frame["value"].gather(chinese)]
    if not any(odd):
        return frame
    forms = traditional_forms()
    only_simplified = {new for new in forms.values() if not new.encode("big5", "ignore")}
    at = chinese.filter(pl.Series(odd))
    names = [
        name if only_simplified & set(name) else name.translate(forms)
        for name in frame["value"].gather(at)
    ]
    return frame.with_columns(value=frame["value"].scatter(at, pl.Series(names, dtype=pl.String)))
