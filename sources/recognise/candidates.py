"""Header candidates: each block of rows that may be a header, matched against each contract."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sources.contracts import Contract, Field, Units, fold
from sources.contracts.unit_text import Statement, bracketed, read_remark, read_unit
from sources.reading.raw import HeadRow
from sources.recognise.headers import HeaderIndex, Title
from sources.recognise.words import comparison, general_title, is_total

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
    def order(self) -> tuple[int, int, int, int]:
        """What to choose among candidates of a dataset by: of equal headers the shorter one, then
        the upper one."""
        return (*self.score, self.first - self.last, -self.first)

    @property
    def score(self) -> tuple[int, int]:
        """Matched fields; of these, by their own title rather than by an alias."""
        ranks = [places[0][0] for places in self.matched.values()]
        return len(ranks), sum(rank == 0 for rank in ranks)


def _block(
    head: Sequence[HeadRow], first: int, last: int, index: HeaderIndex
) -> list[tuple[tuple[Title, ...], str]]:
    """Read a header of one or more rows: for each column the titles it may be, and its text."""
    rows = [[c.strip() for c in head[i].cells] for i in range(first, last + 1)]
    width = max(len(r) for r in rows)
    rows = [r + [""] * (width - len(r)) for r in rows]
    for number in range(len(rows) - 1):
        _carry(rows, number)
    columns = (list(filter(None, column)) for column in zip(*rows, strict=True))
    return [read_parts(parts, index) for parts in columns]


def _carry(rows: list[list[str]], number: int) -> None:
    """Repeat a group's title, which stands in the first of its columns only, over the others.

    It reaches as far as something stands below it and no other title beside or above it.
    """
    carried = ""
    for position, text in enumerate(rows[number]):
        if text or any(row[position] != row[position - 1] for row in rows[:number]):
            carried = text
        elif any(row[position] for row in rows[number + 1 :]):
            rows[number][position] = carried


def read_parts(parts: list[str], index: HeaderIndex) -> tuple[tuple[Title, ...], str]:
    """Read a header cell of several lines: all of it as one title, else a line, the lowest first.

    Which of them is meant depends on the dataset: under 粪污 stands 产生量, which alone is a
    title of another one.
    """
    parts = list(dict.fromkeys(parts))
    text = "·".join(re.sub(r"\s+", "", part) for part in parts)
    titles: list[Title] = []
    alone = [p for at, p in enumerate(parts) if _may_stand_alone(parts[at + 1 :], index)]
    for attempt in dict.fromkeys(("".join(parts), *reversed(alone))):
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


def _may_stand_alone(below: list[str], index: HeaderIndex) -> bool:
    """Tell whether a line of a header is a column's title in spite of what stands below it.

    A unit or 本期 changes nothing; 上年同期 or an unknown word makes it another column.
    """
    return all(comparison(p) == "current" or _is_general(p, index) for p in below)


def _is_general(text: str, index: HeaderIndex) -> bool:
    """Tell whether a text is a unit or a word that says nothing of which column it is."""
    is_unit = read_unit(text, index.contracts.units) is not None
    return is_unit or general_title(text) in ("value", "unit")


def best_by_dataset(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    """Return the best of the fitting candidates of each dataset."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.contract.dataset)
        if candidate.fits and (known is None or candidate.order > known.order):
            best[candidate.contract.dataset] = candidate
    return best


def best_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the fitting candidates with the most evidence, one for each dataset."""
    best = best_by_dataset(candidates).values()
    top = max((c.score for c in best), default=(0, 0))
    return [c for c in best if c.score == top]


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
            if last > first and not _goes_on(head, first, last, index):
                break  # a line of data, and so is what follows
            if last > first and head[last].line - head[first].line > MOST_HEADER_LINES + 2:
                continue
            if last + 1 < first + MOST_HEADER_LINES and _has_to_go_on(head, first, last, index):
                continue
            for found in _candidates_of(_block(head, first, last, index), first, last, index):
                if found.fits:  # what comes further down is data
                    enough = min(enough, first + MOST_HEADER_LINES)
                yield found


def _goes_on(head: Sequence[HeadRow], first: int, at: int, index: HeaderIndex) -> bool:
    """Tell whether a line may belong to the header that begins with line `first`.

    What stands below the title of a single column is its unit, 本期 or another title; anything
    else there is a value, and the line is data. So is a line with other numbers.
    """
    above = [row.cells for row in head[first:at]]
    for position, text in enumerate(head[at].cells):
        if not text.strip() or index.known(text) or says_more(text, index):
            continue
        title, alone = title_above(above, position)
        if any(c.isdigit() for c in text) or (alone and index.known(title)):
            return False
    return True


def _has_to_go_on(head: Sequence[HeadRow], first: int, last: int, index: HeaderIndex) -> bool:
    """Tell whether the line after `last` parts its titles further: 本期 and 上年同期."""
    if last + 1 >= len(head) or not _goes_on(head, first, last + 1, index):
        return False
    texts = {p: t for p, t in enumerate(head[last + 1].cells) if t.strip()}
    if any(comparison(t) for t in texts.values()):
        return True
    if len(texts) > 1 and any(index.known(t) for t in texts.values()):
        return True
    above = [row.cells for row in head[first : last + 1]]
    # What parts a title stands below it, too; a record may only have cells beyond the header.
    headed = {line[p].strip() for line in above for p in texts if p < len(line)}
    titles = [title_above(above, p)[0] for p in texts]
    groups = [title for title in titles if title in headed and index.known(title)]
    return len(groups) > len(set(groups))


def title_above(lines: Sequence[Sequence[str]], position: int) -> tuple[str, bool]:
    """Return the title over a column, and whether it is that of this column alone.

    A group's title stands in the first of its columns, the others are empty.
    """
    for line in reversed(lines):
        for at in range(min(position, len(line) - 1), -1, -1):
            if text := line[at].strip():
                beside = at + 1 >= len(line) or line[at + 1].strip() != ""
                return text, at == position and beside
    return "", False


def says_more(text: str, index: HeaderIndex) -> bool:
    """Tell whether a text is a unit, a total or a word of comparison, and no value."""
    return comparison(text) is not None or is_total(text) or _is_general(text, index)


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
