"""Periods as headers, titles and file names write them: a year, a month, a day, an hour, a span.

Belongs here: reading one text as a period, finding the periods in running text, putting parts of
a period together (the year of a title, the month of a column) and writing it for a field.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sources.contracts import fold

_Y, _M, _D = r"(?:19[4-9]\d|20\d\d)", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR, _MONTH, _DAY = rf"(?P<year>{_Y})", rf"(?P<month>{_M})", rf"(?P<day>{_D})"
_HOUR = r"(?P<hour>0?\d|1\d|2[0-4])"
_TIME = rf"(?:[t ]?{_HOUR}(?:时|点|:(?P<minute>[0-5]\d)(?::[0-5]\d)?)分?)?"
# One text, nothing else in it. The first that matches the whole of it holds.
_WHOLE = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}(?:年度|年份|年)?",
        rf"{_YEAR}(?:[-/年]|年-){_MONTH}(?:月份|月)?",
        rf"{_YEAR}\.(?P<month>0[1-9]|1[0-2]|[2-9])月?",  # 2016.1 may be January or October
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])",
        rf"{_MONTH}(?:月份|月)",
        rf"{_YEAR}[-/.年]{_MONTH}[-/.月]{_DAY}[日号]?{_TIME}",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])",
        rf"{_MONTH}月{_DAY}[日号]{_TIME}",
        rf"{_DAY}[日号]",
        rf"{_HOUR}(?:时|点|:(?P<minute>[0-5]\d)(?::00)?)",
    )
)
_DASH = r"[-~至到]+"
_SEVERAL = re.compile(
    rf"(?:{_YEAR}(?:年度|年|[-/.])?)?"
    rf"(?:(?P<first>0?[1-9]|1[0-2])月?{_DASH}(?P<last>0?[1-9]|1[0-2])月份?"
    r"|(?P<half>上半年|下半年)|第?(?P<quarter>[1-4一二三四])季度?|q(?P<q>[1-4])|前[一二三]季度)"
    r"(?:累计)?"
)
# In running text: at each place the first of these that fits. The group says how it is read.
_TWO_DIGITS = "(?:0[1-9]|1[0-2])"
_ANYWHERE = re.compile(
    rf"(?P<years>{_Y}年?{_DASH}{_Y}年?)"
    rf"|(?P<span>{_Y}年?(?:{_M}月?{_DASH}{_M}月|[上下]半年|第?[1-4一二三四]季度?|前[一二三]季度))"
    rf"|(?P<full>{_Y}(?:年|[-/.]){_M}(?:月|[-/.]){_D}日?)(?!\d)"
    rf"|(?P<part>{_Y}年{_M}月)"
    rf"|(?<![\d.])(?P<compact>{_Y}{_TWO_DIGITS}(?:0[1-9]|[12]\d|3[01])?)(?![\d.])"
    rf"|(?<![\d.])(?P<dashed>{_Y}[-/.]{_TWO_DIGITS})(?![\d.])"
    rf"|(?P<named>{_Y}年度?)(?!不变价|可比价|价格|为?基期|目标|规划)"
    rf"|(?<![\d年.-])(?P<months>{_M}月?{_DASH}{_M}月)"
    rf"|(?<![\d年.-])(?P<only>{_M}月份?)(?!\d)"
    rf"|(?<![\da-z.+-])(?P<bare>{_Y})(?![\da-z.-]|年)"
)
_WHOLE_YEAR = re.compile(rf"0?1月?{_DASH}12月")
_PART_OF_YEAR = re.compile(
    rf"(?<![\d.-]){_M}月?{_DASH}{_M}月|[上下]半年|第?[1-4一二三四]季度|前[一二三]季度"
)
_NAMED_YEAR = re.compile(r"[〇零一二三四五六七八九]{4}(?=年)")
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_NAMED_MONTH = re.compile("(?:十[一二]?|[一二三四五六七八九])(?=月)")
_MONTH_NAMES = {name: number for number, name in enumerate("一二三四五六七八九十", start=1)}
_MONTH_NAMES |= {"十一": 11, "十二": 12}
# When a form was filled in is no period of its figures.
_FILLED_IN = re.compile(r"填报|填表|制表|制定|报出|上报|报送|打印|导出|审核|批准|有效期|日期[:：]")


PART_NAMES = ("year", "month", "day", "hour", "minute")


@dataclass(frozen=True)
class Period:
    """A moment in time as far as a text gives it; `several`: a span that is no single period."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    several: bool = False

    @property
    def parts(self) -> frozenset[str]:
        """The names of the parts that are known."""
        names = ("year", "month", "day", "hour")
        return frozenset(name for name in names if getattr(self, name) is not None)

    def with_parts(self, other: "Period") -> "Period | None":
        """Return both together, None where they contradict each other."""
        joined: dict[str, int] = {}
        for name in PART_NAMES:
            own, more = getattr(self, name), getattr(other, name)
            if own is not None and more is not None and own != more:
                return None
            if (value := own if own is not None else more) is not None:
                joined[name] = value
        return _of_parts(joined, several=self.several or other.several)

    def text(self, kind: str) -> str | None:
        """Return it as a value of a field of type `year`, `month`, `date` or `datetime`.

        None where a part is not known, or where it tells of less than such a field speaks of (the
        month of an annual figure).
        """
        needed = NEEDED[kind]
        if self.several or not needed <= self.parts or not self.fits(kind):
            return None
        text = f"{self.year}"
        if kind != "year":
            text += f"-{self.month:02d}"
        if kind in ("date", "datetime"):
            text += f"-{self.day:02d}"
        if kind == "datetime":
            text += f" {self.hour:02d}:{self.minute or 0:02d}"
        return text

    def fits(self, kind: str) -> bool:
        """Tell whether it is no finer than such a field. A first day may stand for its month."""
        if kind == "month" and self.day == 1 and self.hour is None:
            return True
        return self.parts <= NEEDED[kind]


