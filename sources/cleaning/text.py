"""What holds for a cell's text whatever its field's type: trimming, missing values, note signs."""

import unicodedata

import polars as pl

from sources.characters import (
    INVISIBLE,
    NOTE_SIGNS,
    NUMBERED_SIGNS,
    PRIVATE,
    PRIVATE_FORMS,
    SUPERSCRIPTS,
    without_markup,
)
from sources.reading.raw import STRUCK

NOT_REPORTED = "not_reported"
NOT_MEASURED = "not_measured"
LONGEST = 4_000
EXAMPLE_MARK = "例："

# Marks that stand for a value that is not there, and the kind of its absence. Each may also stand
# in brackets: (Null), [NULL], <null>.
MISSING: dict[str, str] = {
    **dict.fromkeys(
        (
            *(
                "",
                "na",
                "n/a",
                "n.a.",
                "n.a",
                "#n/a",
                "#null!",
                "null",
                "nil",
                "none",
                "nan",
                "nat",
            ),
            *(
                "\\n",
                "na()",
                "undefined",
                "空值",
                "空白",
                "blank",
                "未统计",
                "未上报",
                "未填报",
                "未报",
            ),
            *("未报送", "暂无", "暂无数据", "无数据", "无资料", "待报", "待统计", "暂缺", "缺失"),
        ),
        NOT_REPORTED,
    ),
    **dict.fromkeys(("未检测", "未监测", "未测", "缺测", "未采样", "未检"), NOT_MEASURED),
}
# ... and words that mean the same where a value is a number or a code, but are text in a text.
MISSING_VALUE: dict[str, str] = {
    **MISSING,
    **dict.fromkeys(("不详", "未知", "缺", "空", "*"), NOT_REPORTED),
    **dict.fromkeys(("停测", "断流", "断流未测", "仪器故障", "设备故障"), NOT_MEASURED),
}
# ... and those that mean it where a value is a number only: a primary pollutant may be 无.
MISSING_NUMBER: dict[str, str] = {**MISSING_VALUE, "无": NOT_REPORTED}

# Nothing but dashes, slashes and dots is no value either: the national air network writes "-;".
_MERE_SIGNS = r"^[-‐‑—–―−ー〜~/\\\\*._,;:、·…#]+$"
_IN_BRACKETS = r"^[(\[<{「](.*)[)\]>}」]$"
# The value of the row above: 同上 and what is typed for it.
DITTO = ("同上", "上同", "同前", "〃", "′′", "''", '"', "“", "”", "ditto")
_SPACES = " \t\r\n\u00a0\u3000" + "".join(chr(c) for c in range(0x2000, 0x200B))
_AS_TEXT = r'^="([^"]*)"$'  # how programs keep a spreadsheet from reading 001 as 1
_APOSTROPHES = "'‘’`"
# Full-width forms of ASCII: letters, digits and punctuation typed with a Chinese input method.
_FULL_WIDTH = {chr(c + 0xFEE0): chr(c) for c in range(0x21, 0x7F)} | {"\u3000": " "}
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
UNDECODABLE = "\ufffd"
_ERROR_VALUE = (
    r"^#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|CALC!|SPILL!|BLOCKED!|FIELD!|GETTING_DATA|BUSY!)$"
)
_MARKUP = r"<[A-Za-z/!]|&#?\w{1,31};"
# Signs at the end of a text that refer to a note: 9890①, 12.5*, 9890¹, 9890[1], 9890（注1）.
_RAISED_NOTE = rf"([^\s^{SUPERSCRIPTS}])[{SUPERSCRIPTS}]+$"
_NOTES = (
    rf"(?:\s*[{NOTE_SIGNS}]+|\s*[\[【〔](?:注\s*)?\d{{1,2}}[\]】〕]"
    rf"|\s*[(（](?:见?注|注释)\s*[\d{NUMBERED_SIGNS}]{{0,2}}[)）]|\s*注\s*[\d{NUMBERED_SIGNS}]{{1,2}})+$"
)


def shown(raw: pl.Series) -> pl.Series:
    """Return texts as a page shows them, without markup, and with assigned characters."""
    if raw.str.contains(f"[{PRIVATE}]").any():
        raw = raw.str.replace_many(list(PRIVATE_FORMS), list(PRIVATE_FORMS.values()))
    marked = raw.str.contains(_MARKUP).fill_null(False)
    if not marked.any():
        return raw
    at = marked.arg_true()  # few files hold markup, and of these the distinct texts only
    plain = pl.Series([without_markup(t) for t in raw.gather(at)], dtype=pl.String)
    return raw.clone().scatter(at, plain)  # `scatter` changes the series that it is called on


