"""One table of a sheet: how it may be read, tried in order, and what is asked if none does."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from sources.contracts.model import PERIOD
from sources.layout.axes import Axes
from sources.layout.cells import Cells
from sources.layout.choice import Choice
from sources.layout.context import Context
from sources.layout.direct import Direct, hidden_twins, read_direct
from sources.layout.halves import find_halves, join_halves
from sources.layout.headings import fill_headings
from sources.layout.questions import compared, question
from sources.layout.records import Aside, Origin, RecordTable, raw_of
from sources.layout.regions import header_lines
from sources.layout.rowwise import rowwise
from sources.layout.sideways import column_groups, group_of
from sources.layout.spread import spread
from sources.layout.turn import lying, places
from sources.layout.units_apart import units_apart
from sources.layout.vocabulary import vocabulary_of
from sources.limits import Limits
from sources.reading.raw import RawTable, cell
from sources.reasons import finding
from sources.recognise.headers import HeaderIndex

# Types of key fields that may stand in a title or a name.
_BESIDE = PERIOD | {"area"}


@dataclass(frozen=True)
class Names:
    """What a table is called and who sends it."""

    sheet: str
    file_name: str
    department: str


@dataclass(frozen=True)
class Form:
    """A table in a form that may be read line by line, and how it came into it."""

    cells: Cells
    header: int
    raw: RawTable | None = None
    """The same as a raw table, where it stands in the file so."""
    origin: Origin | None = None
    notes: tuple[dict[str, object], ...] = ()
    aside: tuple[Aside, ...] = ()
    details: tuple[tuple[str, object], ...] = ()


class Study:
    """A table under study. `cells` are its lines with its titles, `header` the first of its header.

    `heading` is the title of the whole sheet, `aside` lines that were left out of the cells, `raw`
    the table as the reader has it, where it is all of the sheet; `foreign` tells that no word of
    its header is known.
    """

    def __init__(
        self,
        source: RawTable,
        cells: Cells,
        header: int,
        names: Names,
        index: HeaderIndex,
        limits: Limits,
        *,
        heading: str = "",
        aside: tuple[Aside, ...] = (),
        raw: RawTable | None = None,
        foreign: bool = False,
    ) -> None:
        self.source = source
        self.cells = cells
        self.header = header
        self.names = names
        self.index = index
        self.limits = limits
        self.heading = heading
        self.aside = aside
        self.raw = raw
        self.foreign = foreign
        self._choices: list[Choice] = []

    @property
    def header_text(self) -> str:
        """The header's first line in one text."""
        return self.cells.text(self.header)

    # -- what is found ------------------------------------------------------------------------

    def tables(self) -> list[RecordTable]:
        """Return the table, or several that stand side by side, or the question about it."""
        return [self._with_lines(t) for t in self._found or [self._question()]]

    @property
    def understood(self) -> bool:
        """True where some dataset asks for the table."""
        return bool(self._found)

    @cached_property
    def _found(self) -> list[RecordTable]:
        found = self._read(Form(self.cells, self.header, self.raw))
        beside = self._side_by_side() if found is None or found.origin is None else []
        return beside or ([found] if found is not None else [])

    def line_by_line(self) -> RecordTable | None:
        """Return the table as one record per line, decided by its first lines alone."""
        axes = self._choice(Form(self.cells, self.header)).complete()
        if axes is None or axes.across or axes.stubs.items is not None:
            return None
        return rowwise(self.source, axes, self.index)

    def on_its_side(self) -> RecordTable | None:
        """Return the table turned, if its fields stand in lines."""
        form = self._turned(Form(self.cells, self.header))
        found = self._finished(form) if form is not None else None
        return self._with_lines(found) if found is not None else None

    def _read(self, form: Form) -> RecordTable | None:
        """Return the table read in the first form that leads to one."""
        found = self._finished(form)
        if found is not None:
            return found
        changes = (self._visible, self._joined, self._headed, self._turned, self._unit_apart)
        for change in changes:
            changed = change(form)
            if changed is not None and (found := self._finished(changed)) is not None:
                return found
        return None

    def _finished(self, form: Form) -> RecordTable | None:
        """Return the table if it can be read in this form: as it stands, else by its axes."""
        raw = form.raw or raw_of(form.cells, self.source, self.names.sheet, self.limits)
        direct = read_direct(raw, self.index, header_lines(self.index))
        if direct.best is not None and direct.doubts <= {"others"}:
            return self._of_form(RecordTable(raw, candidates=direct.candidates), form)
        axes = self._choice(form).complete()
        if axes is not None and _explains(axes, direct):
            return self._converted(raw, axes, form)
        if direct.best is not None and direct.doubts <= {"others", "parts", "partial"}:
            return self._of_form(RecordTable(raw, candidates=direct.candidates), form)
        return None

    def _converted(self, raw: RawTable, axes: Axes, form: Form) -> RecordTable | None:
        if not axes.across and axes.stubs.items is None:
            return self._of_form(rowwise(raw, axes, self.index), form)
        if form.origin is not None:
            return None
        vocabulary = vocabulary_of(axes.contract.dataset, self.index)
        table = spread(self.source, self.names.sheet, form.cells, axes, vocabulary, self.limits)
        return self._of_form(table, form)

    def _of_form(self, table: RecordTable, form: Form) -> RecordTable:
        """Return the table with the notes of the form that it was read in."""
        return replace(
            table,
            origin=table.origin or form.origin,
            notes=(*form.notes, *table.notes),
            aside=(*form.aside, *table.aside),
            details={**dict(form.details), **table.details},
            left=form.cells.left,
        )

    # -- other forms --------------------------------------------------------------------------

    def _visible(self, form: Form) -> Form | None:
        """Return the form without hidden columns that repeat one that the sender sees."""
        raw = form.raw or raw_of(form.cells, self.source, self.names.sheet, self.limits)
        if not raw.hidden_columns:
            return None
        twins = hidden_twins(read_direct(raw, self.index, header_lines(self.index)), raw)
        if not twins:
            return None
        frame = form.cells.frame.with_columns(pl.lit(None, pl.String).alias(cell(p)) for p in twins)
        notes = [
            finding("hidden_column", header=header, column=position + 1)
            for position, header in twins.items()
        ]
        return Form(replace(form.cells, frame=frame), form.header, notes=tuple(notes))

    def _joined(self, form: Form) -> Form | None:
        """Return the halves of a table that stand side by side as one."""
        halves = find_halves(form.cells.row(form.header), self.index)
        if halves is None:
            return None
        cells, origin = join_halves(form.cells, form.header, halves)
        rows, count = cells.height - form.header - 1, len(halves.parts)
        return Form(
            cells=cells,
            header=form.header,
            origin=origin,
            notes=(finding("halves_joined", count=count, rows=rows),),
            details=(("kind", "side_by_side"), ("parts", count)),
        )

    def _headed(self, form: Form) -> Form | None:
        """Return the form with the part of the key filled in that heading lines give."""
        for axes in self._choice(form).all:
            filled = fill_headings(
                form.cells, axes, vocabulary_of(axes.contract.dataset, self.index)
            )
            if filled is not None:
                return Form(filled.cells, form.header, notes=(filled.note,), aside=filled.aside)
        return None

    def _unit_apart(self, form: Form) -> Form | None:
        """Return the form with units behind names, 常住人口（万人）, in a column of their own."""
        cells = units_apart(form.cells, form.header, self.index)
        return None if cells is None else Form(cells, form.header)

    def _turned(self, form: Form) -> Form | None:
        """Return the form with its columns as lines."""
        found = lying(form.cells, self.index)
        if found is None:
            return None
        first, last, cells = found
        titles = form.cells.lines[first : last + 1]
        direct = read_direct(
            raw_of(cells, self.source, self.names.sheet, self.limits),
            self.index,
            header_lines(self.index),
        )
        values = [p for p in _value_positions(direct) if p < len(titles)]
        return Form(
            cells=cells,
            header=0,
            origin=places(cells, titles, min(values, default=0)),
            notes=(finding("table_turned", rows=cells.height - 1),),
            details=(("kind", "turned"),),
        )

    # -- what stands beside ---------------------------------------------------------------------

    def _side_by_side(self) -> list[RecordTable]:
        """Return the tables of groups of columns that each are one of their own."""
        groups = column_groups(self.cells, self.header)
        if len(groups) < 2:
            return []
        found = []
        for left, right in groups:
            part = group_of(self.cells, self.header, left, right)
            table = self._read(Form(part, self.header))
            if table is None:
                return []
            found.append(table)
        return found

    # -- questions ----------------------------------------------------------------------------

    def _question(self) -> RecordTable:
        """Return the table with the question that stands in its way, if that is known."""
        raw = self.raw or raw_of(self.cells, self.source, self.names.sheet, self.limits)
        readings = self._choice(Form(self.cells, self.header)).all
        asked = next((axes for axes in readings if not self.foreign and _asks(axes)), None)
        refusal = question(asked) if asked is not None else None
        return RecordTable(raw, refusal=refusal)

    def _choice(self, form: Form) -> Choice:
        """Return the readings of a form; the same ones when it is asked about once more."""
        for choice in self._choices:
            if choice.cells is form.cells and choice.header == form.header:
                return choice
        titles = [self.heading, *(t for i in range(form.header) for t in form.cells.row(i))]
        context = Context.of(
            titles, self.names.sheet, self.names.file_name, self.index.contracts.areas
        )
        lines = header_lines(self.index)
        self._choices.append(Choice(form.cells, form.header, context, lines, self.names.department))
        return self._choices[-1]

    @cached_property
    def _lines(self) -> frozenset[int]:
        return frozenset({*self.cells.lines, *(a.line for a in self.aside)})

    def _with_lines(self, table: RecordTable) -> RecordTable:
        return replace(
            table,
            aside=(*self.aside, *table.aside),
            lines=self._lines,
            first_line=self.cells.lines[0],
            header_text="、".join(t.strip() for t in self.cells.row(self.header) if t.strip()),
        )


def _explains(axes: Axes, direct: Direct) -> bool:
    """Tell whether a reading by axes settles the doubts about a table as it stands."""
    if direct.best is None or direct.doubts & {"repeated", "partial"}:
        return True
    return axes.stubs.items is not None or bool(axes.stubs.parts)


def _asks(axes: Axes) -> bool:
    """Tell whether to ask about a reading: part of a key and a measure are there, not all is."""
    if not (axes.in_table or axes.given):
        return False
    if any(compared(axes, f) for f in axes.missing):
        return True
    if not axes.measures and axes.stubs.items is None:
        return False
    if axes.clash is not None or axes.stubs.items is not None or len(axes.across) > 0:
        return len(axes.values) > 1 or axes.stubs.items is not None or axes.clash is not None
    return all(f.key and f.type in _BESIDE for f in axes.missing)


def _value_positions(direct: Direct) -> Iterator[int]:
    if direct.best is None:
        return
    for declared in direct.best.contract.fields:
        places_of = direct.best.matched.get(declared.field)
        if places_of and not declared.key:
            yield places_of[0][1]
