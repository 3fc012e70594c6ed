"""Numbers as departments write them: separators, %, units behind them, 约, detection limits."""

from fractions import Fraction

import polars as pl

from sources.characters import NUMBERED_SIGNS, SUPERSCRIPTS
from sources.cleaning.text import (
    MISSING_NUMBER,
    MISSING_VALUE,
    parsed,
    shown,
    trimmed,
    without_notes,
)
from sources.contracts import Units
from sources.contracts.unit_text import UnitProblem, conversion, read_unit
from sources.recognise.units import Column

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?"
_NUMBER = rf"[+-]?{_DIGITS}"
_ABOUT = r"^(?:大约|约为|约|近|将近|≈|~|～)"
_ABOUT_AFTER = r"(?:左右|上下|多|余)$"
_UNDETECTED = ("未检出", "nd", "n.d.", "n.d", "低于检出限", "低于检测限", "<dl", "<mdl", "bdl", "l")
# 1.2×10⁴, 1.2*10^4, 1.2x10-3; without a sign of the power 1.2×104 may be anything.
_POWER = rf"([×xX*＊·]\s*10)\s*([⁺⁻]?[{SUPERSCRIPTS}]+)"
_TIMES_TEN = rf"^({_NUMBER})[×x*·]10(?:\^([+-]?\d{{1,3}})|(-\d{{1,3}}))"
# White space between digits: 9 890.5 has parts of three digits, 12 15 are two numbers.
_SPACED = r"[\d%)a-z]\s+[<>≤≥]?[+-]?\.?\d"
_GROUPED = r"^\D{0,4}\d{1,3}(?:[^\S\r\n]\d{3})+(?:\.\d*)?(?:\s*[^\d\s]\S*)?$"
_SEVERAL = rf"^[<>]?{_NUMBER}[^\d;、|/]{{0,8}}[;、|/][<>]?{_NUMBER}[^\d]{{0,8}}$"
_RANGE = rf"^{_NUMBER}[^\d~e-]{{0,8}}(?:~|至|到|-){_DIGITS}[^\d]{{0,8}}$"
_A_DATE = (
    r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{2}:.*)?$|^\d{1,2}月\d{1,2}日$"
    r"|^\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$"
)
# (12.5) and △12.5 are negative in accounts; elsewhere they may be a remark.
_MAYBE_NEGATIVE = rf"^(?:\({_NUMBER}[^\d]{{0,8}}\)|[△▲▽▼∆δ]{_NUMBER}.*)$"


def times(column: pl.Expr, factor: Fraction) -> pl.Expr:
    """Multiply by an exact factor, then round to the 15 digits that a decimal keeps in a float.

    0.7715 亿m³ is 7715 万m³, not 7715.000000000001.
    """
    if factor == 1:
        return column
    return rounded(column * float(factor.numerator) / float(factor.denominator))


def rounded(column: pl.Expr) -> pl.Expr:
    """Round to 15 significant digits, to the float nearest to that decimal.

    Powers of ten up to 22 are exact floats, so that for 1e-8 to 1e36 the one division rounds
    right. `round_sig_figs` keeps a digit too few just below a power of ten.
    """
    size = column.abs()
    guess = size.log10().floor()
    above = pl.lit(10.0).pow(guess) > size  # the logarithm itself was rounded up
    shift = 14 - (guess - above.cast(pl.Float64))
    scale = pl.lit(10.0).pow(shift.abs())
    finer = (column * scale).round(0) / scale
    coarser = (column / scale).round(0) * scale
    usual = pl.when(shift >= 0).then(finer).otherwise(coarser)
    return pl.when(size.is_finite() & (size > 0)).then(usual).otherwise(column)


