"""Recognise the dataset of a table by its header, not by its name.

Belongs here: reading a header cell as a title and what it states of its unit.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sources.characters import fold, title_text
from sources.contracts import Contracts
from sources.contracts.unit_text import Statement, bracketed, read_remark, read_unit
from sources.recognise.words import changes_meaning, current_apart, without_current

OPERATION = "operation"
OPERATION_TITLES = ("操作", "操作类型", OPERATION)
OPERATION_ZH = OPERATION_TITLES[0]
# The column under which a marked spreadsheet gives back cells that a row had too many.
OVERFLOW_ZH = "多出的单元格"
# What stands over any column of areas, beside the titles of the contract.
_USUAL = {"area": ("地区", "行政区划", "行政区")}
_LONGEST_TITLE = 80
_MARKS = "*＊★☆※●#"
_UNIT_WORD = re.compile("^(?:计量|数量)?单位[:为]?")
_EXPRESSED = re.compile("以([^,、;]+?)计")
_JOINTS = "/,、:;_-|·.。 "


@lru_cache(maxsize=10_000)
def tidy(text: str) -> str:
    """Fold a header cell: NFKC, lower case, no spaces or line breaks, no marks, no markup."""
    folded = fold(title_text(text)).strip(_MARKS)
    folded = re.sub(r"^(?:\d{1,2}[、.．)]|[一二三四五六七八九十]+、|其中[::])", "", folded)
    return folded.strip(_MARKS)


@dataclass(frozen=True)
class Title:
    """A header cell: the title found in it and what it states of its unit, if anything."""

    name: str
    unit: Statement | None = None


class HeaderIndex:
    """Every title of every contract's fields, folded, with the dataset and field it names."""

    def __init__(self, contracts: Contracts) -> None:
        self.contracts = contracts
        self._names: dict[str, list[tuple[str, str, int]]] = {}
        for contract in contracts:
            for field in contract.fields:
                titles = (*field.titles, *_USUAL.get(field.type, ()))
                spellings = dict.fromkeys(tidy(title) for title in titles)
                for rank, spelling in enumerate(spellings):
                    named = self._names.setdefault(spelling, [])
                    named.append((contract.dataset, field.field, rank))
        for title in OPERATION_TITLES:
            self._names.setdefault(tidy(title), [])
        self._names[tidy(OVERFLOW_ZH)] = []
        self._operation = frozenset(tidy(t) for t in OPERATION_TITLES)
        self.read = lru_cache(maxsize=20_000)(self._read)

    @property
    def spellings(self) -> frozenset[str]:
        """The titles and other known headers, folded."""
        return frozenset(self._names)

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
        return self._title(folded, None) or self._title(without_current(folded), None)

    def _title(self, folded: str, unit: Statement | None) -> Title | None:
        if folded in self._names:
            return Title(folded, unit)
        opened = bracketed(folded)
        if opened is not None and opened[0]:
            name, inside = opened[0].rstrip(_JOINTS), current_apart(opened[1])
            stated = read_remark(inside, self.contracts.units)
            if stated is not None and not stated.understood and changes_meaning(inside):
                return None  # 用电量（上年同期）
            if self._is_expressed_otherwise(name, inside):
                return self._title(name, Statement(inside))  # 总磷（以PO4计）
            if stated is not None and not stated.understood and self._repeats(name, inside):
                stated = None
            return self._title(name, _together(stated, unit))
        for end in range(len(folded) - 1, 0, -1):
            if folded[:end] in self._names:
                rest = _UNIT_WORD.sub("", folded[end:].strip(_JOINTS))
                stated = read_unit(rest, self.contracts.units)
                if stated is not None:
                    return Title(folded[:end], unit or stated)
        return None

    def _is_expressed_otherwise(self, name: str, inside: str) -> bool:
        """Tell whether a bracket gives another form of a substance than its field is stored as."""
        given = _EXPRESSED.findall(inside)
        fields = (self.contracts[d].field(f) for d, f, _ in self._names.get(tidy(name), ()))
        known = {tidy(form) for declared in fields for form in declared.expressed_as}
        return bool(known) and any(form.strip("+-") not in known for form in given)

    def _repeats(self, name: str, inside: str) -> bool:
        """Tell whether a bracket only says the title before it in another way: 氨氮(NH3-N)."""
        both = {(d, f) for d, f, _ in self._names.get(tidy(inside), ())}
        return any((d, f) in both for d, f, _ in self._names.get(name, ()))


def _together(inner: Statement | None, outer: Statement | None) -> Statement | None:
    """Return what two brackets behind a title state: 面积（亩）（公顷） names no unit to go by."""
    if inner is None or outer is None:
        return outer or inner
    if not inner.understood or not outer.understood or inner.name == outer.name:
        return outer  # 汞（Hg）（mg/L）
    return Statement(f"{inner.text}、{outer.text}")


@lru_cache(maxsize=4)
def header_index(contracts: Contracts) -> HeaderIndex:
    """Return the header index of these contracts, made once."""
    return HeaderIndex(contracts)
