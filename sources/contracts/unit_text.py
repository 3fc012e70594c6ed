"""Texts that state a unit: in a header's brackets, in a line above a table, behind a number.

Belongs here: what such a text says (a unit, an amount per day, a remark, something not understood)
and what a number in it is in a field's own unit. Where a table states its units, and which of its
columns a statement is about, is for `sources.recognise.units`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from sources.characters import fold
from sources.contracts.model import Contract, Field
from sources.contracts.units import Unit, Units

Problem = Literal["unit_unknown", "unit_dimension", "unit_rate"]
TIMES_ZH = {"year": "年", "quarter": "季度", "month": "月", "day": "日", "hour": "小时"}
_TIMES = {
    **dict.fromkeys(("年", "a", "y", "yr", "year", "年度"), "year"),
    **dict.fromkeys(("季", "季度"), "quarter"),
    **dict.fromkeys(("月", "mon", "month", "个月"), "month"),
    **dict.fromkeys(("日", "天", "d", "day"), "day"),
    **dict.fromkeys(("小时", "时", "h", "hr", "hour"), "hour"),
}
_PERIODS = {"year": "year", "month": "month", "date": "day"}
_JOINTS = "/,、:;_-|·.。 =为“”‘’\"'「」『』"
_BRACKETS = {"(": ")", "[": "]", "【": "】", "〔": "〕", "{": "}", "〈": "〉", "<": ">"}
# What may stand beside a unit, or alone in a header's brackets, without changing what a number
# means. 累计, 上年同期, 计划 and their like do change it and are not among these.
_REMARK = re.compile(
    r"^(?:必填|选填|可空|可不填|可选|下拉|略|空|.*除外|保留.*|取.*|精确.*|四舍五入|.*位?小数.*|.*整数.*|数字|数值|"
    r"文本|.*格式.*|例如.*|如.+|含.*|不含.*|包括.*|不包括.*|其中.*|按.*|以.+计|折.*|实物量?|商品量|指.*|"
    r"见?注.*|附注.*|备注.*|.*以[上下]|.*合计|总[数量计]|年度|月度|日期|时间|年月日?|"
    r"年|月|日|是/否|有/无|万元不含|年?平均|月?平均|.*均值|现状|现价|当年价|.*不变价|"
    r"\d+|[a-z]|第?\d+栏|\d{4}年?)$"
)
_SPLIT = re.compile(r"[,，、;；]|\s+|(?<![a-zμ])/(?![a-zμ\d])")


@dataclass(frozen=True)
class Statement:
    """A unit that a text states.

    `unit` is the unit that the whole text names (`m³/d`), None where it names none; `others` are
    units of other dimensions that it may name as well (度: kWh, ℃, NTU). `amount` and `per` part a
    rate: `m³/月` is the amount m³ per month. Where neither is there the text was not understood.
    `subject` is what the unit is said to be of (面积), `''` where that is left open.
    """

    text: str
    unit: Unit | None = None
    amount: Unit | None = None
    per: str | None = None
    subject: str = ""
    others: tuple[Unit, ...] = ()
    sure: bool = True
    """False where the text may be something else: a bracket behind a title."""

    @property
    def understood(self) -> bool:
        """Tell whether the text names a unit."""
        return self.unit is not None or self.amount is not None

    @property
    def name(self) -> str:
        """The unit as this project spells it, the text as written where it is not understood."""
        if self.unit is not None:
            return self.unit.unit
        if self.amount is not None and self.per is not None:
            return f"{self.amount.unit}/{TIMES_ZH[self.per]}"
        return self.text


class UnitProblem(ValueError):
    """A stated unit cannot be converted into a field's; `code` says why."""

    def __init__(self, code: Problem) -> None:
        super().__init__(code)
        self.code = code


def period_of(contract: Contract) -> str | None:
    """Return the length of time that a row's amounts are of: year, month, day; None: none."""
    dated = contract.period_field
    return _PERIODS.get(dated.type) if dated is not None and dated.key else None


def conversion(
    stated: Statement, field: Field, period: str | None, units: Units
) -> tuple[Fraction, str]:
    """Return how many of the field's units one of the stated unit is, and the name of that unit.

    An amount per month is that amount in a row that stands for a month (`period`). Raises
    UnitProblem.
    """
    own = units.find(field.unit or "")
    if own is None or not stated.understood:
        raise UnitProblem("unit_unknown")
    for unit in (stated.unit, *stated.others):
        if unit is not None and (factor := _ratio(unit, own, field)) is not None:
            return factor, unit.unit
    if stated.amount is not None and (factor := _ratio(stated.amount, own, field)) is not None:
        if stated.per != period:
            raise UnitProblem("unit_rate")
        return factor, stated.name
    raise UnitProblem("unit_dimension")