def parse_number(raw: pl.Series, column: Column, units: Units) -> pl.DataFrame:
    """Read distinct texts as numbers in the field's unit; see `text.parsed` for the columns.

    A unit behind a value goes before that of the column. A value below a detection limit becomes
    half the limit, with the limit in `censored`.
    """
    frame = _with_parts(_with_text(raw))
    factors = _factors(frame["behind"].unique(), column, units)
    frame = frame.join(factors, on="behind", how="left", maintain_order="left")
    frame = _with_value(frame)
    whole = column.field.type == "int"
    no_limit = pl.col("undetected") & (not whole)
    extra = frame.select(
        _value=pl.col("value"),
        _error=pl.when(~no_limit).then(_error(whole=whole)),
        # An amount is stored as a text without needless zeros: 0.010 and 0.01 are one limit.
        _censored=pl.when(no_limit)
        .then(pl.lit("未检出"))
        .when(pl.col("censored"))
        .then(pl.concat_str(pl.lit("<"), _shortest(pl.col("limit_value")))),
        _flag=pl.when(pl.col("signed"))
        .then(pl.lit("note_sign"))
        .when(pl.col("about"))
        .then(pl.lit("approximate")),
        _unit=pl.col("own_unit"),
    )
    result = parsed_from(raw, extra, MISSING_NUMBER)
    if whole:
        result = result.with_columns(pl.col("value").cast(pl.Int64, strict=False))
    return result


def _with_text(raw: pl.Series) -> pl.DataFrame:
    """Return `text` without white space, signs and words about the number, and what they were.

    `signed`: a sign that refers to a note was taken away; `about`: the number is approximate;
    `problem`: a reason code where the text is no single number, null elsewhere.
    """
    frame = raw.rename("raw").to_frame().with_columns(text=trimmed(pl.lit(shown(raw))))
    frame = frame.with_columns(text=pl.col("text").str.replace(_POWER, "${1}^${2}"))
    frame = frame.with_columns(bare=without_notes(pl.col("text")))
    # A sign amid the digits is no digit, though NFKC makes one of it.
    amid = pl.col("bare").str.contains(rf"[{NUMBERED_SIGNS}]|\d\s*[{SUPERSCRIPTS}]")
    spaced = (
        pl.col("bare")
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all("[−﹣‐‑–—]", "-")
        .str.replace_all("[，﹐]", ",")
        .str.strip_chars()
    )
    frame = frame.with_columns(
        signed=pl.col("text") != pl.col("bare"),
        amid=amid,
        spaced=spaced,
        text=spaced.str.replace_all(r"\s+", "").str.replace(_TIMES_TEN, "${1}e${2}${3}"),
    )
    return frame.with_columns(
        about=pl.col("text").str.contains(_ABOUT) | pl.col("text").str.contains(_ABOUT_AFTER),
        problem=_problem(),
        text=pl.col("text").str.replace(_ABOUT, "").str.replace(_ABOUT_AFTER, ""),
    )


def _problem() -> pl.Expr:
    several = pl.col("spaced").str.contains(_SPACED) & ~pl.col("spaced").str.contains(_GROUPED)
    text = pl.col("text")
    return (
        pl.when(pl.col("amid"))
        .then(pl.lit("not_a_number"))
        .when(text.str.contains(_A_DATE))
        .then(pl.lit("date_for_number"))
        .when(several | text.str.contains(_SEVERAL))
        .then(pl.lit("several_values"))
        .when(text.str.contains(_RANGE))
        .then(pl.lit("range_of_values"))
        .when(text.str.contains(_MAYBE_NEGATIVE))
        .then(pl.lit("maybe_negative"))
    )


def _with_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the number of each text, what stands behind it, and whether it is a detection limit."""
    text = pl.col("text")
    frame = frame.with_columns(
        undetected=text.is_in(_UNDETECTED),
        limit=pl.coalesce(
            text.str.extract(rf"^<({_DIGITS}[^l]*|{_DIGITS}[^l]*/l)$"),
            text.str.extract(rf"^<?({_DIGITS})\(?l\)?$"),
            text.str.extract(rf"^(?:未检出|nd)\(?<?({_DIGITS}(?:[^()l]|/l)*)l?\)$"),
        ),
    )
    frame = frame.with_columns(body=pl.coalesce("limit", "text"))
    return frame.with_columns(
        number=pl.col("body")
        .str.extract(rf"^({_NUMBER})")
        .str.replace_all(",", "")
        .cast(pl.Float64, strict=False),
        behind=pl.col("body").str.replace(rf"^{_NUMBER}", ""),
        censored=pl.col("limit").is_not_null(),
    )


def _with_value(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the value in the field's unit: half the limit where it is one (`limit_value`)."""
    # Step by step: `rounded` names its column often, and expressions nested in it would multiply.
    frame = frame.with_columns(converted=pl.col("number") * pl.col("times") / pl.col("over"))
    frame = frame.with_columns(converted=rounded(pl.col("converted")))
    plain = (pl.col("times") == 1) & (pl.col("over") == 1)
    frame = frame.with_columns(
        limit_value=pl.when(plain).then(pl.col("number")).otherwise(pl.col("converted"))
    )
    half = pl.col("limit_value") / 2
    return frame.with_columns(
        value=pl.when(pl.col("censored")).then(half).otherwise(pl.col("limit_value"))
    )


