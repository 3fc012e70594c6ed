"""Which dataset a table is, told by its header and not by its name.

Belongs here: reading a header cell (spelling, unit in brackets), finding the header under title
and unit rows, weighing the contracts against it, and naming near misses.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from functools import lru_cache

from sources.contracts import Contract, Contracts, DimensionError, Field, Unit, fold
from sources.reading.raw import HeadRow, Refusal
from sources.reasons import finding

OPERATION = "operation"
OPERATION_TITLES = ("操作", "操作类型", OPERATION)
OPERATION_ZH = OPERATION_TITLES[0]
# The column under which a marked spreadsheet gives back cells that a row had too many.
OVERFLOW_ZH = "多出的单元格"
MOST_HEADER_LINES = 3
_LONGEST_TITLE = 80
# How alike a header has to be to a title to be taken for it in a receipt (difflib's ratio), and in
# how many rows and columns and up to which length that is looked at.
_LIKELY = 0.6
_LOOKED_AT, _MOST_LIKELY, _LONGEST_LIKELY = 6, 40, 24
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


@dataclass(frozen=True)
class Column:
    """A column of the file that a field takes. `position` counts from 0.

    `factor` turns a number as written into the contract's unit; `unit` is the unit found and
    `unit_from` where (`header`, `unit_row`, `title`); both None when the file names none.
    """

    field: Field
    position: int
    header: str
    unit: str | None = None
    unit_from: str | None = None
    factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class Layout:
    """How a table is to be read: its dataset, its header and the column of each field."""

    contract: Contract
    first: int
    """Index into the head of the header's first row."""
    last: int
    """... and of its last."""
    headers: tuple[str, ...]
    columns: tuple[Column, ...]
    operation: int | None
    overflow: int | None
    unknown: tuple[int, ...]
    findings: tuple[dict[str, object], ...]


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
            name, inside = opened[0].rstrip(_JOINTS), _unit_text(opened[1])
            if self.contracts.units.find(inside) is None and self._remark(name, inside):
                return self._title(name, unit)
            return self._title(name, unit or inside)
        for end in range(len(folded) - 1, 0, -1):
            if folded[:end] in self._names:
                rest = _unit_text(folded[end:].strip(_JOINTS))
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


def _unit_text(text: str) -> str:
    text = re.sub(r"^(?:计量)?单位[::]", "", text).strip(_JOINTS)
    opened = _last_bracket(text)
    return opened[1] if opened is not None and not opened[0] else text.strip("()[]")


@lru_cache(maxsize=4)
def header_index(contracts: Contracts) -> HeaderIndex:
    """Return the header index of these contracts, made once."""
    return HeaderIndex(contracts)


@dataclass(frozen=True)
class _Candidate:
    contract: Contract
    first: int
    last: int
    titles: Mapping[int, Title]
    """By position, how each column is read for this dataset."""
    headers: tuple[str, ...]
    matched: dict[str, list[tuple[int, int]]]
    """field -> (rank of the spelling, position), best first"""
    operation: tuple[int, ...]

    @property
    def missing(self) -> tuple[Field, ...]:
        """Required fields without a column; with 操作 a withdrawal needs the key alone."""
        needed = self.contract.key_fields if self.operation else self.contract.fields
        return tuple(f for f in needed if f.required and f.field not in self.matched)

    @property
    def fits(self) -> bool:
        if self.missing:
            return False
        if self.operation:
            return True
        values = [f.field for f in self.contract.fields if not f.key]
        if values and not any(v in self.matched for v in values):
            return False
        needs = self.contract.row_needs
        return not needs or any(all(f in self.matched for f in group) for group in needs)

    @property
    def score(self) -> tuple[int, int]:
        """Matched fields; of these, by their own title rather than by an alias."""
        ranks = [places[0][0] for places in self.matched.values()]
        return len(ranks), sum(rank == 0 for rank in ranks)


def _block(
    head: Sequence[HeadRow], first: int, last: int, index: HeaderIndex
) -> list[tuple[tuple[Title, ...], str]]:
    """Read a header of one or more rows: for each column the titles it may be, and its text."""
    rows = [head[i].cells for i in range(first, last + 1)]
    width = max(len(r) for r in rows)
    carried = ""
    found: list[tuple[tuple[Title, ...], str]] = []
    for position in range(width):
        parts = [r[position].strip() if position < len(r) else "" for r in rows]
        if len(rows) > 1:
            # A merged group title stands in the first of its columns only.
            if parts[0]:
                carried = parts[0]
            elif any(parts[1:]):
                parts[0] = carried
        found.append(_read_parts([p for p in parts if p], index))
    return found


