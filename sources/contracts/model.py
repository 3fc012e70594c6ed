"""The shape of a contract and of the code tables, and look-ups in them.

Only declarations and look-ups belong here: reading the files is `loader`'s, what is made from
contracts (dbt sources, seeds, dictionary) is `derived`'s, cleaning rules are `sources.cleaning`'s,
the form in which checks are declared is `checks`'s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from math import isfinite
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from pydantic import Field as Declared

from sources.characters import fold
from sources.contracts.archetypes import Archetype, Role
from sources.contracts.checks import Checks
from sources.contracts.units import Exact, Units

FieldType = Literal[
    "string",
    "int",
    "float",
    "bool",
    "date",
    "datetime",
    "month",
    "year",
    "enum",
    "area",
    "township",
    "water_class",
    "groundwater_class",
]
NUMERIC: frozenset[str] = frozenset({"int", "float"})
PERIODS: tuple[str, ...] = ("year", "month", "date", "datetime")  # the coarsest first
PERIOD: frozenset[str] = frozenset(PERIODS)
AREAS: frozenset[str] = frozenset({"area", "township"})
TOTAL_LABELS: frozenset[str] = frozenset({"合计", "全部"})  # vars.total_labels of the dbt project
CLASSES: dict[str, tuple[str, ...]] = {
    "water_class": ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"),  # GB 3838-2002
    "groundwater_class": ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ"),  # GB/T 14848-2017
}

# Columns that every accepted row carries beside its contract's fields, with their lake type.
ROW_COLUMNS: dict[str, str] = {
    "submission_id": "string",
    "row_number": "bigint",
    "operation": "string",
    "missing_kinds": "string",
    "censored_fields": "string",
    "flags": "string",
    "source_cells": "string",
}

# How a field's type is stored in the lake, as DuckDB and Spark both spell it (timestamps in
# microseconds); every other type is a string.
SQL_TYPES: dict[str, str] = {
    "int": "bigint",
    "year": "bigint",
    "float": "double",
    "bool": "boolean",
    "date": "date",
    "month": "date",
    "datetime": "timestamp",
}


class _Declaration(BaseModel):
    # A docstring below a key is its description: `eco new dataset` prints it as a comment.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ignored_types=(cached_property,),
        use_attribute_docstrings=True,
    )


class Department(_Declaration):
    """A department that delivers data; its code is the name of its landing folder."""

    department: str
    name_zh: str
    main_domain: str


class Area(_Declaration):
    """An area that a row may speak of."""

    area: str
    kind: Literal["county", "county_seat", "township"]
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write it: a township also without its 镇 or 乡."""
        short = (self.area[:-1],) if self.kind == "township" and len(self.area) > 2 else ()
        return (self.area, *short, *self.aliases)


class County(_Declaration):
    """The county whose data a home holds."""

    name_zh: str = Declared(min_length=2)
    city_zh: str = ""
    province_zh: str = ""
    identifier: str = Declared(pattern=r"^[a-z][a-z0-9]*$")
    """Name in Latin letters, for identifiers of open data and SDMX."""


class Areas:
    """The areas table, and the county that they are parts of."""

    def __init__(self, areas: Iterable[Area], county: County) -> None:
        self.county = county
        self.declared: tuple[Area, ...] = tuple(areas)
        self.all: tuple[Area, ...] = tuple(
            a.model_copy(update={"aliases": (county.name_zh, *a.aliases)})
            if a.kind == "county"
            else a
            for a in self.declared
        )
        self._by_spelling = {fold(s): a.area for a in self.all for s in a.spellings}

    def __iter__(self) -> Iterator[Area]:
        return iter(self.all)

    @property
    def names(self) -> tuple[str, ...]:
        """All areas as a row names them: 全县, 县城, the townships."""
        return tuple(a.area for a in self.all)

    @property
    def townships(self) -> tuple[str, ...]:
        """The townships alone."""
        return tuple(a.area for a in self.all if a.kind == "township")

    @property
    def address_prefix(self) -> str:
        """The pattern of what stands before a township's name in an address."""
        within = (self.county.province_zh, self.county.city_zh)
        outer = "".join(f"(?:{re.escape(name)})?" for name in within if name)
        return f"^{outer}(?:{re.escape(self.county.name_zh)})"

    def find(self, text: str) -> str | None:
        """Return the area that a text spells, or None."""
        return self._by_spelling.get(fold(text))