def _error(*, whole: bool) -> pl.Expr:
    """Return the code of what is wrong with a text as a number, null where nothing is."""
    below = pl.col("censored") & (pl.lit(whole) | (pl.col("number") <= 0))
    error = (
        pl.when(pl.col("problem").is_not_null())
        .then(pl.col("problem"))
        .when(pl.col("number").is_null() | below)
        .then(pl.lit("not_a_number"))
        .when(pl.col("unit_error").is_not_null())
        .then(pl.col("unit_error"))
        .when(~pl.col("value").is_finite())
        .then(pl.lit("number_too_large"))
    )
    if not whole:
        return error
    return (
        pl.when(error.is_not_null())
        .then(error)
        .when(pl.col("value") != pl.col("value").round(0))
        .then(pl.lit("not_an_integer"))
        .when(pl.col("value").abs() >= 2.0**63)
        .then(pl.lit("number_too_large"))
    )


def parsed_from(
    raw: pl.Series, extra: pl.DataFrame, marks: dict[str, str] = MISSING_VALUE
) -> pl.DataFrame:
    """Return `text.parsed` of columns worked out beside the texts (`_value`, `_error`, ...)."""
    frame = parsed(raw, value=pl.lit(None, pl.Float64), error=pl.lit(None, pl.String), marks=marks)
    both = pl.concat([frame, extra], how="horizontal")
    present = pl.col("kind").is_null()
    return (
        both.with_columns(error=pl.coalesce("error", pl.when(present).then(pl.col("_error"))))
        .with_columns(
            value=pl.when(present & pl.col("error").is_null()).then(pl.col("_value")),
            censored=pl.when(present & pl.col("error").is_null()).then(pl.col("_censored")),
            flag=pl.when(present & pl.col("error").is_null()).then(pl.col("_flag")),
            unit=pl.when(pl.col("error").is_null()).then(pl.col("_unit")),
        )
        .select("raw", "value", "kind", "censored", "flag", "unit", "error")
    )


def _shortest(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String).str.replace(r"\.0$", "")


def _factors(behind: pl.Series, column: Column, units: Units) -> pl.DataFrame:
    """Return for each distinct text behind a number what to multiply and divide by.

    `own_unit` is the unit that it names.
    """
    rows = []
    for text in behind.drop_nulls():
        own, error, named = column.factor, None, None
        if text:
            own, error, named = _behind(text, column, units)
        rows.append((text, float(own.numerator), float(own.denominator), error, named))
    schema = {
        "behind": pl.String,
        "times": pl.Float64,
        "over": pl.Float64,
        "unit_error": pl.String,
        "own_unit": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _behind(text: str, column: Column, units: Units) -> tuple[Fraction, str | None, str | None]:
    """Return the factor of a unit behind a number, the error in it, and its name."""
    field = column.field
    # 1.2万 in a column of 人 is 1.2 万人.
    for spelling in (text, text + (column.unit or field.unit or "")):
        found = read_unit(spelling, units)
        if found is None:
            continue
        if field.unit is None:
            return Fraction(1), "unit_not_wanted", None
        try:
            factor, name = conversion(found, field, column.period, units)
        except UnitProblem:
            return Fraction(1), "unit_dimension", None
        return factor, None, name
    words = any(c.isalpha() for c in text) and not any(c.isdigit() for c in text)
    return Fraction(1), "unknown_unit" if words and field.unit else "not_a_number", None
