"""The unit of each column of a table: what the table states of it, and where.

A unit may stand in a column's header, in a row of units beside the header, in a line above or
below the table, in a column of units, or in the number format of a sheet. A column that a statement
may concern and that cannot be converted by it is not taken at its contract's unit but asked about.
How a text states a unit is for `sources.contracts.unit_text`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sources.characters import fold
from sources.contracts import Contract, Field, Units
from sources.contracts.model import NUMERIC
from sources.contracts.unit_text import (
    TIMES_ZH,
    Statement,
    UnitProblem,
    conversion,
    period_of,
    read_unit,
    stated_in_line,
)
from sources.contracts.units import MULTIPLIERS
from sources.reading.raw import ShownAs
from sources.reasons import UNIT_PROBLEMS

_UNIT_TITLES = ("单位", "计量单位", "数量单位", "数据单位", "度量单位", "unit")
_BLANKS = ("", "/", "-", "--", "—", "——")
# What a unit is said to be of, by dimension, where it is not a part of a column's title.
_SUBJECTS = {
    "area": ("面积", "土地", "耕地"),
    "money": ("金额", "资金", "投资", "产值", "价值", "费用", "经费"),
    "mass": ("重量", "质量", "产量", "数量"),
    "volume": ("水量", "体积", "容积", "气量", "数量"),
    "energy": ("电量", "用电"),
    "population": ("人口", "人数"),
    "concentration_water": ("浓度", "含量"),
    "concentration_air": ("浓度", "含量"),
}
# Columns that are rarely given a unit and that a line of units above the table rarely speaks of.
_ASIDE = frozenset({"ratio", "temperature", "dimensionless", "turbidity", "conductivity", "days"})
HEADER, UNIT_ROW, TITLE, BELOW, UNIT_COLUMN = "header", "unit_row", "title", "note", "unit_column"


@dataclass(frozen=True)
class Column:
    """A column of the file that a field takes. `position` counts from 0.

    `factor` turns a number as written into the contract's unit; `unit` is the unit found and
    `unit_from` where (`header`, `unit_row`, `title`, `note`, `unit_column`); both None when the
    file names none. `unit_column` is the position of the column that names the unit of each row,
    `period` what an amount in a row is of (see `unit_text.period_of`). `serial_shift` are days to
    add to a bare number that counts days (a workbook may count them from 1904).
    """

    field: Field
    position: int
    header: str
    unit: str | None = None
    unit_from: str | None = None
    factor: Fraction = Fraction(1)
    unit_column: int | None = None
    period: str | None = None
    serial_shift: int = 0


class Asked(Exception):
    """A column whose unit is not clear: a code of UNIT_PROBLEMS and what its text needs."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def words(self) -> dict[str, str]:
        """Problem and remedy in Chinese, as `column_unit` and `required_column_unit` want them."""
        problem, remedy = UNIT_PROBLEMS[self.code]
        return {"problem": problem.format(**self.values), "remedy": remedy.format(**self.values)}


@dataclass(frozen=True)
class UnitLine:
    """A line above or below a table that states units."""

    line: int
    text: str
    where: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class TableUnits:
    """All that a table states of its units outside of its column titles.

    `row` are the units of a row of units, by position, `row_line` that row's number; `columns` maps
    the position of a column of numbers to that of the column that names its units; `shown` are the
    number formats that scale, by position.
    """

    lines: tuple[UnitLine, ...] = ()
    row: Mapping[int, Statement] = field(default_factory=dict)
    row_line: int | None = None
    columns: Mapping[int, int] = field(default_factory=dict)
    shown: Sequence[ShownAs] = ()

    @property
    def statements(self) -> Iterator[tuple[UnitLine, Statement]]:
        """Every statement of a line, with its line."""
        return ((line, s) for line in self.lines for s in line.statements)