def trimmed(column: pl.Expr) -> pl.Expr:
    """Without white space, invisible characters and apostrophes that only protect a cell."""
    plain = column.str.replace_all(f"[{INVISIBLE}]", "").str.strip_chars(_SPACES)
    plain = plain.str.replace(_AS_TEXT, "${1}")
    return plain.str.strip_chars_start(_APOSTROPHES).str.strip_chars(_SPACES)


def folded(column: pl.Expr) -> pl.Expr:
    """Trimmed, NFKC, lower case, no white space at all: what spellings are compared by."""
    return trimmed(column).str.normalize("NFKC").str.replace_all(r"\s+", "").str.to_lowercase()


def half_width(column: pl.Expr) -> pl.Expr:
    """Turn full-width letters, digits and punctuation into ASCII, leaving ³, ℃, Ⅲ as they are."""
    return column.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))


def without_notes(column: pl.Expr) -> pl.Expr:
    """Without the signs at a trimmed text's end, or stars before it, that refer to a note.

    Raised digits behind a letter are an exponent (m³) and stay.
    """
    plain = column.str.replace(_NOTES, "").str.replace(rf"^[{NOTE_SIGNS}]+", "")
    raised = plain.str.replace(_RAISED_NOTE, "${1}")
    exponent = plain.str.contains(rf"[A-Za-zμ^×][{SUPERSCRIPTS}]+$")
    return pl.when(exponent).then(plain).otherwise(raised).str.strip_chars(_SPACES)


def missing_kind(fold: pl.Expr, marks: dict[str, str]) -> pl.Expr:
    """Return the kind of absence that a folded text stands for, null when it is a value."""
    known = {unicodedata.normalize("NFKC", k): v for k, v in marks.items()}
    keys, kinds = list(known), list(known.values())
    inside = fold.str.extract(_IN_BRACKETS)

    def look(text: pl.Expr) -> pl.Expr:
        return text.replace_strict(keys, kinds, default=None, return_dtype=pl.String)

    mere = pl.when(fold.str.contains(_MERE_SIGNS)).then(pl.lit(NOT_REPORTED))
    return pl.coalesce(look(fold), look(inside), mere)


def parsed(
    raw: pl.Series,
    *,
    value: pl.Expr,
    error: pl.Expr,
    flag: pl.Expr | None = None,
    censored: pl.Expr | None = None,
    marks: dict[str, str] | None = MISSING_VALUE,
    ditto: bool = True,
) -> pl.DataFrame:
    """Return a parser's result: columns raw, value, kind, censored, flag, unit, error.

    One row for each distinct text. The expressions may use `text`: the text as a page shows it.
    `kind` is set where it is a missing-value mark (then value and error are null), `unit` where a
    number brought one; texts that hold undecodable characters, spreadsheet
    errors or a template's example are errors whatever their type. `marks` None: the texts are
    free, and neither a word for a missing number nor a formula is an error in them; `ditto`: 同上
    is an error.
    """
    none = pl.lit(None, pl.String)
    frame = raw.rename("raw").to_frame().with_columns(text=shown(raw))
    frame = frame.with_columns(
        kind=missing_kind(folded(pl.col("text")), MISSING if marks is None else marks)
    )
    present = pl.col("kind").is_null()
    common = pl.coalesce(_common_errors(free=marks is None, ditto=ditto))
    return (
        frame.with_columns(
            error=pl.when(present).then(pl.coalesce(common, error)),
            flag=pl.when(present).then(flag if flag is not None else none),
            censored=pl.when(present).then(censored if censored is not None else none),
            unit=none,
            value=value,
        )
        .with_columns(value=pl.when(present & pl.col("error").is_null()).then(pl.col("value")))
        .drop("text")
    )


def _common_errors(*, free: bool, ditto: bool) -> list[pl.Expr]:
    """Return what is wrong with a text whatever it should be, the first of it that holds."""
    raw = pl.col("raw")
    found = [
        (raw.str.contains(UNDECODABLE, literal=True), "undecodable_text"),
        (pl.col("text").str.contains(f"[{PRIVATE}]"), "private_character"),
        (raw.str.contains(STRUCK, literal=True), "struck_out"),
        (raw.str.starts_with(EXAMPLE_MARK), "example_left"),
        (raw.str.contains(_ERROR_VALUE), "spreadsheet_error"),
    ]
    if not free:
        found.append((raw.str.contains(r'^=[^="]'), "formula_without_value"))
    if ditto:
        same = raw.str.normalize("NFKC").str.replace_all(r"\s+", "").str.to_lowercase()
        found.append((same.is_in(DITTO), "same_as_above"))
    return [pl.when(condition).then(pl.lit(code)) for condition, code in found]
