"""Where the tables of a sheet are: lines that look like headers, and what lies between them.

A header is distinguished from data without knowing the dataset: no numbers in it, several titles of
fields, or several values of one kind side by side (months, townships). Which dataset a table is,
and whether the line really is its header, is decided later.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import polars as pl

from sources.contracts import Contracts
from sources.layout.cells import Cells
from sources.layout.periods import read_period
from sources.reading.raw import HeadRow
from sources.recognise.headers import HeaderIndex, tidy
from sources.recognise.words import general_title

_NOTE = re.compile(r"^\s*[(（*※]?(?:注|说明|附注|备注|数据来源|资料来源|填表人|制表人|审核人)")
_UNIT = re.compile("单位")
_CONTINUED = re.compile(r"续表|[(（]续[)）]|第\s*\d+\s*页|共\s*\d+\s*页")
_LONGEST = 40
_FIRST = 200  # a header with a single title is looked for in so many lines
_NUMBER = re.compile(
    r"\s*[<>≤≥＜＞≈约+\-−－]?\s*\d[\d,，]*(?:[.．]\d*)?(?:[eE][+-]?\d+)?\s*[%‰Ll]?\s*"
)
_WORD = re.compile(r"[^\d:：]{0,30}[\u3400-\u9fff][^\d:：]{0,30}")
_BEFORE = 4  # lines above a header that tell what stood there before
_YEAR = re.compile(r"\s*(?:19[4-9]\d|20\d\d)(?:\.0)?\s*")


@dataclass(frozen=True)
class Region:
    """One table of a sheet: its lines with its titles. `header` is the first line of its header.

    `dropped` are lines left out of the cells: a header that the next page repeats.
    """

    cells: Cells
    header: int
    dropped: tuple[int, ...] = ()
    titled: bool = True
    """True where several titles of fields stand in the header; else it may be data after all."""
    foreign: bool = False
    """True where the header has no word that is known, and is one by its form alone."""


class HeaderLines:
    """Tells lines that look like headers from others."""

    def __init__(self, index: HeaderIndex) -> None:
        self.index = index
        self._kinds = _kinds_of_values(index.contracts)

    def titles(self, row: Sequence[str]) -> int:
        """Return how many different cells are titles of fields or general ones."""
        texts = dict.fromkeys(t.strip() for t in row if t.strip())
        return sum(self.index.known(t) or general_title(t) is not None for t in texts)

    def known_titles(self, row: Sequence[str]) -> int:
        """Return how many different cells are titles of fields."""
        return sum(self.index.known(t) for t in dict.fromkeys(t.strip() for t in row))

    def alike(self, row: Sequence[str]) -> int:
        """Return how many different cells are values of one kind: months, townships, uses."""
        counts: dict[object, int] = defaultdict(int)
        for text in dict.fromkeys(t.strip() for t in row if t.strip() and len(t) <= _LONGEST):
            for kind in self._kinds_of(text):
                counts[kind] += 1
        return max(counts.values(), default=0)

    def is_value(self, text: str) -> bool:
        """Tell whether a text is a value of a key: a township, a period, a listed use."""
        return bool(self._kinds_of(text))

    def datasets(self, text: str) -> set[str]:
        """Return the datasets of which a text is a title or a listed value of the key."""
        if not text.strip():
            return set()
        found = self.index.read(text)
        named = {d for d, _, _ in self.index.fields(found)} if found is not None else set()
        return named | {kind[0] for kind in self._kinds.get(tidy(text), ())}

    def _kinds_of(self, text: str) -> set[object]:
        folded = tidy(text)
        kinds: set[object] = set(self._kinds.get(folded, ()))
        if self.index.contracts.areas.find(folded) is not None:
            kinds.add("area")
        if (period := read_period(text)) is not None and not period.several:
            kinds.add(period.parts)
        return kinds

    def find(self, cells: Cells) -> list[int]:
        """Return the lines of a sheet that look like headers."""
        found = []
        for at in range(cells.height):
            if cells.numbers[at] or cells.filled[at] < 2:
                continue
            row = cells.row(at)
            # A record may hold several dates; values across are most of their line.
            across = self.alike(row)
            if self.titles(row) >= 2 or (across >= 2 and across * 2 >= cells.filled[at]):
                found.append(at)
        return found


def _kinds_of_values(contracts: Contracts) -> dict[str, set[tuple[str, str]]]:
    """Return for each value of a listed key field the fields that it is a value of."""
    kinds: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for contract in contracts:
        for declared in contract.key_fields:
            for value in declared.values if declared.type == "enum" else ():
                kinds[tidy(value)].add((contract.dataset, declared.field))
    return kinds


@lru_cache(maxsize=4)
def header_lines(index: HeaderIndex) -> HeaderLines:
    """Return what tells headers from data by an index of titles, made once."""
    return HeaderLines(index)


def find_regions(
    cells: Cells, lines: HeaderLines, but: frozenset[int] = frozenset()
) -> list[Region]:
    """Return the tables of a sheet from top to bottom; none where no line looks like a header.

    What stands above the first header belongs to the first table, what follows the last one's
    header to the last. `but` are numbers of lines that are no headers, as far as is known.
    """
    known = [
        at
        for at in lines.find(cells)
        if cells.lines[at] not in but and _is_header(cells, at, lines)
    ]
    foreign = _foreign(cells, known, lines) if known else set()
    headers = sorted({*known, *foreign})
    starts = [at for n, at in enumerate(headers) if not n or headers[n - 1] != at - 1]
    if not starts:
        starts = _least(cells, lines)
    if not starts:
        return []
    tops = [0, *(_top(cells, before, at) for before, at in pairwise(starts))]
    ends = [*tops[1:], cells.height]
    regions = [
        Region(
            cells=cells.part(top, end),
            header=start - top,
            titled=lines.known_titles(cells.row(start)) >= 2,
            foreign=start in foreign,
        )
        for top, start, end in zip(tops, starts, ends, strict=True)
    ]
    return _without_repeats(regions)


def _least(cells: Cells, lines: HeaderLines) -> list[int]:
    """Return the first line with a title of a field that lines of numbers follow, if any."""
    for at in range(min(cells.height - 1, _FIRST)):
        likely = cells.filled[at] > 1 and not cells.numbers[at] and cells.figures[at + 1]
        if likely and lines.titles(cells.row(at)):
            return [at]
    return []


def _is_header(cells: Cells, at: int, lines: HeaderLines) -> bool:
    """Tell whether a line that looks like a header may be one: something stands below it.

    A line that only has values of one kind may be data; then it has to be followed by numbers.
    """
    if at + 1 >= cells.height:
        return False
    if lines.titles(cells.row(at)) >= 2:
        return True
    return any(cells.figures[i] for i in range(at + 1, min(at + 3, cells.height)))


def _foreign(cells: Cells, known: Sequence[int], lines: HeaderLines) -> set[int]:
    """Return the lines that are headers by their form alone: words, and figures below them.

    Above the first known header any such line is one; below it those that stand apart from the
    lines before them and hold words where these hold figures.
    """
    first = min(known, default=0)
    found: set[int] = set()
    for at in range(min(cells.height - 1, _FIRST)):
        if at in known or cells.figures[at] or cells.filled[at] < 2 or not cells.figures[at + 1]:
            continue
        row, below = cells.row(at), cells.row(at + 1)
        above = [cells.row(i) for i in range(max(0, at - _BEFORE), at)]
        if at < first - 1 and not found:
            is_one = heads_figures(row, below, lines)
        else:
            apart = at > 0 and stands_apart(cells.head_row(at - 1), cells.head_row(at))
            is_one = apart and has_words_for_figures(above, row, below, lines)
        if is_one:
            found.add(at)
    return found


def stands_apart(before: HeadRow, row: HeadRow) -> bool:
    """Tell whether an empty line or a heading stands before a line."""
    return row.line - before.line > 1 or sum(bool(c.strip()) for c in before.cells) == 1


def has_words_for_figures(
    above: Sequence[Sequence[str]], row: Sequence[str], below: Sequence[str], lines: HeaderLines
) -> bool:
    """Tell whether a line of words stands where the lines above hold figures, and heads others."""
    figures = {p for cells in above for p, text in enumerate(cells) if _NUMBER.fullmatch(text)}
    words = {position for position, text in enumerate(row) if text.strip()}
    return bool(figures & words) and heads_figures(row, below, lines)


def heads_figures(row: Sequence[str], below: Sequence[str], lines: HeaderLines) -> bool:
    """Tell whether a line holds words, none of them a value of a key, over a line with figures."""
    words = {position: text.strip() for position, text in enumerate(row) if text.strip()}
    if len(set(words.values())) < max(2, len(words)) or not all(map(_is_word, words.values())):
        return False
    if any(lines.is_value(text) for text in words.values()):
        return False
    headed = {p for p, text in enumerate(below) if text.strip()}
    here = {p for p, text in enumerate(below) if _NUMBER.fullmatch(text)}
    return headed <= words.keys() and bool(here)


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and _NOTE.match(text) is None


def _top(cells: Cells, before: int, start: int) -> int:
    """Return the first title line of the table whose header is line `start`."""
    top = start
    while top - 1 > before:
        if top < start and cells.lines[top] - cells.lines[top - 1] > 1:
            break  # an empty line ends the titles
        if not _is_title(cells, top - 1, cells.filled[start]):
            break
        top -= 1
    return top


def _is_title(cells: Cells, at: int, columns: int) -> bool:
    """Tell whether a line above a header of so many columns belongs to it, and is no record."""
    text = cells.text(at)
    if cells.filled[at] > 2 and cells.filled[at] * 2 > columns:
        return False
    if _NOTE.match(text):
        return False
    if cells.numbers[at]:
        return False
    return cells.filled[at] == 1 or bool(_UNIT.search(text) or _CONTINUED.search(text))


def _without_repeats(regions: list[Region]) -> list[Region]:
    """Join tables that only go on under the same header on the next page."""
    joined: list[Region] = []
    for region in regions:
        if joined and _goes_on(joined[-1], region):
            last = joined[-1]
            frame = pl.concat([last.cells.frame, region.cells.frame.slice(region.header + 1)])
            dropped = tuple(region.cells.lines[: region.header + 1])
            cells = replace(last.cells, frame=frame)
            joined[-1] = replace(last, cells=cells, dropped=last.dropped + dropped)
        else:
            joined.append(region)
    return joined


def _goes_on(before: Region, after: Region) -> bool:
    """Tell whether a table repeats the header above it and its titles say nothing new."""
    same = before.cells.row(before.header) == after.cells.row(after.header)
    titles = [after.cells.text(i) for i in range(after.header)]
    own = {before.cells.text(i) for i in range(before.header)}
    return same and all(t in own or _CONTINUED.search(t) for t in titles)


def count_numbers(cells: Sequence[str]) -> int:
    """Return how many cells are numbers; a year such as 2020 is not counted."""
    return sum(
        any(c.isdigit() for c in text) and _NUMBER.fullmatch(text) is not None and not is_year(text)
        for text in cells
    )


def is_year(text: str) -> bool:
    """Tell whether a cell is a year and nothing else."""
    return _YEAR.fullmatch(text) is not None
