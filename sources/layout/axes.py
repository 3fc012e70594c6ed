"""How a table that is spread over columns is to be read for one dataset: its axes.

Each cell of such a table is a value; the lines of the header above it and the first cells of its
line say of what. Belongs here: which columns are stubs, which hold values and of what, which
parts of the key come from where, what is missing. Carrying it out is `spread`'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sources.contracts import Contract, Field, fold
from sources.contracts.model import PERIOD
from sources.contracts.unit_text import read_unit
from sources.layout.cells import Cells
from sources.layout.compose import parts_in
from sources.layout.context import Clash, Context, Given
from sources.layout.header import PARTS, HeaderColumn, read_header
from sources.layout.periods import NEEDED, Period, read_period
from sources.layout.vocabulary import NO_PERIOD, Meaning, Vocabulary
from sources.recognise.words import general_title, is_frame, other_kind

_MOST = 0.6


@dataclass(frozen=True)
class ValueColumn:
    """A column of values: the part of the key and the measure that its header gives."""

    position: int
    keys: Mapping[str, str]
    period: Period
    measure: str | None
    unit: str | None
    header: str


@dataclass(frozen=True)
class Stubs:
    """The columns that say of what the values of a line are."""

    fields: dict[str, int] = field(default_factory=dict)
    """field -> column, for key fields and for others that are no measures"""
    parts: dict[str, int] = field(default_factory=dict)
    """`year`, `month`, `day`, `hour` -> the column of that part of the period"""
    items: int | None = None
    """The column whose cells name the measure."""
    units: int | None = None
    kinds: dict[int, str] = field(default_factory=dict)
    """column -> what its title says in general: `month` for 月份"""

    @property
    def positions(self) -> set[int]:
        """All its columns."""
        single = {p for p in (self.items, self.units) if p is not None}
        return {*self.fields.values(), *self.parts.values(), *single}


@dataclass(frozen=True)
class Axes:
    """A reading of a table for one dataset. Positions are columns of its `Cells`."""

    contract: Contract
    first: int
    last: int
    stubs: Stubs
    values: tuple[ValueColumn, ...]
    measure: str | None
    """The measure where neither header nor line names one; `unit` is that of the title."""
    unit: str | None
    header: tuple[HeaderColumn, ...]
    given: Mapping[str, Given] = field(default_factory=dict)
    """Key fields that are taken from beside the table."""
    period: Period = NO_PERIOD
    """The parts of the period that are taken from beside the table."""
    missing: tuple[Field, ...] = ()
    clash: Clash | None = None
    measures: frozenset[str] = frozenset()
    """All measures that the table gives."""
    unnamed: bool = False
    """True where nothing says that the values are of `measure`, or a title says otherwise."""

    @property
    def complete(self) -> bool:
        """True where each value has all of its key and its measure, and no two have the same."""
        return not self.missing and self.clash is None and self.clear and not self._is_asked

    @property
    def _is_asked(self) -> bool:
        return self.unnamed or any(column.period.several for column in self.values)

    @property
    def clear(self) -> bool:
        """True where there are values, and no two columns of them say the same."""
        said = {(c.period, c.measure, *sorted(c.keys.items())) for c in self.values}
        return len(said) == len(self.values) and self._has_values

    @property
    def _has_values(self) -> bool:
        attributes = [n for n in self.stubs.fields if not self.contract.field(n).key]
        return bool(self.measures or attributes)

    @property
    def headers(self) -> list[str]:
        """The text of each column's header."""
        return [h.header for h in self.header]

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """The texts of each column's header, from top to bottom."""
        return [h.texts for h in self.header]

    @property
    def left_out(self) -> list[HeaderColumn]:
        """The columns with a header that are neither stubs nor values."""
        taken = self.stubs.positions | {c.position for c in self.values}
        return [h for h in self.header if h.texts and h.position not in taken]

    @property
    def across(self) -> tuple[str, ...]:
        """What lies across: names of key fields, `period`, in order."""
        return tuple(dict.fromkeys(kind for c in self.values for kind in _kinds(c)))

    @property
    def in_table(self) -> int:
        """How many key fields the table itself gives."""
        return len(self.contract.key_fields) - len(self.given) - self._missing_keys

    @property
    def _missing_keys(self) -> int:
        return sum(f.key for f in self.missing)


def _kinds(column: ValueColumn) -> Iterator[str]:
    yield from column.keys
    if column.period.parts:
        yield "period"


