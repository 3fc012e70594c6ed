"""Numbers as departments write them: separators, %, units behind them, 约, detection limits."""

from fractions import Fraction

import polars as pl

from sources.cleaning.text import parsed, trimmed
from sources.contracts import Units
from sources.contracts.unit_text import UnitProblem, conversion, read_unit
from sources.recognise.units import Column

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?"
_NUMBER = rf"[+-]?{_DIGITS}"
_ABOUT = r"^(?:大约|约为|约|近|将近|≈|~|～)"
_ABOUT_AFTER = r"(?:左右|上下|多|余)$"
_UNDETECTED = ("未检出", "nd", "n.d.", "n.d", "低于检出限", "低于检测限", "<dl", "<mdl", "bdl", "l")
_WORTHLESS = 300  # a decimal exponent beyond this is no measurement


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
    whole = column.field.type == "int"
    text = (
        trimmed(pl.col("raw"))
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"\s+", "")
        .str.replace_all("[−﹣‐‑–—]", "-")
        .str.replace_all("[，﹐]", ",")
    )
    frame = raw.rename("raw").to_frame().with_columns(text=text)
    frame = frame.with_columns(
        about=pl.col("text").str.contains(_ABOUT) | pl.col("text").str.contains(_ABOUT_AFTER),
        text=pl.col("text").str.replace(_ABOUT, "").str.replace(_ABOUT_AFTER, ""),
    )
    undetected = pl.col("text").is_in(_UNDETECTED)
    frame = frame.with_columns(
        undetected=undetected,
        limit=pl.coalesce(
            pl.col("text").str.extract(rf"^<({_DIGITS}[^l]*|{_DIGITS}[^l]*/l)$"),
            pl.col("text").str.extract(rf"^<?({_DIGITS})\(?l\)?$"),
            pl.col("text").str.extract(rf"^(?:未检出|nd)\(?<?({_DIGITS}(?:[^()l]|/l)*)l?\)$"),
        ),
    )
    frame = frame.with_columns(body=pl.coalesce("limit", "text")).with_columns(
        number=pl.col("body")
        .str.extract(rf"^({_NUMBER})")
        .str.replace_all(",", "")
        .cast(pl.Float64, strict=False),
        behind=pl.col("body").str.replace(rf"^{_NUMBER}", ""),
    )
    factors = _factors(frame["behind"].unique(), column, units)
    frame = frame.join(factors, on="behind", how="left", maintain_order="left")
    converted = pl.col("number") * pl.col("times") / pl.col("over")
    plain = (pl.col("times") == 1) & (pl.col("over") == 1)
    censored = pl.col("limit").is_not_null()
    # Step by step: `rounded` names its column often, and expressions nested in it would multiply.
    frame = frame.with_columns(converted=converted)
    frame = frame.with_columns(converted=rounded(pl.col("converted")))
    frame = frame.with_columns(
        value=pl.when(plain).then(pl.col("number")).otherwise(pl.col("converted"))
    )
    frame = frame.with_columns(
        value=pl.when(censored).then(pl.col("value") / 2).otherwise(pl.col("value")),
        limit_value=pl.col("value"),
    )
    finite = pl.col("value").is_finite()
    no_limit = pl.col("undetected") & (not whole)
    error = (
        pl.when(no_limit)
        .then(None)
        .when(pl.col("number").is_null())
        .then(pl.lit("not_a_number"))
        .when(censored & (pl.lit(whole) | (pl.col("number") <= 0)))
        .then(pl.lit("not_a_number"))
        .when(pl.col("unit_error").is_not_null())
        .then(pl.col("unit_error"))
        .when(~finite)
        .then(pl.lit("number_too_large"))
    )
    if whole:
        error = (
            pl.when(error.is_not_null())
            .then(error)
            .when(pl.col("value") != pl.col("value").round(0))
            .then(pl.lit("not_an_integer"))
            .when(pl.col("value").abs() >= 2.0**63)
            .then(pl.lit("number_too_large"))
        )
    frame = frame.with_columns(
        error=error,
        # An amount is stored as a text without needless zeros: 0.010 and 0.01 are one limit.
        censored=pl.when(no_limit)
        .then(pl.lit("未检出"))
        .when(censored)
        .then(pl.concat_str(pl.lit("<"), _shortest(pl.col("limit_value")))),
        flag=pl.when(pl.col("about")).then(pl.lit("approximate")),
    )
    extra = frame.select(
        pl.col("value").alias("_value"),
        pl.col("error").alias("_error"),
        pl.col("censored").alias("_censored"),
        pl.col("flag").alias("_flag"),
        pl.col("own_unit").alias("_unit"),
    )
    result = parsed_from(raw, extra)
    if whole:
        result = result.with_columns(pl.col("value").cast(pl.Int64, strict=False))
    return result


def parsed_from(raw: pl.Series, extra: pl.DataFrame) -> pl.DataFrame:
    """Return `text.parsed` of columns worked out beside the texts (`_value`, `_error`, ...)."""
    frame = parsed(
        raw,
        value=pl.lit(None, pl.Float64),
        error=pl.lit(None, pl.String),
    )
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

    `own_unit` is the unit that it names, where that converts otherwise than the column does.
    """
    rows = []
    for text in behind.drop_nulls():
        own, error, named = column.factor, None, None
        if text:
            own, error, named = _behind(text, column, units)
            if own == column.factor:
                named = None
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
    if not any(c.isalpha() or c in "%‰°℃" for c in text):
        return Fraction(1), "not_a_number", None
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
    return Fraction(1), "not_a_number" if field.unit is None else "unknown_unit", None