def _joined(value: str, noun: str) -> str:
    """Return a value with a noun behind it, what both share once: 地表水 and 水源 as 地表水源."""
    shared = next((k for k in range(len(noun), 0, -1) if value.endswith(noun[:k])), 0)
    return value + noun[shared:]


class Field(_Declaration):
    """One column of a dataset."""

    field: str = Declared(pattern=r"^[a-z][a-z0-9_]*$")
    """English name: column of the lake and of the staging model."""
    title_zh: str
    """Chinese title: header of the template, accepted in every file."""
    type: FieldType
    """How the value is read and stored."""
    unit: str | None = Declared(default=None, examples=["吨"])
    """Unit of the stored value, one of units.yml; others of its dimension are converted."""
    unit_field: str | None = Declared(default=None, examples=["quantity_unit"])
    """Field of the row that names the unit of a number without a unit of its own."""
    key: bool = False
    """true: part of the key that names a row; a later row with the same key replaces it."""
    required: bool = False
    """true: a row without this value is rejected."""
    density: Exact | None = Declared(default=None, examples=[1])
    """Tonnes per cubic metre, where an amount may be sent by mass or by volume (water: 1)."""
    expressed_as: tuple[str, ...] = Declared(default=(), examples=[["P", "磷"]])
    """The form of a substance that the values are of, where others are in use: P, not PO4."""
    county_row: bool = False
    """true: the county's name may stand here for the county as a whole, beside single things."""
    range: str | None = Declared(default=None, examples=["0..100"])
    """Smallest and largest value allowed, in `unit`; either may be left out (`0..`)."""
    pattern: str | None = Declared(default=None, examples=["\\d{4}"])
    """Regular expression that the whole text must match."""
    step: Literal["hour"] | None = None
    """hour: a row stands for an hour, so that a time within one has to be verified."""
    allowed_values: tuple[str, ...] = Declared(default=(), examples=[["国控", "省控"]])
    """Values allowed; an enum needs them."""
    aliases: tuple[str, ...] = Declared(default=(), examples=[["列名的其他写法"]])
    """Other headers under which departments send this field."""
    public: bool = True
    """false: the column stays out of open data, report and PostgreSQL."""

    @field_validator("field")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value in ROW_COLUMNS:
            raise ValueError(f"'{value}' is the name of a column that every row carries; rename it")
        return value

    @field_validator("range")
    @classmethod
    def _range(cls, value: str | None) -> str | None:
        if value is None:
            return None
        low, dots, high = value.partition("..")
        try:
            bounds = [float(bound) for bound in (low, high) if bound]
        except ValueError as error:
            raise ValueError(f"'{value}' is not a range such as 0..100 or 0..") from error
        finite = all(map(isfinite, bounds))
        if not dots or not bounds or not finite or bounds != sorted(bounds):
            raise ValueError(f"'{value}' is not a range such as 0..100 or 0..")
        return value

    @field_validator("pattern")
    @classmethod
    def _pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"'{value}' is not a regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Field":
        if self.key and not self.required:
            raise ValueError(f"{self.field}: a key field must be required: true")
        if self.range and self.type not in NUMERIC:
            raise ValueError(f"{self.field}: only int and float fields have a range")
        if self.unit_field and (self.type not in NUMERIC or self.unit):
            raise ValueError(f"{self.field}: only a number without a unit has a unit_field")
        if self.step and self.type != "datetime":
            raise ValueError(f"{self.field}: only a datetime field has a step")
        if self.type == "enum" and not self.allowed_values:
            raise ValueError(f"{self.field}: an enum field needs allowed_values")
        unknown = set(self.allowed_values) - set(CLASSES.get(self.type, self.allowed_values))
        if unknown:
            raise ValueError(f"{self.field}: {sorted(unknown)} are not classes of {self.type}")
        return self

    @property
    def minimum(self) -> float | None:
        """The smallest value allowed, in the field's unit."""
        low = (self.range or "").partition("..")[0]
        return float(low) if low else None

    @property
    def maximum(self) -> float | None:
        """The largest value allowed, in the field's unit."""
        high = (self.range or "").partition("..")[2]
        return float(high) if high else None

    @property
    def titles(self) -> tuple[str, ...]:
        """Every header that names this field: Chinese title, aliases, English name."""
        return (self.title_zh, *self.aliases, self.field)

    @property
    def values(self) -> tuple[str, ...]:
        """The values allowed; for a class field without a list, all classes of its standard."""
        return self.allowed_values or CLASSES.get(self.type, ())

    @property
    def value_spellings(self) -> dict[str, str]:
        """Each allowed value by itself and with the noun of the title behind it.

        农业用水 for 农业 under 用水类别, 工业源 for 工业 under 排放来源.
        """
        noun = re.sub(r"(?:类别|类型|种类|来源)$", "", self.title_zh)
        nouns = [n for n in (noun, "源" if self.title_zh.endswith("源") else "") if n]
        spelled = {_joined(value, n): value for value in self.values for n in nouns}
        return spelled | {value: value for value in self.values}

    @property
    def pattern_examples(self) -> tuple[str, ...]:
        """A text for each alternative of the pattern, for people who read no regular expressions.

        The alternative itself where none is found: only simple ones are understood.
        """
        digits = r"(?:\\d|\[0-9[a-zA-Z-]*\])\{(\d+)(?:,\d*)?\}"
        examples = []
        for part in (self.pattern or "").split("|"):
            text = re.sub(digits, lambda m: ("1234567890" * 9)[: int(m[1])], part)
            text = re.sub(r"\[(\w)[^\]]*\]", lambda m: m[1], text)
            text = text.replace("\\d", "1").replace("\\", "")
            fits = self.pattern and re.fullmatch(self.pattern, text)
            examples.append(text if fits else part)
        return tuple(examples)

    @property
    def is_measured(self) -> bool:
        """Whether it is a number that is reported, and no part of the row's key."""
        return self.type in NUMERIC and not self.key

    @property
    def adds_up(self) -> bool:
        """Whether its values add up over areas and parts: amounts do, shares and factors do not."""
        return self.is_measured and bool(self.unit) and not {"%", "/"} & set(self.unit or "")

    @property
    def may_name_a_total(self) -> bool:
        """Whether 合计 or 全部 may stand in it: a value list names it, a free text allows it."""
        if self.values:
            return bool(TOTAL_LABELS & set(self.values))
        return self.type == "string" and self.pattern is None

    @property
    def sql_type(self) -> str:
        """Its column type in the lake and in DuckDB."""
        return SQL_TYPES.get(self.type, "string")