def _ratio(given: Unit, own: Unit, field: Field) -> Fraction | None:
    if given.dimension == own.dimension:
        return given.factor / own.factor
    if field.density is not None and {given.dimension, own.dimension} == {"mass", "volume"}:
        # The canonical units are 吨 and m³; the density is in tonnes per cubic metre.
        density = field.density if given.dimension == "volume" else 1 / field.density
        return given.factor * density / own.factor
    return None


def bracketed(text: str) -> tuple[str, str] | None:
    """Split `name(inside)`; None when the text does not end in a bracket."""
    for opening, closing in _BRACKETS.items():
        if text.endswith(closing):
            depth = 0
            for at in range(len(text) - 1, -1, -1):
                depth += (text[at] == closing) - (text[at] == opening)
                if depth == 0:
                    return text[:at], text[at + 1 : -1]
    return None


def _bare(text: str) -> str:
    """Return a unit's text without the brackets and joints around it."""
    text = text.strip().strip(_JOINTS)
    while (parts := bracketed(text)) is not None and not parts[0]:
        text = parts[1].strip().strip(_JOINTS)
    return text


def read_unit(text: str, units: Units) -> Statement | None:
    """Return the statement of a text that is nothing but a unit, None for any other text."""
    written = _bare(unicodedata.normalize("NFKC", text))
    if not written:
        return None
    spelled = units.spelled(written)
    amount, per = _rate(written, units)
    if not spelled and amount is None:
        return None
    unit = next(iter(spelled), None)
    return Statement(text.strip(), unit, amount, per, others=spelled[1:])


def _rate(text: str, units: Units) -> tuple[Unit | None, str | None]:
    """Return amount and time of `万吨/月`, `吨每日`; (None, None) for what is no rate."""
    amount, slash, time = fold(text).replace("每", "/").rpartition("/")
    per = _TIMES.get(time.strip("()"))
    found = units.find(_bare(amount)) if slash and per else None
    return (found, per) if found is not None else (None, None)


def read_remark(text: str, units: Units) -> Statement | None:
    """Return what the brackets behind a title say of its unit, None where they only explain.

    `m³，保留整数` is m³; `以P计` says nothing of the unit; what is neither a unit nor a known kind
    of remark is a statement that is not understood.
    """
    written = unicodedata.normalize("NFKC", text)
    written = re.sub(r"^(?:计量|数量)?单位\s*[:为]?", "", written).strip()
    whole = read_unit(written, units)
    if whole is not None:
        return whole
    parts = [p for p in _SPLIT.split(written) if p.strip()]
    read = [(p, read_unit(p, units)) for p in parts]
    found = {s.name: s for _, s in read if s is not None}
    rest = [p for p, s in read if s is None and not _REMARK.match(fold(p))]
    if len(found) == 1 and not rest:
        return next(iter(found.values()))
    if not found and (not rest or _REMARK.match(fold(written))):
        return None
    return Statement(text.strip())


# --- lines that state units: 单位：万亩, （面积单位：万亩）, 注：单位为亿立方米

# 单位 with what stands before it, and the sign or the blank behind it.
_UNIT_WORD = re.compile(r"([一-龥]{0,8}?)单\s*位(\s*(?:均?为|均?以|是|:|=)|\s+|)\s*")
_AS_UNIT = re.compile(r"以\s*(.{1,8}?)\s*为\s*单\s*位")
_COUNTED_IN = re.compile(r"([一-龥]{0,8}?)[均都皆]?(?:按|以)\s*([^按以]{1,8}?)\s*(?:计算|统计|计)")
# 单位 also means an organisation: who fills in, builds, manages.
_ORGANISATION = re.compile(
    r"(?:填报?|填表|报送?|上报|呈报|申报|报告|制表|编制|编报|统计|汇总|主管|责任|牵头|建设|施工|产生|移出|接收|承运|"
    r"运输|处置|经营|管理|使用|用水|用电|用能|取水|排污|监测|采样|检测|供水|配合|实施|设计|监理|所属|上级|下级|本|各|"
    r"该|企业|企事业|事业|行政|机关|调查|报表|发布|提供|来源|隶属|所在|工作)$"
)
_ORGANISATION_NAME = re.compile(
    r"(?:局|委|委员会|办|办公室|厅|处|科|股|室|中心|公司|集团|政府|乡|镇|县|村|街道|站|所|院|校|厂|队|会|部|"
    r"盖章|公章|签章|章)$"
)
_NOT_STATED = re.compile(r"^(?:[-—_/*\s]*|略|见表头?|如表头?|详见.*|见.*|同表头|无|\(.{0,4}章\))$")
_GENERAL = re.compile(
    r"^本?表?[中内]?的?(?:计量|度量|数量|数据|统计|数值|指标|法定|注|说明|附注)?$"
)
_LEADING = re.compile(r"^(?:注|说明|附注|其中|表中|表内|的)+")
_NEXT_LABEL = re.compile(r"(?:\s{2,}|\s+(?=[一-龥]{2,8}\s*[:(])|[。;](?=[一-龥]{2,}[:为]))")
_LONGEST_UNIT = 6
_SUBJECT = re.compile(r"^([一-龥A-Za-z0-9.]{2,12}?)\s*(?:单位)?\s*[:=为是]?\s*$")