class AxesReader:
    """Reads the axes of one table for one dataset."""

    def __init__(self, cells: Cells, vocabulary: Vocabulary, context: Context) -> None:
        self.cells = cells
        self.vocabulary = vocabulary
        self.contract = vocabulary.contract
        self.context = context

    def read(self, first: int, last: int) -> Axes | None:
        """Return the axes under the header lines `first` to `last`; None where there are none."""
        header = read_header(self.cells, first, last, self.vocabulary)
        body = last + 1
        stubs = self._stubs(header, body)
        values = self._values(header, body, stubs)
        if not values and not stubs.fields:
            return None
        measure, unit, unnamed = self._measure(header, values, stubs)
        if stubs.items is None and measure is None and any(not c.measure for c in values):
            return None
        axes = Axes(
            contract=self.contract,
            first=first,
            last=last,
            stubs=stubs,
            values=tuple(values),
            measure=measure,
            unit=unit,
            header=tuple(header),
            unnamed=unnamed,
        )
        return self._completed(axes, body)

    def _distinct(self, position: int, body: int) -> list[str]:
        return self.cells.distinct(position, body)

    # -- stubs ------------------------------------------------------------------------------

    def _stubs(self, header: Sequence[HeaderColumn], body: int) -> Stubs:
        stubs = Stubs()
        for column in header:
            if column.meaning.places or column.aside:
                continue
            stubs = self._with_stub(stubs, column, body)
        return stubs

    def _with_stub(self, stubs: Stubs, column: HeaderColumn, body: int) -> Stubs:
        position, title = column.position, column.meaning.title
        titled = None if title is None or self.vocabulary.is_measure(title) else title
        if title is not None and titled is None:
            return stubs  # a column of values
        if titled is None and self._holds_units(column, body):
            return stubs if stubs.units is not None else replace(stubs, units=position)
        if titled in stubs.fields:
            titled = None  # 采样时间 beside 采样日期
        content = self._content(position, body)
        if content == "items" and stubs.items is None:
            return replace(stubs, items=position)
        if titled is not None and not self._names_the_other_axis(titled, position, body):
            kinds = {**stubs.kinds, position: column.general} if column.general else stubs.kinds
            return replace(stubs, fields={titled: position, **stubs.fields}, kinds=kinds)
        if column.general in PARTS and self._part_periods(position, body, column.general):
            return replace(stubs, parts={str(column.general): position, **stubs.parts})
        strong = not column.unknown or self._share(content, position, body) > _MOST
        if content not in (None, "items", *stubs.fields) and strong:
            return replace(stubs, fields={**stubs.fields, str(content): position})
        if content is None and (named := self._open_name_under(column, stubs)) is not None:
            return replace(stubs, fields={**stubs.fields, named: position})
        return stubs

    def _open_name_under(self, column: HeaderColumn, stubs: Stubs) -> str | None:
        """Return the text of the key that a general title, 指标 for 统计指标, is a part of."""
        named = self._open_name(stubs)
        if named is None or column.general != "item" or column.unknown:
            return None
        titles = self.contract.field(named).titles
        return named if any(column.texts[-1].strip() in title for title in titles) else None

    def _holds_units(self, column: HeaderColumn, body: int) -> bool:
        """Tell whether a column names units: by its title, without one by its cells."""
        if column.texts and column.general != "unit":
            return False
        if column.texts:  # 单位 names those who report where areas stand below it
            return (
                max(self._share(f.field, column.position, body) for f in self.contract.key_fields)
                < _MOST
            )
        units = self.vocabulary.index.contracts.units
        texts = self._distinct(column.position, body)
        return bool(texts) and all(read_unit(t, units) is not None for t in texts)

    def _names_the_other_axis(self, titled: str, position: int, body: int) -> bool:
        """Tell whether a corner's title, such as 月份, is that of the header beside it."""
        declared = self.contract.field(titled)
        if declared.type not in PERIOD:
            return False
        texts = self._distinct(position, body)
        return bool(texts) and not any(any(c.isdigit() for c in t) for t in texts)

    def _meanings(self, position: int, body: int) -> list[Meaning]:
        return [self.vocabulary.read(t) for t in self._distinct(position, body)]

    def _content(self, position: int, body: int) -> str | None:
        """Return what the cells of a stub are: `items`, values of a key field, or None."""
        read = self._meanings(position, body)
        measures = {m.title for m in read if self.vocabulary.is_measure(m.title) and not m.places}
        if len(measures) >= 2 or (measures and len(measures) == len(read)):
            return "items"
        for declared in self.contract.key_fields:
            if self._share(declared.field, position, body) >= 0.5:
                return declared.field
        return None

    def _share(self, name: str | None, position: int, body: int) -> float:
        """Return which share of the distinct cells of a column are values of a key field."""
        read = self._meanings(position, body)
        if name is None or not read:
            return 0.0
        period = self.vocabulary.period_field
        kind = "period" if period is not None and period.field == name else name
        return sum(kind in m.of and m.title is None for m in read) / len(read)

    # -- values -----------------------------------------------------------------------------

    def _values(self, header: Sequence[HeaderColumn], body: int, stubs: Stubs) -> list[ValueColumn]:
        """Return the columns of values: spread ones where there are any, else titled ones."""
        columns = [h for h in header if not h.aside and h.position not in stubs.positions]
        names = self._names(columns, body, stubs)
        spread = [c for c in columns if c.meaning.places or c.position in names]
        if not spread and stubs.items is not None:
            spread = [c for c in columns if c.general == "value"][:1]
        if not spread:
            titled = [c for c in columns if not c.vague]
            spread = [c for c in titled if self.vocabulary.is_measure(c.meaning.title)]
        return [self._value(c, names) for c in spread]

    def _names(self, columns: Sequence[HeaderColumn], body: int, stubs: Stubs) -> dict[int, str]:
        """Return by column the name of the object that the header gives, where names lie across.

        Only where one text of the key is given by nothing else, and by at least two columns of
        numbers under texts that are no known words.
        """
        named = [
            c.position
            for c in columns
            if c.unknown and c.general is None and self._numeric(c, body)
        ]
        names = {c.position: " ".join(c.unknown) for c in columns if c.position in named}
        several = len(set(names.values())) > 1  # one text over all columns is a title
        return names if several and self._open_name(stubs) is not None else {}

    def _open_name(self, stubs: Stubs) -> str | None:
        texts = [f.field for f in self.contract.key_fields if f.type == "string"]
        left = [name for name in texts if name not in stubs.fields]
        return left[0] if len(left) == 1 else None

    def _value(self, column: HeaderColumn, names: Mapping[int, str]) -> ValueColumn:
        keys = dict(column.meaning.keys)
        name = next((f.field for f in self.contract.key_fields if f.type == "string"), None)
        if column.position in names and name is not None:
            keys[name] = names[column.position]
        title = column.meaning.title
        return ValueColumn(
            position=column.position,
            keys=keys,
            period=column.meaning.period,
            measure=title if self.vocabulary.is_measure(title) else None,
            unit=column.meaning.unit or column.unit,
            header=column.header,
        )

    def _numeric(self, column: HeaderColumn, body: int) -> bool:
        """Tell whether numbers stand in a column; a measure's may look like years."""
        measure = self.vocabulary.is_measure(column.meaning.title)
        return measure or self.cells.numeric_share(column.position, body) >= _MOST

    def _measure(
        self, header: Sequence[HeaderColumn], columns: Sequence[ValueColumn], stubs: Stubs
    ) -> tuple[str | None, str | None, bool]:
        """Return the measure that no header and no line names, its unit, and whether it is unnamed.

        The title names it, or it is the only one of a dataset that the header speaks of.
        """
        if stubs.items is not None or all(c.measure is not None for c in columns):
            return None, None, False
        other = any(other_kind(text) for _, text in self.context.texts)
        for _, text in self.context.texts:
            named = self.vocabulary.measure_in(text)
            if named is not None:
                return named[0].field, named[1], other
        measures = self.vocabulary.measures
        if len(measures) != 1 or self._by_name(columns):
            return None, None, False  # numbers under unknown names may be anything
        return measures[0].field, None, not self._is_meant(header, stubs) or other

    def _is_meant(self, header: Sequence[HeaderColumn], stubs: Stubs) -> bool:
        """Tell whether a title names the dataset, or none speaks and the header has its words."""
        if general_title(self.vocabulary.measures[0].title_zh) == "value":
            return True  # the key says what the number is
        if any(fold(self.contract.title_zh) in fold(text) for _, text in self.context.texts):
            return True
        places = self.context.areas.names
        if not all(is_frame(text, places) for text in self.context.titles):
            return False
        return any(
            self.vocabulary.is_named(header[position].header, name)
            for name, position in stubs.fields.items()
        )

    def _by_name(self, columns: Sequence[ValueColumn]) -> bool:
        """Tell whether texts of the header which are no known words name the objects."""
        names = {f.field for f in self.contract.key_fields if f.type == "string"}
        return any(names & c.keys.keys() for c in columns)

    # -- what is missing ----------------------------------------------------------------------

    def _completed(self, axes: Axes, body: int) -> Axes:
        """Return the axes with what stands beside the table, and what is given nowhere."""
        across = [set(c.keys) for c in axes.values]
        covered = {*axes.stubs.fields, *(set.intersection(*across) if across else ())}
        measures = self._measures(axes, body)
        axes = replace(axes, measures=measures)
        for declared in self.contract.key_fields:
            if declared.type in PERIOD:
                axes = self._with_period(axes, declared, body)
            elif declared.field not in covered:
                value = self.context.value(declared)
                told = isinstance(value, Given) and self._told_otherwise(
                    axes, value, declared, body
                )
                axes = _with_value(axes, declared, None if told else value)
        there = {*axes.stubs.fields, *measures}
        lacking = [
            f for f in self.contract.fields if f.required and not f.key and f.field not in there
        ]
        return replace(axes, missing=(*axes.missing, *lacking))

    def _told_otherwise(self, axes: Axes, value: Given, declared: Field, body: int) -> bool:
        """Tell whether a column that is not understood names another object than the title."""
        columns = [h.position for h in axes.left_out if h.general != "remark"]
        read = (m for p in columns for m in self._meanings(p, body))
        return any(dict(m.keys).get(declared.field, value.value) != value.value for m in read)

    def _measures(self, axes: Axes, body: int) -> frozenset[str]:
        """Return the measures that columns, lines or the title name."""
        found = {c.measure for c in axes.values} | {axes.measure}
        if axes.stubs.items is not None:
            found |= {
                m.title
                for m in self._meanings(axes.stubs.items, body)
                if self.vocabulary.is_measure(m.title)
            }
        return frozenset(name for name in found if name is not None)

    def _with_period(self, axes: Axes, declared: Field, body: int) -> Axes:
        """Complete the period by the parts that stand beside the table."""
        needed = NEEDED[declared.type]
        if (clash := self._clash_within(axes, declared, body)) is not None:
            return replace(axes, clash=clash)
        if self._parts_apart(axes, body) - needed:
            return replace(axes, missing=(*axes.missing, declared))  # hours are no day's mean
        here = self._parts_here(axes, declared, body)
        if declared.field in axes.stubs.fields and NEEDED["date"] <= here:
            needed = needed - {"hour"}  # a date alone is a moment too
        if needed <= here:
            return axes
        stated = self.context.period()
        if isinstance(stated, Clash):
            return replace(axes, clash=stated)
        beside, texts = stated
        lacking = {name: getattr(beside, name) for name in needed - here}
        # The year of 2019年1-3月 will do where the columns are its months.
        several = beside.several and not (lacking.keys() == {"year"} and "month" in here)
        finer = not replace(beside, several=False).fits(declared.type)
        cumulative = declared.type != "year" and self._is_cumulative(texts)
        if several or finer or cumulative or None in lacking.values():
            return replace(axes, missing=(*axes.missing, declared))
        found = Period(**lacking)
        value = Given(found.text(declared.type) or "", texts[0].text, texts[0].where)
        return replace(axes, period=found, given={**axes.given, declared.field: value})

    def _clash_within(self, axes: Axes, declared: Field, body: int) -> Clash | None:
        """Return a header and a cell of the column of periods that contradict each other."""
        position = axes.stubs.fields.get(declared.field)
        dated = [c for c in axes.values if c.period.parts]
        if position is None or not dated:
            return None
        for text in self._distinct(position, body):
            period = read_period(text)
            for column in dated if period is not None else ():
                if period is not None and period.with_parts(column.period) is None:
                    return Clash((f"表头“{column.header}”", f"“{text}”"))
        return None

    def _is_cumulative(self, texts: Sequence[Given]) -> bool:
        """Tell whether a text beside the table says that its figures add up over periods."""
        own = any("累计" in title for f in self.contract.fields for title in f.titles)
        return not own and any("累计" in given.text for given in texts)

    def _parts_apart(self, axes: Axes, body: int) -> set[str]:
        """Return the parts of a period that the header or columns of their own tell."""
        dated = {p for c in axes.values for p in c.period.parts}
        if all(_first_day(c.period) for c in axes.values):
            dated.discard("day")
        return dated.union(*(self._part_periods(p, body, k) for k, p in axes.stubs.parts.items()))

    def _parts_here(self, axes: Axes, declared: Field, body: int) -> set[str]:
        """Return the parts of the period that the table itself gives to each value."""
        here: set[str] = set()
        if axes.values:
            here |= set.intersection(*(set(c.period.parts) for c in axes.values))
        for part, position in axes.stubs.parts.items():
            here |= self._part_periods(position, body, part)
        position_of_key = axes.stubs.fields.get(declared.field)
        if position_of_key is not None:
            kind = axes.stubs.kinds.get(position_of_key)
            found = self._part_periods(position_of_key, body, kind)
            here |= found or NEEDED[declared.type]  # what it holds is for the cleaning to judge
        return here

    def _part_periods(self, position: int, body: int, kind: str | None) -> set[str]:
        """Return the parts of a period that each cell of a column gives; none where few do."""
        return parts_in(self._distinct(position, body), kind, _MOST)


def _with_value(axes: Axes, declared: Field, value: Given | Clash | None) -> Axes:
    if isinstance(value, Clash):
        return replace(axes, clash=value)
    if value is None:
        return replace(axes, missing=(*axes.missing, declared))
    return replace(axes, given={**axes.given, declared.field: value})


def _first_day(period: Period) -> bool:
    return period.day == 1 and period.hour is None