def unit_lines(
    lines: Iterable[tuple[int, str]], units: Units, where: str = TITLE
) -> Iterator[UnitLine]:
    """Yield those of some lines beside a table (number, text of a cell) that state units."""
    for number, text in lines:
        statements = tuple(stated_in_line(text, units)) if text.strip() else ()
        if statements:
            yield UnitLine(number, text.strip(), where, statements)


def unit_row(
    cells: Sequence[str], keys: Iterable[int], units: Units
) -> dict[int, Statement] | None:
    """Return the units of a row that holds units and words such as 单位 only; None for another.

    `keys` are the positions of key columns, which such a row leaves open. A text in it that is no
    known unit is a statement that is not understood.
    """
    found: dict[int, Statement] = {}
    keys = set(keys)
    for position, text in enumerate(cells):
        folded = fold(text).strip(":()")
        if folded in _BLANKS or folded in _UNIT_TITLES:
            continue
        stated = read_unit(text, units)
        if stated is None and (position in keys or any(c.isdigit() for c in folded)):
            return None
        found[position] = stated or Statement(text.strip())
    return found if any(s.understood for s in found.values()) else None


def unit_columns(
    headers: Sequence[str], taken: Iterable[int], numbers: Iterable[int]
) -> dict[int, int]:
    """Map positions of columns of numbers to the column that names their units.

    `taken` are columns that a field takes, which name no other column's unit. Of several columns
    of units each speaks of the numbers between it and the one before, or, where no number stands
    before the first, of those between it and the next.
    """
    taken = set(taken)
    naming = [
        p
        for p, header in enumerate(headers)
        if p not in taken and fold(header).strip("()[]:") in _UNIT_TITLES
    ]
    numbers = sorted(numbers)
    if not naming or not numbers:
        return {}
    if len(naming) == 1:
        return dict.fromkeys(numbers, naming[0])
    if numbers[0] > naming[0]:
        return {p: max(n for n in naming if n < p) for p in numbers}
    return {p: min(n for n in naming if n > p) for p in numbers if p < naming[-1]}


@dataclass(frozen=True)
class Heading:
    """A column that a field takes, its unit not yet settled; `own` is what its header states."""

    field: Field
    position: int
    header: str
    own: Statement | None = None

    @property
    def measured(self) -> bool:
        """Tell whether its values are numbers in some unit."""
        return self.field.type in NUMERIC and self.field.unit is not None