NEEDED: dict[str, frozenset[str]] = {
    "year": frozenset({"year"}),
    "month": frozenset({"year", "month"}),
    "date": frozenset({"year", "month", "day"}),
    "datetime": frozenset({"year", "month", "day", "hour"}),
}
SEVERAL = Period(several=True)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub("[‐‑–—―−～]", "-", text)
    text = _NAMED_YEAR.sub(lambda m: m[0].translate(_CHINESE_DIGITS), text)
    return _NAMED_MONTH.sub(lambda m: str(_MONTH_NAMES[m[0]]), text)


@lru_cache(maxsize=10_000)
def read_period(text: str) -> Period | None:
    """Return the period that a text names, if it names one and nothing else."""
    plain = re.sub(r"(?<=\d)\s+(?=\d)", "t", _plain(text).strip())
    plain = re.sub(r"\s+", "", plain)
    if not plain or len(plain) > 24:
        return None
    for form in _WHOLE:
        if match := form.fullmatch(plain):
            return _period(match)
    if match := _SEVERAL.fullmatch(plain):
        if int(match["first"] or 0) == 1 and int(match["last"] or 0) == 12:
            return Period(year=int(match["year"])) if match["year"] else SEVERAL
        return Period(year=int(match["year"]) if match["year"] else None, several=True)
    return None


def _period(match: re.Match[str]) -> Period:
    parts = {k: int(v) for k, v in match.groupdict().items() if v is not None}
    return _of_parts(parts)


def _of_parts(parts: Mapping[str, int], *, several: bool = False) -> Period:
    year, month, day, hour, minute = (parts.get(name) for name in PART_NAMES)
    return Period(year, month, day, hour, minute, several)


def periods_in(text: str) -> Iterator[Period]:
    """Yield the periods that running text names: a title, the name of a sheet or file.

    A line that says when or by whom a form was filled in names none. A range of years, or of months
    without a year, is yielded as `SEVERAL`.
    """
    if _FILLED_IN.search(fold(text)):
        return
    for match in _ANYWHERE.finditer(re.sub(r"\s+", "", _plain(text))):
        if match["years"]:
            yield SEVERAL
        elif match["span"]:
            whole = read_period(match["span"])
            year = int(match["span"][:4])
            yield whole or Period(year=year, several=True)
        elif match["months"]:
            if not _WHOLE_YEAR.fullmatch(match["months"]):
                yield SEVERAL
        else:
            found = read_period(match[0])
            if found is not None:
                yield found


def part_of_year(text: str) -> str | None:
    """Return the part of a year that running text names, months or quarters of it, if any."""
    found = _PART_OF_YEAR.search(re.sub(r"\s+", "", _plain(text)))
    return found[0] if found is not None and not _WHOLE_YEAR.fullmatch(found[0]) else None