def _read_parts(parts: list[str], index: HeaderIndex) -> tuple[tuple[Title, ...], str]:
    """Read a header cell of several lines: all of it as one title, else a line, the lowest first.

    Which of them is meant depends on the dataset: under 粪污 stands 产生量, which alone is a
    title of another one.
    """
    parts = list(dict.fromkeys(parts))
    text = "·".join(re.sub(r"\s+", "", part) for part in parts)
    titles: list[Title] = []
    for attempt in dict.fromkeys(("".join(parts), *reversed(parts))):
        title = index.read(attempt)
        if title is None:
            continue
        if title.unit is None:  # a unit may stand alone in another line of the header
            for part in parts:
                unit = _unit_text(fold(part))
                if part != attempt and index.contracts.units.find(unit) is not None:
                    title = Title(title.name, unit)
        titles.append(title)
    return tuple(titles), text


def _candidates(head: Sequence[HeadRow], index: HeaderIndex) -> Iterator[_Candidate]:
    # Two columns are the least that any dataset needs.
    known = [sum(map(index.known, row.cells)) for row in head]
    enough = len(head)
    for first in range(len(head)):
        if first > enough:
            return
        for last in range(first, min(first + MOST_HEADER_LINES, len(head))):
            if sum(known[first : last + 1]) < 2 and len(head[first].cells) > 1:
                continue
            if last > first and head[last].line - head[first].line > MOST_HEADER_LINES + 2:
                continue
            for found in _candidates_of(_block(head, first, last, index), first, last, index):
                if found.fits:  # what comes further down is data
                    enough = min(enough, first + MOST_HEADER_LINES)
                yield found


def _candidates_of(
    read: list[tuple[tuple[Title, ...], str]], first: int, last: int, index: HeaderIndex
) -> Iterator[_Candidate]:
    by_dataset: dict[str, dict[str, list[tuple[int, int]]]] = {}
    meant: dict[str, dict[int, Title]] = {}
    operation: list[int] = []
    for position, (titles, _) in enumerate(read):
        if any(index.is_operation(title) for title in titles):
            operation.append(position)
            continue
        for title in titles:
            for dataset, field, rank in index.fields(title):
                if position in meant.setdefault(dataset, {}):
                    continue
                meant[dataset][position] = title
                places = by_dataset.setdefault(dataset, {}).setdefault(field, [])
                places.append((rank, position))
    for dataset, matched in by_dataset.items():
        yield _Candidate(
            contract=index.contracts[dataset],
            first=first,
            last=last,
            titles=meant[dataset],
            headers=tuple(h for _, h in read),
            matched={f: sorted(places) for f, places in matched.items()},
            operation=tuple(operation),
        )


def recognise(
    head: Sequence[HeadRow], index: HeaderIndex, *, department: str, hints: Sequence[str]
) -> Layout:
    """Find the header and the dataset of a table.

    `hints` are names (file, sheet) that decide only between datasets whose header evidence is
    equal. Raises Refusal: `no_header`, `unknown_dataset`, `ambiguous_dataset`,
    `duplicate_header`, `required_column_unit`.
    """
    candidates = list(_candidates(head, index))
    fitting = [c for c in candidates if c.fits]
    if not fitting:
        raise near_miss(head, candidates, index, department)
    best: dict[str, _Candidate] = {}
    for candidate in fitting:
        known = best.get(candidate.contract.dataset)
        if known is None or _order(candidate) > _order(known):
            best[candidate.contract.dataset] = candidate
    top = max(c.score for c in best.values())
    equal = [c for c in best.values() if c.score == top]
    findings: list[dict[str, object]] = []
    chosen = equal[0]
    if len(equal) > 1:
        chosen = _hinted(equal, department, hints, findings)
    return _layout(chosen, head, index, findings)


def _order(candidate: _Candidate) -> tuple[int, int, int, int]:
    # Of equal headers the one with fewer lines, then the upper one.
    return (*candidate.score, candidate.first - candidate.last, -candidate.first)