class UnitReader:
    """Settles the unit of each column of a table."""

    def __init__(
        self, contract: Contract, units: Units, table: TableUnits, headings: Sequence[Heading]
    ) -> None:
        self.units = units
        self.table = table
        self.period = period_of(contract)
        self.headings = [h for h in headings if h.measured]
        self._fitting = {
            id(s) for _, s in table.statements if any(self._fits(s, h) for h in self.headings)
        }
        self._asked: set[int] = set()
        self._used: set[int] = set()

    def column(self, heading: Heading) -> Column:
        """Return a heading's column with its unit. Raises Asked."""
        plain = Column(heading.field, heading.position, heading.header, period=self.period)
        if not heading.measured:
            return plain
        stated, where = self._stated(heading)
        naming = self.table.columns.get(heading.position)
        column = replace(plain, unit_column=naming, unit_from=None if naming is None else where)
        if stated is not None:
            factor, name = self._converted(stated, heading)
            column = replace(column, unit=name, unit_from=where, factor=factor)
        self._check_format(heading, stated)
        return column

    def unused(self) -> Iterator[tuple[UnitLine, Statement]]:
        """Yield what the lines state that no column uses and none was asked about.

        It may fit columns, but each of them states another unit itself.
        """
        for line, stated in self.table.statements:
            known = id(stated) in self._used or id(stated) in self._asked
            if stated.sure and not known and not any(self._says(h, stated) for h in self.headings):
                yield line, stated

    def _says(self, heading: Heading, stated: Statement) -> bool:
        """Tell whether a column says the same itself, or has a column of units."""
        own = heading.own or self.table.row.get(heading.position)
        same = own is not None and own.name == stated.name
        return self._fits(stated, heading) and (same or heading.position in self.table.columns)

    def _stated(self, heading: Heading) -> tuple[Statement | None, str | None]:
        """Return the statement that holds for a column, and where it stands. Raises Asked."""
        own, row = heading.own, self.table.row.get(heading.position)
        if own is not None and row is not None and own.name != row.name:
            raise _differ(heading, (own, row))
        if own is not None:
            return own, HEADER
        if row is not None:
            return row, UNIT_ROW
        if heading.position in self.table.columns:
            return None, UNIT_COLUMN
        return self._from_lines(heading)

    def _from_lines(self, heading: Heading) -> tuple[Statement | None, str | None]:
        about = [(line, s) for line, s in self.table.statements if self._about(s, heading)]
        fitting = [(line, s) for line, s in about if self._fits(s, heading)]
        if len({s.name for _, s in fitting}) > 1:
            raise _differ(heading, (s for _, s in fitting))
        own = self.units.find(heading.field.unit or "")
        if fitting or own is None or own.dimension in _ASIDE:
            self._used |= {id(stated) for _, stated in fitting}
            return (fitting[0][1], fitting[0][0].where) if fitting else (None, None)
        # What no column can use may have been meant for this one.
        for line, stated in about:
            if stated.sure and id(stated) not in self._fitting:
                self._asked.add(id(stated))
                return stated, line.where
        return None, None

    def _about(self, stated: Statement, heading: Heading) -> bool:
        """Tell whether a statement may be about a column: it names no subject, or one that fits."""
        subject = fold(stated.subject)
        if not subject or _names(subject, heading):
            return True
        if any(_names(subject, h) for h in self.headings):
            return False
        words = _SUBJECTS.get(stated.unit.dimension, ()) if stated.unit is not None else ()
        known = any(w in subject for ws in _SUBJECTS.values() for w in ws)
        return not known or any(w in subject for w in words)

    def _fits(self, stated: Statement, heading: Heading) -> bool:
        try:
            conversion(stated, heading.field, self.period, self.units)
        except UnitProblem:
            return False
        return True

    def _converted(self, stated: Statement, heading: Heading) -> tuple[Fraction, str]:
        try:
            return conversion(stated, heading.field, self.period, self.units)
        except UnitProblem as problem:
            raise Asked(
                problem.code,
                header=heading.header,
                unit=stated.text,
                expected=heading.field.unit,
                per=TIMES_ZH.get(stated.per or "", ""),
                period=TIMES_ZH.get(self.period or "", "行"),
            ) from None

    def _check_format(self, heading: Heading, stated: Statement | None) -> None:
        """Raise Asked where a number format scales a column and its unit does not say as much."""
        multiplier = _multiplier(stated)
        for shown in self.table.shown:
            if shown.position != heading.position or shown.factor == 1:
                continue
            own = shown.text and (
                read_unit(shown.text, self.units)
                or read_unit(shown.text + (heading.field.unit or ""), self.units)
            )
            if own or (multiplier is not None and multiplier * (shown.factor or 0) == 1):
                continue
            raise Asked(
                "format_scales",
                header=heading.header,
                form=shown.code,
                unit=heading.field.unit,
            )


def _names(subject: str, heading: Heading) -> bool:
    return any(subject in fold(t) for t in (*heading.field.titles, heading.header))


def _differ(heading: Heading, statements: Iterable[Statement]) -> Asked:
    texts = "、".join(dict.fromkeys(f"“{s.text}”" for s in statements))
    return Asked("units_differ", header=heading.header, texts=texts)


def _multiplier(stated: Statement | None) -> int | None:
    """Return 10000 for a unit that begins with 万, 1 for one without a multiplier."""
    unit = None if stated is None else stated.unit or stated.amount
    if unit is None:
        return None
    longest = sorted(MULTIPLIERS, key=len, reverse=True)
    return next((MULTIPLIERS[m] for m in longest if unit.unit.startswith(m)), 1)
