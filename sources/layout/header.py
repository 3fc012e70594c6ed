"""What each column of a header of one or more lines says, in the words of one dataset."""

from dataclasses import dataclass

from sources.contracts import fold
from sources.contracts.unit_text import bracketed, read_remark, read_unit
from sources.layout.cells import Cells
from sources.layout.periods import read_period
from sources.layout.vocabulary import NOTHING, Meaning, Vocabulary
from sources.recognise.words import General, comparison, general_title, is_total

PARTS: dict[str | None, str] = {"year": "年", "month": "月", "day": "日", "hour": "时"}


@dataclass(frozen=True)
class HeaderColumn:
    """A column of the header: its texts from top to bottom and what they say together."""

    position: int
    texts: tuple[str, ...]
    meaning: Meaning
    unknown: tuple[str, ...]
    """The texts that are no words of the dataset and no general ones."""
    general: General | None
    aside: bool
    """True for a total, a mean or a figure of another period beside the one that is reported."""
    vague: bool = False
    """True where an unknown text below a title makes it another column: 造林面积·计划."""
    unit: str | None = None
    """The unit that stands in brackets behind a general title or in a line of its own."""

    @property
    def header(self) -> str:
        """The texts in one."""
        return "·".join(self.texts)


def read_header(cells: Cells, first: int, last: int, vocabulary: Vocabulary) -> list[HeaderColumn]:
    """Return what each column of the header lines `first` to `last` says."""
    lines = cells.header_texts(first, last)
    found = []
    for position in range(cells.width):
        texts = tuple(dict.fromkeys(line[position] for line in lines if line[position]))
        found.append(_Reading(vocabulary).column(position, texts))
    return found


class _Reading:
    """Reads the texts of one column one after the other."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.meaning = NOTHING
        self.unknown: list[str] = []
        self.group: General | None = None
        self.aside = False
        self.vague = False
        self.unit: str | None = None

    def column(self, position: int, texts: tuple[str, ...]) -> HeaderColumn:
        for text in texts:
            self._text(text)
        general = general_title(texts[-1]) if texts else None
        return HeaderColumn(
            position=position,
            texts=texts,
            meaning=self.meaning,
            unknown=tuple(self.unknown),
            general=general,
            aside=self.aside,
            vague=self.vague,
            unit=self.unit,
        )

    def _text(self, text: str) -> None:
        read = self.vocabulary.read(text)
        if read is NOTHING and self.group in PARTS and text.isdigit():
            read = self._bare_part(text)
        general = general_title(text)
        self.group = general or self.group
        together = self.meaning.with_more(read)
        if read is not NOTHING and together is not None:
            self.meaning = together
        elif read is NOTHING:
            self._other(text, general)
        else:
            self.unknown.append(text)

    def _other(self, text: str, general: General | None) -> None:
        """Take note of a text that is no word of the dataset."""
        kind = comparison(text)
        unit = read_unit(text, self.vocabulary.index.contracts.units)
        if is_total(text) or kind not in (None, "current"):
            self.aside = True
        elif unit is not None:
            self.unit = unit.text
        elif general is not None:
            self.unit = self._unit_behind(text) or self.unit
        elif kind is None:
            self.unknown.append(text)
            self.vague = self.meaning.title is not None

    def _unit_behind(self, text: str) -> str | None:
        """Return the unit in brackets behind a general title: 监测值（mg/L）."""
        inside = bracketed(fold(text))
        stated = read_remark(inside[1], self.vocabulary.index.contracts.units) if inside else None
        return stated.text if stated is not None else None

    def _bare_part(self, text: str) -> Meaning:
        """Read 1, 2, 3 ... below 月份 (or 日, 时) as these."""
        period = read_period(f"{text}{PARTS[self.group]}")
        return NOTHING if period is None else Meaning(period=period, of=("period",))