def _hinted(
    equal: list[_Candidate],
    department: str,
    hints: Sequence[str],
    findings: list[dict[str, object]],
) -> _Candidate:
    names = "、".join(f"“{c.contract.title_zh}”" for c in equal)
    spoken = [fold(h) for h in hints]
    named = [
        c
        for c in equal
        if any(fold(n) in h for n in (c.contract.title_zh, c.contract.dataset) for h in spoken)
    ]
    allowed = [c for c in equal if department in c.contract.departments_allowed]
    for found, hint in ((named, "文件名或工作表名"), (allowed, "报送单位")):
        if len(found) == 1:
            title = found[0].contract.title_zh
            findings.append(finding("hint_used", datasets=names, hint=hint, chosen=title))
            return found[0]
    raise Refusal("ambiguous_dataset", datasets=names)


def near_miss(
    head: Sequence[HeadRow],
    candidates: Sequence[_Candidate],
    index: HeaderIndex,
    department: str,
) -> Refusal:
    """Say which contracts a header comes nearest to, and what is missing or too much for each."""
    found = _nearest(head, candidates, index, department)
    text = "".join(_describe(candidate, alike) for candidate, alike in found[:3])
    return Refusal("unknown_dataset" if found else "no_header", nearest=text)


def _nearest(
    head: Sequence[HeadRow],
    candidates: Sequence[_Candidate],
    index: HeaderIndex,
    department: str,
) -> list[tuple[_Candidate, dict[int, str]]]:
    """Return the nearest candidate of each dataset that is near at all, the nearest first.

    Beside it, for headers that no field has, the title of the field that they are alike to.
    """
    best: dict[str, _Candidate] = {}
    for c in candidates:
        known = best.get(c.contract.dataset)
        if known is None or _width(c) > _width(known):
            best[c.contract.dataset] = c
    near = {name: (c, _alike(c)) for name, c in best.items()}
    # A header of which no title is known, but which looks like one.
    for number, row in enumerate(head[:_LOOKED_AT]):
        texts = [re.sub(r"\s+", "", cell) for cell in row.cells[:_MOST_LIKELY]]
        if sum(bool(re.search(r"[^\W\d]", t)) for t in texts) * 2 <= sum(map(bool, texts)):
            continue
        for contract in index.contracts:
            c = _Candidate(contract, number, number, {}, tuple(texts), {}, ())
            alike = _alike(c)
            nearer = near.get(contract.dataset)
            if nearer is None or len(alike) > len(nearer[0].matched) + len(nearer[1]):
                near[contract.dataset] = (c, alike)
    close = [
        (c, alike)
        for c, alike in near.values()
        if len(c.matched) + len(alike) > 1 or (c.matched and len(c.headers) == 1)
    ]
    return sorted(
        close,
        key=lambda pair: (
            -len(pair[0].matched) - len(pair[1]),
            department not in pair[0].contract.departments_allowed,
            len(pair[0].missing),
        ),
    )


def _width(candidate: _Candidate) -> tuple[int, int, int]:
    # The same columns are found without the title rows above them too.
    return len(candidate.matched), candidate.first - candidate.last, -candidate.first


