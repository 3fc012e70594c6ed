"""Whether a table's header is found as it stands, and what speaks against records line by line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sources.layout.compose import read_part
from sources.layout.periods import NEEDED
from sources.layout.regions import (
    HeaderLines,
    count_numbers,
    has_words_for_figures,
    is_year,
    stands_apart,
)
from sources.reading.raw import HeadRow, RawTable
from sources.recognise.candidates import Candidate, best_candidates, header_candidates
from sources.recognise.headers import HeaderIndex
from sources.recognise.words import general_title

# Columns by which the lines of a table may be parts of records: an item a line, an hour apart.
_DOUBTFUL = ("item", "hour")
_ABOVE = 4  # lines before a header that tell what stood there
_FIRST = 3  # so many cells of a column tell how a period is written


@dataclass(frozen=True)
class Direct:
    """What the header of a table may be as it stands, and doubts about the best of it.

    `repeated`: a field stands in several columns. `parts`: a column holds names of items or hours
    that the dataset has no field for. `partial`: a period is only partly given where it has to be
    whole (1月). `others`: lines above or below look like another table.
    `hidden`: a column that the sender does not see repeats one that is seen.
    """

    candidates: tuple[Candidate, ...]
    best: Candidate | None = None
    doubts: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """True where the header is found and nothing speaks against it."""
        return self.best is not None and not self.doubts


def read_direct(table: RawTable, index: HeaderIndex, lines: HeaderLines) -> Direct:
    """Look for the header of a table as it stands."""
    candidates = tuple(header_candidates(table.head, index))
    best = next(iter(best_candidates(candidates)), None)
    if best is None:
        return Direct(candidates)
    doubts = {
        "repeated": bool(repeated_fields(best)),
        "parts": bool(_parts(best)),
        "partial": _partial(table.head, best),
        "others": _others(table.head, best, lines),
    }
    found = frozenset(name for name, holds in doubts.items() if holds)
    direct = Direct(candidates, best, found)
    if table.hidden_columns and hidden_twins(direct, table):
        return replace(direct, doubts=found | {"hidden"})
    return direct


def repeated_fields(candidate: Candidate) -> dict[str, list[int]]:
    """Return the fields that stand in several columns under titles of the same rank."""
    found = {}
    for name, places in candidate.matched.items():
        same = [position for rank, position in places if rank == places[0][0]]
        if len(same) > 1:
            found[name] = same
    return found


def hidden_twins(direct: Direct, table: RawTable) -> dict[int, str]:
    """Return hidden columns, with their headers, whose field a column that is seen gives too."""
    if direct.best is None:
        return {}
    found: dict[int, str] = {}
    for places in direct.best.matched.values():
        hidden = [p for _, p in places if p in table.hidden_columns]
        if len(hidden) < len(places):
            found |= {p: direct.best.headers[p] for p in hidden}
    return found


def _taken(candidate: Candidate) -> set[int]:
    return {position for places in candidate.matched.values() for _, position in places}


def _parts(candidate: Candidate) -> list[int]:
    """Return the columns that may part records: an item on each line, an hour of its own."""
    taken = _taken(candidate)
    return [
        position
        for position, header in enumerate(candidate.headers)
        if position not in taken and general_title(header) in _DOUBTFUL
    ]


def _partial(head: Sequence[HeadRow], best: Candidate) -> bool:
    """Tell whether the first cells below the title of the period tell only a part of one."""
    declared = best.contract.period_field
    if declared is None or not declared.key or declared.field not in best.matched:
        return False
    position = best.matched[declared.field][0][1]
    below = (r.cells[position] for r in head[best.last + 1 :] if position < len(r.cells))
    texts = [t for t in below if t.strip()][:_FIRST]
    kind = general_title(best.headers[position])
    read = [p for t in texts if (p := read_part(t, kind)) is not None and not p.several]
    needed = NEEDED[declared.type] - {"hour"}  # a date alone is a moment too
    return bool(read) and all(not needed <= p.parts for p in read)


def _others(head: Sequence[HeadRow], best: Candidate, lines: HeaderLines) -> bool:
    """Tell whether lines above hold values, or lines below look like the header of a table."""
    above = any(_is_data(row.cells) for row in head[: best.first])
    return above or any(_is_header(head, at, lines) for at in range(best.last + 1, len(head)))


def _is_data(cells: Sequence[str]) -> bool:
    """Tell whether a line above a header has several cells, a number or a year among them."""
    years = any(is_year(text) for text in cells)
    filled = sum(bool(c.strip()) for c in cells)
    return filled > 1 and (years or count_numbers(cells) > 0)


def _is_header(head: Sequence[HeadRow], at: int, lines: HeaderLines) -> bool:
    cells = head[at].cells
    if sum(bool(c.strip()) for c in cells) < 2 or count_numbers(cells):
        return False
    if lines.titles(cells) >= 2 or _is_foreign(head, at, lines):
        return True
    return lines.alike(cells) >= 2 and any(count_numbers(r.cells) for r in head[at + 1 : at + 3])


def _is_foreign(head: Sequence[HeadRow], at: int, lines: HeaderLines) -> bool:
    """Tell whether a line is the header of an unknown table by its form."""
    if at + 1 >= len(head) or not stands_apart(head[at - 1], head[at]):
        return False
    above = [row.cells for row in head[:at]][-_ABOVE:]
    return has_words_for_figures(above, head[at].cells, head[at + 1].cells, lines)