def stated_in_line(text: str, units: Units) -> list[Statement]:
    """Return the units that a line outside of a table states, in any usual spelling.

    `填报单位：水务局  单位：万亩` states 万亩; `单位：公顷、万元` two; `（面积单位：万亩）` one of
    areas. A statement that is not understood is among them as such. A text that only ends in a
    bracketed unit, or is nothing else, states it too, but not for sure: `灌溉面积统计表（万亩）`.
    """
    line = unicodedata.normalize("NFKC", text).strip()
    whole = _AS_UNIT.search(line)
    if whole is not None:
        return [_piece(whole[1], units)]
    matches = list(_UNIT_WORD.finditer(line))
    if not matches:
        counted = _COUNTED_IN.search(line)
        if counted is not None and (stated := read_unit(counted[2], units)) is not None:
            return [replace(stated, subject=_LEADING.sub("", counted[1]))]
        inside = bracketed(line)
        alone = read_unit(inside[1] if inside is not None else line, units)
        return [] if alone is None else [replace(alone, sure=False)]
    found: list[Statement] = []
    for number, match in enumerate(matches):
        end = matches[number + 1].start() if number + 1 < len(matches) else len(line)
        # 单位 名称 is a word, （单位 万亩） a statement.
        firm = match[2].strip() or (match[2] and line[: match.start()].endswith("("))
        said = _first_part(line[match.end() : end])
        if "以" in match[2]:
            said = said.removesuffix("计")
        found += _stated(match[1], said, units, firm=bool(firm))
    return found


def _stated(before: str, said: str, units: Units, *, firm: bool) -> Iterator[Statement]:
    """Yield what a text behind the word 单位 states; `before` are the words before 单位.

    `firm`: a sign joins the two, so that what is not understood is a statement too.
    """
    if _NOT_STATED.match(_bare(said)):
        return
    statements = [s for n, s in enumerate(_pieces(said, units)) if not n or not _is_prose(s)]
    if not all(s.understood for s in statements):
        person = _ORGANISATION.search(before) or _ORGANISATION_NAME.search(said.strip("()"))
        if person or not firm:
            return
    subject = "" if _GENERAL.match(before) else _LEADING.sub("", before)
    yield from (replace(s, subject=s.subject or subject) for s in statements)


def _first_part(rest: str) -> str:
    """Return what belongs to a label: up to a bracket that closes before one opens, or a label."""
    depth = 0
    for at, character in enumerate(rest):
        depth += character in _BRACKETS
        if character in _BRACKETS.values():
            depth -= 1
            if depth < 0:
                rest = rest[:at]
                break
    part = _NEXT_LABEL.split(rest.strip(), maxsplit=1)[0]
    return part.strip().rstrip("。;,、")


def _pieces(said: str, units: Units) -> Iterator[Statement]:
    """Yield a statement for each unit in a list such as `面积万亩、产量吨`."""
    whole = read_unit(said, units)
    if whole is not None:
        yield whole
        return
    said, *further = re.split("[;。]", said)
    parts = [p for p in re.split(r"[,、]|\s+|和|及|或", said) if p.strip()]
    by_slash = [read_unit(p, units) for p in said.split("/")]
    if len(parts) == 1 and all(by_slash):
        yield from (s for s in by_slash if s is not None)
        return
    for part in parts:
        if not _REMARK.match(fold(part)):
            yield _piece(part, units)
    for sentence in further:  # what is no unit there is another remark
        yield from (s for s in _pieces(sentence, units) if s.understood)


def _is_prose(stated: Statement) -> bool:
    """Tell whether a piece that was not understood is too long to be a unit."""
    return not stated.understood and len(stated.text) >= _LONGEST_UNIT


def _piece(text: str, units: Units) -> Statement:
    """Return the statement of one unit with or without what it is of: `面积（万亩）`, `吨`."""
    alone = read_unit(text, units)
    if alone is not None:
        return alone
    inside = bracketed(text)
    if inside is not None and read_remark(inside[1], units) is None:  # mg/L(pH除外)
        alone = read_unit(inside[0], units)
        if alone is not None:
            return alone
    cuts = [(inside[0], inside[1])] if inside is not None and inside[0] else []
    cuts += [(text[:at], text[at:]) for at in range(1, len(text))]
    for name, rest in cuts:
        subject = _SUBJECT.match(name)
        unit = read_unit(rest, units)
        if subject is not None and unit is not None:
            return Statement(unit.text, unit.unit, unit.amount, unit.per, subject[1])
    return Statement(text)
