"""The period and the place that stand beside a table: in its title, its sheet's or its file's name.

A part of a key that no column gives is taken from there when it is single and nothing contradicts
it; otherwise it has to be asked for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sources.contracts import Areas, Field, fold
from sources.contracts.model import PERIOD
from sources.layout.periods import Period, periods_in
from sources.recognise.headers import tidy

TITLE_ZH, SHEET_ZH, FILE_ZH = "标题", "工作表名", "文件名"
_EACH = re.compile(r"各(?:乡镇?|镇|县区|地区|区域)|分乡镇|按乡镇|乡镇(?:汇总|明细)")


@dataclass(frozen=True)
class Given:
    """A value that stands beside the table: its text, what it was read from and where."""

    value: str
    text: str
    where: str


@dataclass(frozen=True)
class Clash:
    """Two places beside the table that contradict each other: their texts with where they stand."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """The texts beside a table, each with where it stands (`标题`, `工作表名`, `文件名`)."""

    texts: tuple[tuple[str, str], ...]
    areas: Areas

    @classmethod
    def of(cls, titles: Sequence[str], sheet: str, file_name: str, areas: Areas) -> "Context":
        """Return the context of a table. `sheet` is its name, `file_name` that of the file."""
        stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file_name)
        texts = [(TITLE_ZH, t.strip()) for t in titles if t.strip()]
        texts += [(SHEET_ZH, part) for part in sheet.split("/")[-1:] if part]
        texts += [(FILE_ZH, stem)]
        return cls(tuple(texts), areas)

    @property
    def title(self) -> str:
        """All titles of the table in one text."""
        return " ".join(self.titles)

    @property
    def titles(self) -> list[str]:
        """The titles of the table."""
        return [text for where, text in self.texts if where == TITLE_ZH]

    def period(self) -> tuple[Period, tuple[Given, ...]] | Clash:
        """Return the period that all places give together, and which of them give a part of it."""
        mentions = [(p, Given("", t, w)) for w, t in self.texts for p in periods_in(t)]
        # A day in a file's name is often that of its export: it counts where nothing else does.
        days = [(p, g) for p, g in mentions if p.day is not None and g.where == FILE_ZH]
        rest = [m for m in mentions if m not in days]
        if any(p.year is not None for p, _ in rest):
            mentions = rest
        held, places = Period(), list[Given]()
        for period, given in mentions:
            together = held.with_parts(period)
            if together is None:
                return Clash(tuple(dict.fromkeys(f"{g.where}“{g.text}”" for g in (*places, given))))
            held = together
            places.append(given)
        return held, tuple(dict.fromkeys(places))

    def area(self) -> Given | Clash | None:
        """Return the area that the places name; of the county and a township, the township."""
        found = list(self._areas())
        if any(_EACH.search(text) for _, text in self.texts):
            return None
        county = {a.area for a in self.areas if a.kind == "county"}
        named = {g.value for g in found} - county or {g.value for g in found}
        if len(named) > 1:
            return Clash(tuple(f"{g.where}“{g.text}”" for g in found if g.value in named))
        return next((g for g in found if g.value in named), None)

    def _areas(self) -> Iterator[Given]:
        for where, text in self.texts:
            folded = fold(text)
            whole = self.areas.find(tidy(text))
            if whole is not None:
                yield Given(whole, text, where)
                continue
            for area in self.areas:
                # In running text only a whole name counts: 河北 alone is a province.
                names = (area.area, *area.aliases)
                if any(fold(name) in folded for name in names):
                    yield Given(area.area, text, where)

    def value(self, declared: Field) -> Given | Clash | None:
        """Return the value of a key field of a period or an area; None where no place gives it."""
        if declared.type == "area":
            return self.area()
        if declared.type not in PERIOD:
            return None
        found = self.period()
        if isinstance(found, Clash):
            return found
        period, places = found
        text = period.text(declared.type)
        if text is None:
            return None
        return Given(text, places[0].text, places[0].where) if places else None

    def without_names(self) -> "Context":
        """Return the context of the titles alone."""
        return Context(tuple(t for t in self.texts if t[0] == TITLE_ZH), self.areas)
