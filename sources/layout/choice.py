"""Which dataset a table that has to be converted is, and how its axes lie: all are tried.

Belongs here: the datasets that a table's words speak of, their readings, and the choice among
them. A choice that is not sure is no choice.
"""

from collections.abc import Iterator
from functools import cached_property

from sources.contracts import Contract, fold
from sources.layout.axes import Axes, AxesReader
from sources.layout.cells import Cells
from sources.layout.context import Context
from sources.layout.header import PARTS
from sources.layout.periods import read_period
from sources.layout.regions import HeaderLines, count_numbers, is_year
from sources.layout.vocabulary import vocabulary_of
from sources.recognise.candidates import MOST_HEADER_LINES, says_more, title_above
from sources.recognise.words import general_title

_WORDS = 400  # cells of a header, and of a stub, whose words are looked at
_STUBS = 4


class Choice:
    """The readings of one table for all datasets that may be meant."""

    def __init__(
        self, cells: Cells, header: int, context: Context, lines: HeaderLines, department: str
    ) -> None:
        self.cells = cells
        self.header = header
        self.context = context
        self.lines = lines
        self.index = lines.index
        self.department = department

    @cached_property
    def all(self) -> list[Axes]:
        """The the best reading for each dataset, the likeliest first."""
        found = [axes for c in self._contracts() if (axes := self._best_of(c)) is not None]
        return sorted(found, key=self._score, reverse=True)

    def complete(self) -> Axes | None:
        """Return the reading that is complete and better than all others, if there is one.

        Of two that are equally good the one whose name stands beside the table counts.
        """
        whole = [axes for axes in self.all if axes.complete]
        if not whole:
            return None
        top = self._score(whole[0])
        equal = [axes for axes in whole if self._score(axes) == top]
        return equal[0] if len(equal) == 1 else None

    def _contracts(self) -> Iterator[Contract]:
        """Yield the datasets of which some word stands in the header, in a stub or in a title."""
        named = {d for text in self._words() for d in self.lines.datasets(text)}
        titles = fold(self.context.title)
        for contract in self.index.contracts:
            if contract.dataset in named or fold(contract.title_zh) in titles:
                yield contract

    def _words(self) -> Iterator[str]:
        last = min(self.header + MOST_HEADER_LINES, self.cells.height)
        for at in range(max(0, self.header - MOST_HEADER_LINES), last):
            yield from self.cells.row(at)[:_WORDS]
        for position in range(min(_STUBS, self.cells.width)):
            texts = self.cells.frame[f"c{position}"].slice(self.header).drop_nulls()
            yield from texts.unique(maintain_order=True).head(_WORDS)

    def _best_of(self, contract: Contract) -> Axes | None:
        """Return the best reading for one dataset over all lines that may be its header."""
        reader = AxesReader(self.cells, vocabulary_of(contract.dataset, self.index), self.context)
        found = [
            axes for first, last in self._blocks() if (axes := reader.read(first, last)) is not None
        ]
        return max(found, key=self._score_of_block, default=None)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last line of each block of lines that may be the header."""
        lowest = min(self.header + MOST_HEADER_LINES, self.cells.height) - 1
        for last in range(self.header, lowest + 1):
            if last > self.header and not self._goes_on(last):
                return
            if last < lowest and self._goes_on(last + 1):
                continue  # what stands in the next line parts the columns further
            for first in range(max(0, last - MOST_HEADER_LINES + 1), self.header + 1):
                yield first, last

    def _goes_on(self, at: int) -> bool:
        """Tell whether a line below the first of a header may belong to it.

        No number is in it, and nothing but a unit, a title or a word of comparison stands below
        the title of a single column.
        """
        *above, row = [self.cells.row(i) for i in range(self.header, at + 1)]
        for position, text in enumerate(row):
            if not text.strip():
                continue
            title, alone = title_above(above, position)
            if count_numbers([text]) and general_title(title) not in PARTS:
                return False
            if is_year(text) and "year" in _parts(title):
                return False  # 2000 below 2022年 is a value
            known = self.index.known(text) or says_more(text, self.index)
            if alone and self.index.known(title) and not known:
                return False
        return True

    def _score_of_block(self, axes: Axes) -> tuple[int, ...]:
        # What remains unknown counts against a block; of equal ones the shorter is the header.
        unknown = sum(bool(h.unknown) for h in axes.left_out)
        size = axes.last - axes.first
        return (axes.complete, axes.in_table, len(axes.values), -unknown, -size, -axes.first)

    def _score(self, axes: Axes) -> tuple[int, ...]:
        allowed = self.department in axes.contract.departments_allowed
        named = any(
            fold(word) in fold(text)
            for word in (axes.contract.title_zh, axes.contract.dataset)
            for _, text in self.context.texts
        )
        evidence = axes.in_table + len(axes.measures)
        unused = sum(h.general in ("item", "hour") for h in axes.left_out)
        keyed = not axes.missing
        return (axes.complete, allowed, keyed, evidence, -unused, -len(axes.given), named)


def _parts(text: str) -> frozenset[str]:
    """Return the parts of the period that a text gives."""
    period = read_period(text)
    return period.parts if period is not None else frozenset()