class Contract(_Declaration):
    """One dataset: who may deliver it, when, and what a row holds."""

    dataset: str = Declared(pattern=r"^[a-z][a-z0-9_]*$")
    """English name; the file is called after it."""
    title_zh: str
    """Chinese title, shown to clerks."""
    domain: str
    """Domain, one of dbt_project/seeds/codes/domains.csv."""
    grain: str
    """What one row is: one row per ..."""
    kind: Literal["observation", "statistic", "register", "event"]
    """What a row is: a measurement, the total of a period, a list entry, an event."""
    departments_allowed: tuple[str, ...] = Declared(min_length=1)
    """Codes of departments.yml that may deliver it; the first one answers for it."""
    cadence: Literal["daily", "monthly", "quarterly", "annual", "event", "register"]
    """How often it is delivered; event and register are never overdue."""
    due_days_after_period: int = Declared(ge=0)
    """Days after the end of a period by which it is due."""
    row_needs: tuple[tuple[str, ...], ...] = Declared(default=(), examples=[[["amount"]]])
    """Groups of fields: a row needs every field of at least one group."""
    called: tuple[str, ...] = Declared(default=(), examples=[["地下水", "井"]])
    """Words by which its files, sheets and objects are called, where other datasets look alike."""
    archetype: str | None = Declared(default=None, examples=["ledger"])
    """Mechanism of supervision that the dataset takes part in, one of archetypes.yml."""
    roles: Mapping[str, Role] = Declared(default_factory=dict, examples=[{"object": "name"}])
    """What plays each role of the archetype: a field, a list, {constant: ...} (archetypes.yml)."""
    public: bool = True
    """false: the dataset's rows stay out of open data, report and PostgreSQL."""
    fields: tuple[Field, ...] = Declared(min_length=1)
    """Columns, in the order of the template."""
    checks: Checks = Declared(default=Checks(), examples=[{"periods": False}])
    """Checks of the accepted rows, where others than the usual ones are wanted: docs/rules.md."""

    def __hash__(self) -> int:
        return hash(self.dataset)  # roles are mappings, which have no hash

    @property
    def period_months(self) -> int | None:
        """The months of a period by which it is delivered; None where that is no month or more."""
        return {"monthly": 1, "quarterly": 3, "annual": 12}.get(self.cadence)

    @property
    def judged_months(self) -> int | None:
        """The months of a period by which it is judged: what is daily by the month."""
        return 1 if self.cadence == "daily" else self.period_months

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.field: f for f in self.fields}

    def field(self, name: str) -> Field:
        """Return the field of that name; KeyError when there is none."""
        return self._by_name[name]

    @property
    def key_fields(self) -> tuple[Field, ...]:
        """The fields that together name a row."""
        return tuple(f for f in self.fields if f.key)

    @property
    def period_field(self) -> Field | None:
        """The field that dates a row (key fields first); None for an undated register."""
        dated = [f for f in self.fields if f.type in PERIOD]
        keyed = [f for f in dated if f.key]
        return next(iter(keyed or dated), None)

    @property
    def parts_periods(self) -> bool:
        """Whether another field says of which part of its period, or up to when, a row is."""
        dated = self.period_field
        return any(f.type in PERIOD or "上半年" in f.values for f in self.fields if f is not dated)

    @property
    def unit_fields(self) -> tuple[str, ...]:
        """The fields that name the units of the row's numbers."""
        return tuple(dict.fromkeys(f.unit_field for f in self.fields if f.unit_field))

    def first_key(self, types: Iterable[str]) -> Field | None:
        """Return the first key field of one of these types, None where the key has none."""
        return next((f for f in self.key_fields if f.type in types), None)

    @property
    def dating_key(self) -> Field | None:
        """The key field that dates a row, the coarsest one; None where the key has no time."""
        return next((f for t in PERIODS if (f := self.first_key((t,)))), None)

    @property
    def area_key(self) -> Field | None:
        """The key field that names an area, None where the key has none."""
        return self.first_key(AREAS)


class Contracts:
    """All contracts and the code tables they refer to."""

    def __init__(
        self,
        datasets: Iterable[Contract],
        units: Units,
        areas: Areas,
        departments: Iterable[Department],
        archetypes: Iterable[Archetype] = (),
    ) -> None:
        self.datasets: dict[str, Contract] = {c.dataset: c for c in datasets}
        self.units = units
        self.areas = areas
        self.county = areas.county
        self.departments: dict[str, Department] = {d.department: d for d in departments}
        self.archetypes: dict[str, Archetype] = {a.archetype: a for a in archetypes}

    def __getitem__(self, dataset: str) -> Contract:
        return self.datasets[dataset]

    def __iter__(self) -> Iterator[Contract]:
        return iter(self.datasets.values())

    def __len__(self) -> int:
        return len(self.datasets)
