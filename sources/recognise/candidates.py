"""Header candidates: each block of rows that may be a header, matched against each contract."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sources.contracts import Contract, Field, Units, fold
from sources.contracts.unit_text import Statement, bracketed, read_remark, read_unit
from sources.reading.raw import HeadRow
from sources.recognise.headers import HeaderIndex, Title

MOST_HEADER_LINES = 3


@dataclass(frozen=True)
class Candidate:
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
            beside = (
                _unit_beside(part, index.contracts.units) for part in parts if part != attempt
            )
            title = Title(title.name, next((unit for unit in beside if unit is not None), None))
        titles.append(title)
    return tuple(titles), text


def _unit_beside(part: str, units: Units) -> Statement | None:
    """Return what another line of a header states: `万m³`, or a group's `灌溉面积（万亩）`."""
    alone = read_unit(part, units)
    opened = bracketed(fold(part))
    if alone is not None or opened is None:
        return alone
    stated = read_remark(opened[1], units)
    return stated if stated is not None and stated.understood else None


def header_candidates(head: Sequence[HeadRow], index: HeaderIndex) -> Iterator[Candidate]:
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
) -> Iterator[Candidate]:
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
        yield Candidate(
            contract=index.contracts[dataset],
            first=first,
            last=last,
            titles=meant[dataset],
            headers=tuple(h for _, h in read),
            matched={f: sorted(places) for f, places in matched.items()},
            operation=tuple(operation),
        )
