"""Which dataset a table is, told by its header and not by its name.

Belongs here: reading a header cell (spelling, unit in brackets), finding the header under title
and unit rows, weighing the contracts against it, and naming near misses.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sources.contracts import Contracts, Unit, fold
from sources.reading.raw import HeadRow

OPERATION = "operation"
OPERATION_TITLES = ("操作", "操作类型", OPERATION)
OPERATION_ZH = OPERATION_TITLES[0]
# The column under which a marked spreadsheet gives back cells that a row had too many.
OVERFLOW_ZH = "多出的单元格"
_LONGEST_TITLE = 80
_MARKS = "*＊★☆※●#"
_BRACKETS = {"(": ")", "[": "]", "【": "】", "〔": "〕", "{": "}", "〈": "〉", "<": ">"}
_JOINTS = "/,、:;_-|·.。 "
# A remark in a header's brackets that is not a unit, so that nothing has to be converted.
_REMARK = re.compile(
    r"必填|选填|可空|小数|整数|数字|数值|格式|例如|^如|含|包括|按|指|以上|以下|注|年|月|日|时间|实物|"
    r"折纯|合计|其中|可选|下拉|是/否|保留|万元不含|^\d+$|平均"
)
_UNIT_ROW = re.compile(r"^(?:计量|数量|金额|面积|数据|统计)?单位[::](.+)$")


def tidy(text: str) -> str:
    """Fold a header cell: NFKC, lower case, no spaces or line breaks, no marks around it."""
    folded = fold(text).strip(_MARKS)
    folded = re.sub(r"^(?:\d{1,2}[、.．)]|[一二三四五六七八九十]+、|其中[::])", "", folded)
    return folded.strip(_MARKS)


@dataclass(frozen=True)
class Title:
    """A header cell: the title found in it and the unit text beside it, if any."""

    name: str
    unit: str | None = None


class HeaderIndex:
    """Every title of every contract's fields, folded, with the dataset and field it names."""

    def __init__(self, contracts: Contracts) -> None:
        self.contracts = contracts
        self._names: dict[str, list[tuple[str, str, int]]] = {}
        for contract in contracts:
            for field in contract.fields:
                spellings = dict.fromkeys(tidy(title) for title in field.titles)
                for rank, spelling in enumerate(spellings):
                    named = self._names.setdefault(spelling, [])
                    named.append((contract.dataset, field.field, rank))
        for title in OPERATION_TITLES:
            self._names.setdefault(tidy(title), [])
        self._names[tidy(OVERFLOW_ZH)] = []
        self._operation = frozenset(tidy(t) for t in OPERATION_TITLES)
        self.read = lru_cache(maxsize=20_000)(self._read)

    def known(self, text: str) -> bool:
        """Tell whether a cell reads as a title of some field."""
        return self.read(text) is not None

    def is_operation(self, title: Title) -> bool:
        """Tell whether a title is that of the column 操作."""
        return title.name in self._operation

    def fields(self, title: Title) -> list[tuple[str, str, int]]:
        """Return (dataset, field, rank of the spelling) of everything a title may name."""
        return self._names[title.name]

    def _read(self, text: str) -> Title | None:
        if not text or len(text) > _LONGEST_TITLE:
            return None
        folded = tidy(text)
        if not folded or folded.replace(".", "").isdigit():
            return None
        return self._title(folded, None)

    def _title(self, folded: str, unit: str | None) -> Title | None:
        if folded in self._names:
            return Title(folded, unit)
        opened = _last_bracket(folded)
        if opened is not None:
            name, inside = opened[0].rstrip(_JOINTS), unit_text(opened[1])
            if self.contracts.units.find(inside) is None and self._remark(name, inside):
                return self._title(name, unit)
            return self._title(name, unit or inside)
        for end in range(len(folded) - 1, 0, -1):
            if folded[:end] in self._names:
                rest = unit_text(folded[end:].strip(_JOINTS))
                if self.contracts.units.find(rest) is not None:
                    return Title(folded[:end], unit or rest)
        return None

    def _remark(self, name: str, inside: str) -> bool:
        """Tell whether a bracket only explains the title before it."""
        if _REMARK.search(inside):
            return True
        both = {(d, f) for d, f, _ in self._names.get(tidy(inside), ())}
        return any((d, f) in both for d, f, _ in self._names.get(name, ()))


def _last_bracket(text: str) -> tuple[str, str] | None:
    """Split `name(inside)`; None when the text does not end in a bracket."""
    for opening, closing in _BRACKETS.items():
        if text.endswith(closing):
            depth = 0
            for at in range(len(text) - 1, -1, -1):
                depth += (text[at] == closing) - (text[at] == opening)
                if depth == 0:
                    return (text[:at], text[at + 1 : -1]) if at else None
    return None


def unit_text(text: str) -> str:
    text = re.sub(r"^(?:计量)?单位[::]", "", text).strip(_JOINTS)
    opened = _last_bracket(text)
    return opened[1] if opened is not None and not opened[0] else text.strip("()[]")


@lru_cache(maxsize=4)
def header_index(contracts: Contracts) -> HeaderIndex:
    """Return the header index of these contracts, made once."""
    return HeaderIndex(contracts)


def unit_row(head: Sequence[HeadRow], at: int, contracts: Contracts) -> dict[int, Unit] | None:
    """Return the units of a row that holds nothing but units (and a word such as 单位), or None."""
    if at >= len(head):
        return None
    found: dict[int, Unit] = {}
    for position, text in enumerate(head[at].cells):
        folded = fold(text)
        if not folded or folded in ("单位", "计量单位", "/", "-", "--", "—", "——"):
            continue
        unit = contracts.units.find(unit_text(folded))
        if unit is None:
            return None
        found[position] = unit
    return found or None


def title_units(
    head: Sequence[HeadRow], before: int, contracts: Contracts
) -> list[tuple[int, str, list[Unit]]]:
    """Return (line, text, units) of the rows above the header that say 单位：…"""
    found = []
    for row in head[:before]:
        for text in row.cells:
            match = _UNIT_ROW.match(fold(unicodedata.normalize("NFKC", text)).strip("()[]"))
            if match is None:
                continue
            parts = dict.fromkeys([match[1], *re.split(r"[,、;]", match[1])])
            units = [u for p in parts if (u := contracts.units.find(unit_text(p))) is not None]
            if units:
                found.append((row.line, text.strip(), units))
    return found
