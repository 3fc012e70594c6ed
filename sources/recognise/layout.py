"""The choice of dataset and header for a table, and the unit of each of its columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sources.contracts import Contract, Field, Units
from sources.contracts.model import NUMERIC
from sources.contracts.unit_text import Statement
from sources.reading.raw import HeadRow, Refusal, ShownAs
from sources.reasons import finding
from sources.recognise.candidates import Candidate, header_candidates
from sources.recognise.datasets import Hints, choose
from sources.recognise.headers import OPERATION_ZH, OVERFLOW_ZH, HeaderIndex, tidy
from sources.recognise.near_miss import near_miss
from sources.recognise.units import (
    Asked,
    Column,
    Heading,
    TableUnits,
    UnitLine,
    UnitReader,
    unit_columns,
    unit_lines,
    unit_row,
)
from sources.recognise.words import comparison


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
    unit_line: int | None = None
    """The line below the header that holds units, if there is one."""


def recognise(
    head: Sequence[HeadRow],
    index: HeaderIndex,
    *,
    department: str,
    hints: Sequence[str],
    below: Sequence[UnitLine] = (),
    shown_as: Sequence[ShownAs] = (),
    candidates: Sequence[Candidate] | None = None,
    dataset: str | None = None,
) -> Layout:
    """Find the header and the dataset of a table.

    `candidates` are what the header may be, where that was looked for already; `dataset` is what
    the table was converted for. `hints` are the names of file and sheet, `below` lines under the
    table that state units, `shown_as` its number formats. Raises Refusal: `no_header`,
    `unknown_dataset`, `ambiguous_dataset`, `name_contradicts`, `duplicate_header`,
    `required_column_unit`.
    """
    if candidates is None:
        candidates = tuple(header_candidates(head, index))
    if dataset is not None:
        candidates = tuple(c for c in candidates if c.contract.dataset == dataset)
    fitting = [c for c in candidates if c.fits]
    if not fitting:
        raise near_miss(head, candidates, index, department)
    chosen, findings = choose(fitting, head, index, Hints(tuple(hints), department))
    return _layout(chosen, head, index, findings, below, shown_as)


def _layout(
    chosen: Candidate,
    head: Sequence[HeadRow],
    index: HeaderIndex,
    findings: list[dict[str, object]],
    below: Sequence[UnitLine],
    shown_as: Sequence[ShownAs],
) -> Layout:
    headings = list(_headings(chosen, head, findings))
    if len(chosen.operation) > 1:
        raise Refusal(
            "duplicate_header",
            count=len(chosen.operation),
            title=OPERATION_ZH,
            columns="、".join(str(p + 1) for p in chosen.operation),
        )
    operation = next(iter(chosen.operation), None)
    overflow = next((p for p, h in enumerate(chosen.headers) if tidy(h) == OVERFLOW_ZH), None)
    units = index.contracts.units
    stated = _table_units(chosen, head, headings, units, below, shown_as)
    reader = UnitReader(chosen.contract, units, stated, headings)
    columns = list(_columns(reader, headings, head[chosen.last].line, findings))
    for line, statement in reader.unused():
        findings.append(
            finding("unit_not_used", line=line.line, text=line.text, unit=statement.name)
        )
    used = {c.position for c in columns} | {p for p in (operation, overflow) if p is not None}
    used |= {c.unit_column for c in columns if c.unit_column is not None}
    return Layout(
        contract=chosen.contract,
        first=chosen.first,
        last=chosen.last,
        headers=chosen.headers,
        columns=tuple(columns),
        operation=operation,
        overflow=overflow,
        unknown=tuple(p for p in range(len(chosen.headers)) if p not in used),
        findings=tuple(findings),
        unit_line=stated.row_line,
    )


def _headings(
    chosen: Candidate, head: Sequence[HeadRow], findings: list[dict[str, object]]
) -> Iterator[Heading]:
    """Yield the column of each field, in the contract's order. Raises Refusal."""
    for field in chosen.contract.fields:
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
        if note := _current(chosen, field, position, head[chosen.last].line):
            findings.append(note)
        title = chosen.titles.get(position)
        yield Heading(field, position, chosen.headers[position], title.unit if title else None)


def _current(chosen: Candidate, field: Field, position: int, line: int) -> dict[str, object] | None:
    """Return the note on a title that is split into 本期, 上年同期 and the like."""
    if "·" not in chosen.headers[position]:
        return None
    taken = chosen.headers[position].rpartition("·")[2]
    beside = [h.rpartition("·")[2] for h in chosen.headers if comparison(h.rpartition("·")[2])]
    if comparison(taken) != "current" or len(beside) < 2:
        return None
    parts = "、".join(f"“{text}”" for text in dict.fromkeys(beside))
    return finding("current_taken", line=line, title=field.title_zh, parts=parts, taken=taken)


def _table_units(
    chosen: Candidate,
    head: Sequence[HeadRow],
    headings: Sequence[Heading],
    units: Units,
    below: Sequence[UnitLine],
    shown_as: Sequence[ShownAs],
) -> TableUnits:
    """Return what the lines about a header, its unit row and its unit columns state."""
    keys = [h.position for h in headings if h.field.key]
    row: dict[int, Statement] = {}
    row_line = None
    if chosen.last + 1 < len(head):
        under = head[chosen.last + 1]
        row = unit_row(under.cells, keys, units) or {}
        row_line = under.line if row else None
    above = list(head[: chosen.first])
    if not row and above and len(over := unit_row(above[-1].cells, keys, units) or {}) > 1:
        row = over
        above.pop()
    lines = [(r.line, text) for r in above for text in r.cells]
    return TableUnits(
        lines=(*unit_lines(lines, units), *below),
        row=row,
        row_line=row_line,
        columns=unit_columns(
            chosen.headers,
            {h.position for h in headings},
            [h.position for h in headings if h.measured],
        ),
        shown=shown_as,
    )


def _columns(
    reader: UnitReader,
    headings: Sequence[Heading],
    line: int,
    findings: list[dict[str, object]],
) -> Iterator[Column]:
    """Yield the columns whose unit is clear; the others become findings, or the Refusal raised."""
    for heading in headings:
        if heading.own is not None and heading.field.type in NUMERIC and not heading.measured:
            findings.append(
                finding(
                    "header_unit_unused",
                    line=line,
                    header=heading.header,
                    unit=heading.own.text,
                )
            )
        try:
            yield reader.column(heading)
        except Asked as asked:
            if heading.field.required:
                raise Refusal("required_column_unit", **asked.words) from None
            findings.append(finding("column_unit", line=line, **asked.words))
