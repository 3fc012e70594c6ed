"""The choice of dataset and header for a table, and the unit of each of its columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sources.contracts import Contract, DimensionError, Field, Unit, fold
from sources.reading.raw import HeadRow, Refusal
from sources.reasons import finding
from sources.recognise.candidates import Candidate, header_candidates
from sources.recognise.headers import (
    OPERATION_ZH,
    OVERFLOW_ZH,
    HeaderIndex,
    tidy,
    title_units,
    unit_row,
)
from sources.recognise.near_miss import near_miss


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


def recognise(
    head: Sequence[HeadRow], index: HeaderIndex, *, department: str, hints: Sequence[str]
) -> Layout:
    """Find the header and the dataset of a table.

    `hints` are names (file, sheet) that decide only between datasets whose header evidence is
    equal. Raises Refusal: `no_header`, `unknown_dataset`, `ambiguous_dataset`,
    `duplicate_header`, `required_column_unit`.
    """
    candidates = list(header_candidates(head, index))
    fitting = [c for c in candidates if c.fits]
    if not fitting:
        raise near_miss(head, candidates, index, department)
    best: dict[str, Candidate] = {}
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


def _order(candidate: Candidate) -> tuple[int, int, int, int]:
    # Of equal headers the one with fewer lines, then the upper one.
    return (*candidate.score, candidate.first - candidate.last, -candidate.first)


def _hinted(
    equal: list[Candidate],
    department: str,
    hints: Sequence[str],
    findings: list[dict[str, object]],
) -> Candidate:
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


def _layout(
    chosen: Candidate,
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
    chosen: Candidate,
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
    position: int, chosen: Candidate, head: Sequence[HeadRow], index: HeaderIndex
) -> Iterable[tuple[str, Unit]]:
    """Yield the units that a unit row below the header or a title row above it gives."""
    below = unit_row(head, chosen.last + 1, index.contracts)
    if below is not None and position in below:
        yield "unit_row", below[position]
    for _, _, units in title_units(head, chosen.first, index.contracts):
        for unit in units:
            yield "title", unit
