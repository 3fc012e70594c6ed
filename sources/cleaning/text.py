"""What holds for a cell's text whatever its field's type: trimming and missing-value marks."""

import unicodedata

import polars as pl

NOT_REPORTED = "not_reported"
NOT_MEASURED = "not_measured"
LONGEST = 4_000
EXAMPLE_MARK = "例："

# Marks that stand for a value that is not there, and the kind of its absence.
MISSING: dict[str, str] = {
    **dict.fromkeys(
        (
            *("", "-", "--", "---", "—", "——", "———", "–", "――", "―", "/", "//", "\\", "…", "……"),
            *("na", "n/a", "#n/a", "null", "none", "nan", "未统计", "未上报", "未填报", "未报"),
            *("未报送", "暂无", "暂无数据", "无数据", "待报", "待统计"),
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

# Nothing but dashes, slashes and dots is no value either: the national air network writes "-;".
_MERE_SIGNS = r"^[-—–―/\\*._,;:、·]+$"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SPACES = " \t\r\n\u00a0\u3000" + "".join(chr(c) for c in range(0x2000, 0x200B))
_AS_TEXT = r'^="([^"]*)"$'  # how programs keep a spreadsheet from reading 001 as 1
_APOSTROPHES = "'‘’`"
# Full-width forms of ASCII: letters, digits and punctuation typed with a Chinese input method.
_FULL_WIDTH = {chr(c + 0xFEE0): chr(c) for c in range(0x21, 0x7F)} | {"\u3000": " "}
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
UNDECODABLE = "\ufffd"


def trimmed(column: pl.Expr) -> pl.Expr:
    """Without white space, invisible characters and apostrophes that only protect a cell."""
    plain = column.str.replace_all(f"[{_INVISIBLE}]", "").str.strip_chars(_SPACES)
    plain = plain.str.replace(_AS_TEXT, "${1}")
    return plain.str.strip_chars_start(_APOSTROPHES).str.strip_chars(_SPACES)


def folded(column: pl.Expr) -> pl.Expr:
    """Trimmed, NFKC, lower case, no white space at all: what spellings are compared by."""
    return trimmed(column).str.normalize("NFKC").str.replace_all(r"\s+", "").str.to_lowercase()


def half_width(column: pl.Expr) -> pl.Expr:
    """Turn full-width letters, digits and punctuation into ASCII, leaving ³, ℃, Ⅲ as they are."""
    return column.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))


def missing_kind(fold: pl.Expr, marks: dict[str, str]) -> pl.Expr:
    """Return the kind of absence that a folded text stands for, null when it is a value."""
    known = {unicodedata.normalize("NFKC", k): v for k, v in marks.items()}
    kind = fold.replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.String
    )
    mere = pl.when(fold.str.contains(_MERE_SIGNS)).then(pl.lit(NOT_REPORTED))
    return pl.coalesce(kind, mere)


def parse_text(raw: pl.Series, *, is_key: bool) -> pl.DataFrame:
    """Read distinct texts as `string` values; the columns are those of every parser here.

    A key is normalised by NFKC so that two spellings of one name meet; other text keeps its
    characters except full-width ASCII.
    """
    text = trimmed(pl.col("raw"))
    # A line break inside a cell: Chinese words close up, others keep a space.
    text = text.str.replace_all(r"([\p{Han}])[ \t]*[\r\n]+\s*([\p{Han}])", "${1}${2}")
    text = text.str.replace_all(r"\s*[\r\n]+\s*", " ").str.replace_all(r"[ \t\u00a0]+", " ")
    text = text.str.normalize("NFKC") if is_key else half_width(text)
    return parsed(
        raw,
        value=text.str.strip_chars(_SPACES),
        error=pl.when(pl.col("raw").str.len_chars() > LONGEST)
        .then(pl.lit("text_too_long"))
        .when(pl.col("raw").str.contains(CONTROL))
        .then(pl.lit("control_character")),
        is_text=True,
    )


def parsed(
    raw: pl.Series,
    *,
    value: pl.Expr,
    error: pl.Expr,
    flag: pl.Expr | None = None,
    censored: pl.Expr | None = None,
    is_text: bool = False,
) -> pl.DataFrame:
    """Return a parser's result: columns raw, value, kind, censored, flag, unit, error.

    One row for each distinct text. `kind` is set where it is a missing-value mark (then value
    and error are null), `unit` where a number brought one that had to be converted; texts that
    hold undecodable characters, spreadsheet errors or a template's example are errors whatever
    their type.
    """
    none = pl.lit(None, pl.String)
    frame = raw.rename("raw").to_frame()
    marks = MISSING if is_text else MISSING_VALUE
    frame = frame.with_columns(kind=missing_kind(folded(pl.col("raw")), marks))
    present = pl.col("kind").is_null()
    common = (
        pl.when(pl.col("raw").str.contains(UNDECODABLE, literal=True))
        .then(pl.lit("undecodable_text"))
        .when(pl.col("raw").str.starts_with(EXAMPLE_MARK))
        .then(pl.lit("example_left"))
        .when(
            pl.col("raw").str.contains(
                r"^#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|CALC!|SPILL!)$"
            )
        )
        .then(pl.lit("spreadsheet_error"))
        .when(pl.lit(not is_text) & pl.col("raw").str.contains(r'^=[^="]'))
        .then(pl.lit("formula_without_value"))
    )
    return frame.with_columns(
        error=pl.when(present).then(pl.coalesce(common, error)),
        flag=pl.when(present).then(flag if flag is not None else none),
        censored=pl.when(present).then(censored if censored is not None else none),
        unit=none,
        value=value,
    ).with_columns(value=pl.when(present & pl.col("error").is_null()).then(pl.col("value")))
