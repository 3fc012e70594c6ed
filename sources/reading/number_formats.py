"""Number formats: what a cell shows of its number (ECMA-376 part 1, 18.8.30 and 18.8.31).

A sheet shows 46.6 % and stores 0.466; `0!.0000` shows 12345 as 1.2345; `0.0"万吨"` carries a unit;
a date is a number too. Numbers are shown here in full, never rounded to the format's decimals.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import polars as pl

Kind = Literal["number", "year", "date", "time"]
NUMBER: Kind = "number"
YEAR: Kind = "year"
DATE: Kind = "date"
TIME: Kind = "time"

_EXACT = 1e15  # whole numbers below are written without an exponent, as a spreadsheet shows them
_LAST_DAY = 2_958_466  # the day after 9999-12-31
_DATE_1904 = 1_462  # days between the two date systems
_SECONDS = 86_400
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]\-]*)[^\]]*\]'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式|@)|(?P<exponent>[Ee][+\-]0+)"
    r"|(?P<half>AM/PM|A/P|上午/下午)|(?P<letters>([ymdhsaeg])\7*)|(?P<digit>[0#?])|(?P<point>\.)"
    r"|(?P<comma>,)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.S,
)
_CONDITION = re.compile(r"^(<>|<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)$")
_NO_TEXT = str.maketrans("", "", "¥￥$€£()（）+- \u00a0\u3000")
_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Section:
    """One part of a format between semicolons: for which numbers, and how they are shown.

    The number shown is the number times `factor`, with `before` and `after` around it; a section
    without a place for digits shows `before` alone. `places` are the fewest digits, `inside` texts
    between the digits with the number of digits behind each.
    """

    condition: tuple[str, float] | None = None
    factor: Fraction = Fraction(1)
    before: str = ""
    after: str = ""
    places: int = 1
    inside: tuple[tuple[int, str], ...] = ()
    digits: bool = True

    @property
    def plain(self) -> bool:
        """Tell whether the number is shown as it is."""
        around = self.before or self.after or self.inside
        return self.factor == 1 and not around and self.places == 1 and self.digits

    @property
    def text(self) -> str:
        """What stands around the number, percent signs aside."""
        return (self.before + self.after).replace("%", "")


@dataclass(frozen=True)
class Format:
    """How numbers are shown: as numbers by sections, or as a year, a date or a time of day."""

    code: str
    kind: Kind = NUMBER
    sections: tuple[Section, ...] = (Section(),)

    @property
    def plain(self) -> bool:
        """Tell whether every number is shown as it is."""
        return self.kind == NUMBER and all(s.plain for s in self.sections)

    @property
    def noteworthy(self) -> bool:
        """Tell whether numbers are scaled (percentages aside) or carry a text of the format."""
        return self.kind == NUMBER and any(
            s.digits and (s.text != "" or s.factor not in (1, 100)) for s in self.sections
        )


GENERAL = Format("General")

# Formats that a workbook names by number alone; 27 to 58 as Chinese spreadsheets use them.
_BUILT_IN = {
    **{9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy"},
    **{18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-m-d h:mm"},
    **{27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "m-d-yy", 31: "yyyy年m月d日"},
    **{32: "h时mm分", 33: "h时mm分ss秒", 34: "上午/下午h时mm分", 35: "上午/下午h时mm分ss秒"},
    **{36: "yyyy年m月", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0"},
    **{50: "yyyy年m月", 51: "m月d日", 52: "yyyy年m月", 53: "m月d日", 54: "m月d日"},
    **{55: "上午/下午h时mm分", 56: "上午/下午h时mm分ss秒", 57: "yyyy年m月", 58: "m月d日"},
}


def built_in(number: int) -> Format:
    """Return the format that a number alone stands for."""
    return format_of(_BUILT_IN.get(number, "General"))


@lru_cache(maxsize=4_096)
def format_of(code: str) -> Format:
    """Return what a format code means; an odd code shows numbers as they are."""
    parts = _split(code)
    kind = _date_kind(parts[0])
    if kind is not None:
        return Format(code, kind)
    return Format(code, NUMBER, tuple(_section(tokens) for tokens in parts[:3]))


def _split(code: str) -> list[list[re.Match[str]]]:
    """Return the tokens of each section."""
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["other"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _date_kind(tokens: Sequence[re.Match[str]]) -> Kind | None:
    """Return the kind of a date or time format, None for one of numbers."""
    letters = [t["letters"].lower() for t in tokens if t["letters"]]
    elapsed = [t for t in tokens if t["bracket"] and t["bracket"].lower().strip("hms") == ""]
    if not letters and not elapsed:
        return None
    kinds = {text[0] for text in letters}
    if kinds <= {"y", "e", "g"}:
        return YEAR if kinds & {"y", "e"} else None
    # An m stands for minutes where it is by hours or seconds.
    day = bool(kinds & {"y", "d", "e", "a"}) or kinds == {"m"}
    return DATE if day else TIME


def _literal(token: re.Match[str]) -> str | None:
    for name in ("quoted", "escaped", "currency", "percent", "other"):
        if token[name] is not None:
            return str(token[name])
    return None


def _section(tokens: Sequence[re.Match[str]]) -> Section:
    at = [i for i, t in enumerate(tokens) if t["digit"] or t["general"]]
    condition = next(
        (
            (found[1], float(found[2]))
            for t in tokens
            if t["bracket"] and (found := _CONDITION.match(t["bracket"].strip()))
        ),
        None,
    )
    if not at:
        text = "".join(filter(None, map(_literal, tokens)))
        return Section(condition, before=text.strip(), digits=False)
    first, last = at[0], at[-1]
    factor = Fraction(100) ** sum(t["percent"] is not None for t in tokens)
    after_digits = last + 1
    while after_digits < len(tokens) and tokens[after_digits]["comma"]:
        factor /= 1000
        after_digits += 1
    middle = tokens[first : last + 1]
    # Commas right before the decimal point scale too.
    point = next((i for i, t in enumerate(middle) if t["point"]), None)
    if point is not None:
        while point and middle[point - 1]["comma"]:
            factor /= 1000
            point -= 1
    inside, places = _inside(middle)
    if point is None and [text for _, text in inside] == ["."]:  # a point that is only painted
        factor /= 10 ** inside[0][0]
        inside, places = (), 1
    return Section(
        condition,
        factor,
        _around(tokens[:first]),
        _around(tokens[after_digits:]),
        places,
        inside if point is None and factor == 1 else (),
    )


def _around(tokens: Sequence[re.Match[str]]) -> str:
    """Return the text that a format puts before or behind a number, signs and currency aside."""
    return "".join(filter(None, map(_literal, tokens))).translate(_NO_TEXT)


def _inside(middle: Sequence[re.Match[str]]) -> tuple[tuple[tuple[int, str], ...], int]:
    """Return texts between the digits, each with the digits behind it, and the fewest digits."""
    if any(t["point"] or t["exponent"] or t["general"] or t["other"] == "/" for t in middle):
        return (), 1
    found: list[tuple[int, str]] = []
    behind = places = 0
    for token in reversed(middle):
        if token["digit"]:
            behind += 1
            places += token["digit"] == "0"
        elif text := _literal(token):
            found.append((behind, text))
    return tuple(reversed(found)), max(places, 1)


def number_text(numbers: pl.Series) -> pl.Series:
    """Write numbers as a spreadsheet shows them: 15 digits, whole numbers without a point."""
    value = pl.col("n")
    whole = (value == value.round(0)) & (value.abs() < _EXACT)
    return numbers.to_frame("n").select(
        pl.when(whole)
        .then(value.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(value.round_sig_figs(15).cast(pl.String))
        .alias("c")
    )["c"]


def shown_text(numbers: pl.Series, form: Format, *, date1904: bool = False) -> pl.Series:
    """Return numbers (Float64) as a format shows them, not rounded; null stays null."""
    if form.plain:
        return number_text(numbers)
    if form.kind != NUMBER:
        return _date_text(numbers, form.kind, date1904=date1904)
    frame = numbers.to_frame("n")
    value = pl.col("n")
    chosen: pl.Expr = pl.lit(None, pl.Int64)
    for index in reversed(range(len(form.sections))):
        chosen = pl.when(_holds(form.sections, index, value)).then(index).otherwise(chosen)
    which = frame.select(chosen.alias("s"))["s"]
    text = number_text(numbers)
    for index, section in enumerate(form.sections):
        at = (which == index).fill_null(False).arg_true()
        if len(at) and not section.plain:
            text = text.scatter(at, _section_text(numbers.gather(at), section))
    return text


def _holds(sections: Sequence[Section], index: int, value: pl.Expr) -> pl.Expr:
    """Return for which numbers a section is meant: by its condition, else by its place."""
    condition = sections[index].condition
    if condition is None:
        if len(sections) == 1 or any(s.condition for s in sections):
            return value.is_not_null()
        condition = ((">=" if len(sections) == 2 else ">", 0.0), ("<", 0.0), ("=", 0.0))[index]
    sign, bound = condition
    return {
        "<>": value != bound,
        "<=": value <= bound,
        ">=": value >= bound,
        "<": value < bound,
        ">": value > bound,
        "=": value == bound,
    }[sign]


def _section_text(numbers: pl.Series, section: Section) -> pl.Series:
    if not section.digits:
        # A word is what the sheet shows; a dash for nought, or nothing, is only its look.
        shown = section.before if _WORD.search(section.before) else None
        return number_text(numbers) if shown is None else pl.Series([shown] * len(numbers))
    if section.inside or section.places > 1:
        texts = [_painted(n, section) for n in numbers]
        return pl.Series(texts, dtype=pl.String)
    factor = section.factor
    if factor != 1:
        numbers = (numbers * factor.numerator / factor.denominator).round_sig_figs(15)
    return section.before + number_text(numbers) + section.after


def _painted(number: float, section: Section) -> str:
    """Return a number with the texts that its format puts between the digits."""
    plain = number_text(pl.Series([number], dtype=pl.Float64))[0]
    if not number.is_integer() or abs(number) >= _EXACT or section.factor != 1:
        shown = number * section.factor.numerator / section.factor.denominator
        text = number_text(pl.Series([shown], dtype=pl.Float64).round_sig_figs(15))[0]
        return f"{section.before}{text}{section.after}"
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    digits = digits.zfill(section.places)
    for behind, text in reversed(section.inside):
        cut = max(0, len(digits) - behind) if behind else len(digits)
        digits = digits[:cut] + text + digits[cut:]
    return f"{section.before}{sign}{digits}{section.after}"


def _date_text(numbers: pl.Series, kind: Kind, *, date1904: bool) -> pl.Series:
    """Return serial days as dates; a number that is no day stays one."""
    plain = number_text(numbers)
    value = pl.col("n")
    serial = value + _DATE_1904 if date1904 else value + (value < 60).cast(pl.Int64)
    moment = pl.lit("1899-12-30").str.to_datetime("%Y-%m-%d") + pl.duration(
        seconds=(serial * _SECONDS).round(0).cast(pl.Int64, strict=False)
    )
    frame = numbers.to_frame("n").with_columns(
        fits=(value >= 0) & (serial < _LAST_DAY), clock=value < 1
    )
    frame = frame.with_columns(moment=pl.when("fits").then(moment))
    if kind == YEAR:
        text = pl.col("moment").dt.strftime("%Y年")
    elif kind == TIME:
        clock = pl.col("moment").dt.strftime("%H:%M:%S")
        text = pl.when("clock").then(clock).otherwise(_iso())
    else:
        text = _iso()
    return frame.select(text.alias("t"))["t"].zip_with(frame["fits"].fill_null(False), plain)


def _iso() -> pl.Expr:
    return pl.col("moment").dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