def _alike(candidate: _Candidate) -> dict[int, str]:
    """Return for headers without a field, by position, the title that they are alike to."""
    taken = {p for places in candidate.matched.values() for _, p in places}
    fields = [f for f in candidate.contract.fields if f.field not in candidate.matched]
    headers = {
        p: text
        for p, header in enumerate(candidate.headers[:_MOST_LIKELY])
        if p not in taken and 1 < len(text := tidy(header)) <= _LONGEST_LIKELY
    }
    pairs = sorted(
        (
            (max(SequenceMatcher(None, text, tidy(t)).ratio() for t in f.titles), p, f.title_zh)
            for p, text in headers.items()
            for f in fields
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    found: dict[int, str] = {}
    for ratio, position, title in pairs:
        if ratio >= _LIKELY and position not in found and title not in found.values():
            found[position] = title
    return found


def _describe(candidate: _Candidate, alike: Mapping[int, str]) -> str:
    missing = [f.title_zh for f in candidate.missing]
    if not missing and candidate.contract.row_needs:
        field = candidate.contract.field
        missing = [
            "或".join("+".join(field(f).title_zh for f in g) for g in candidate.contract.row_needs)
        ]
    taken = {p for places in candidate.matched.values() for _, p in places}
    extra = [h for p, h in enumerate(candidate.headers) if h and p not in taken]
    text = f"；最接近“{candidate.contract.title_zh}”"
    if missing:
        text += f"，缺少列：{'、'.join(missing)}"
    if extra:
        text += f"，多出列：{'、'.join(extra[:8])}{'等' if len(extra) > 8 else ''}"
    if alike:
        meant = "、".join(f"“{candidate.headers[p]}”像是“{title}”" for p, title in alike.items())
        text += f"（{meant}）"
    return text


def _layout(
    chosen: _Candidate,
    head: Sequence[HeadRow],
    index: HeaderIndex,
    findings: list[dict[str, object]],
) -> Layout:
    contract = chosen.contract
    columns: list[Column] = []
    used: set[int] = set()
    for field in contract.fields:
        places = chosen.matched.get(field.field)
        if not places:
            continue
        rank, position = places[0]
        same = [p for r, p in places if r == rank]
        if len(same) > 1:
            raise Refusal(
                "duplicate_header",
                count=len(same),
                title=field.title_zh,
                columns="、".join(str(p + 1) for p in same),
            )
        for _, other in places[1:]:
            findings.append(
                finding(
                    "column_repeated",
                    line=head[chosen.last].line,
                    header=chosen.headers[other],
                    used=chosen.headers[position],
                )
            )
        column = _with_unit(field, position, chosen, head, index, findings)
        if column is not None:
            columns.append(column)
            used.add(position)
    if len(chosen.operation) > 1:
        raise Refusal(
            "duplicate_header",
            count=len(chosen.operation),
            title=OPERATION_ZH,
            columns="、".join(str(p + 1) for p in chosen.operation),
        )
    operation = next(iter(chosen.operation), None)
    overflow = next((p for p, h in enumerate(chosen.headers) if tidy(h) == OVERFLOW_ZH), None)
    used |= {p for p in (operation, overflow) if p is not None}
    return Layout(
        contract=contract,
        first=chosen.first,
        last=chosen.last,
        headers=chosen.headers,
        columns=tuple(columns),
        operation=operation,
        overflow=overflow,
        unknown=tuple(p for p in range(len(chosen.headers)) if p not in used),
        findings=tuple(findings),
    )


def _with_unit(
    field: Field,
    position: int,
    chosen: _Candidate,
    head: Sequence[HeadRow],
    index: HeaderIndex,
    findings: list[dict[str, object]],
) -> Column | None:
    header = chosen.headers[position]
    title = chosen.titles.get(position)
    text = title.unit if title else None
    if field.type not in ("int", "float"):
        return Column(field, position, header)
    line = head[chosen.last].line
    if field.unit is None:
        if text is not None:
            findings.append(finding("header_unit_unused", line=line, header=header, unit=text))
        return Column(field, position, header)
    if text is not None:
        try:
            factor = index.contracts.units.factor(text, field.unit)
        except (DimensionError, KeyError):
            if field.required:
                raise Refusal(
                    "required_column_unit", header=header, unit=text, expected=field.unit
                ) from None
            findings.append(
                finding("column_unit", line=line, header=header, unit=text, expected=field.unit)
            )
            return None
        unit = index.contracts.units.find(text)
        return Column(field, position, header, unit.unit if unit else text, "header", factor)
    for where, unit in _units_beside(position, chosen, head, index):
        try:
            factor = index.contracts.units.factor(unit.unit, field.unit)
        except DimensionError:
            continue
        return Column(field, position, header, unit.unit, where, factor)
    return Column(field, position, header)


def _units_beside(
    position: int, chosen: _Candidate, head: Sequence[HeadRow], index: HeaderIndex
) -> Iterable[tuple[str, Unit]]:
    """Yield the units that a unit row below the header or a title row above it gives."""
    below = unit_row(head, chosen.last + 1, index.contracts)
    if below is not None and position in below:
        yield "unit_row", below[position]
    for _, _, units in title_units(head, chosen.first, index.contracts):
        for unit in units:
            yield "title", unit


def unit_row(head: Sequence[HeadRow], at: int, contracts: Contracts) -> dict[int, Unit] | None:
    """Return the units of a row that holds nothing but units (and a word such as 单位), or None."""
    if at >= len(head):
        return None
    found: dict[int, Unit] = {}
    for position, text in enumerate(head[at].cells):
        folded = fold(text)
        if not folded or folded in ("单位", "计量单位", "/", "-", "--", "—", "——"):
            continue
        unit = contracts.units.find(_unit_text(folded))
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
            units = [u for p in parts if (u := contracts.units.find(_unit_text(p))) is not None]
            if units:
                found.append((row.line, text.strip(), units))
    return found
