"""Units and how they convert; `units.yml` declares them.

Belongs here: the table of units and the spellings that name one. What a text beside a table or a
number says of its unit is for `unit_text`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from sources.characters import fold

# Numbers that Chinese puts before a unit: 千公顷, 万吨, 亿度.
MULTIPLIERS: dict[str, int] = {
    "十": 10,
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}


# 10⁴m³ is 万m³; NFKC makes 104m3 of it, which nothing else may mean.
_POWERS = {len(str(n)) - 1: name for name, n in MULTIPLIERS.items()}
_BY_POWER = re.compile(r"^\s*[(（]?\s*[×x*]?\s*10\s*\^?\s*([2-8])(?![\d.])\s*[·•*]?")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").casefold()


def fold_unit(text: str) -> str:
    """Make spellings of one unit equal, beyond `fold`: kW·h is kWh, m^3 is m3, 吨每日 is 吨/d."""
    text = _BY_POWER.sub(lambda m: _POWERS[int(m[1])], _normal(text))
    # mg·L-1 is mg/L, μg m-3 is μg/m3.
    text = re.sub(r"[\s·•∙⋅・*.]+([a-z]+)-([123])(?![0-9])", r"/\1\2", text)
    text = re.sub(r"(/[a-z]+)1$", r"\1", text)
    text = re.sub(r"[\^·•∙⋅・*]|(?<=[a-z])[.\-](?=[a-z])", "", fold(text)).replace("每", "/")
    text = re.sub(r"/(?:天|日|昼夜|day)$", "/d", text)
    return re.sub(r"^u(?=g|s/)", "μ", text)


def _fraction(value: Any) -> Fraction:
    try:
        factor = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"'{value}' is not a number or a fraction such as 1/15") from error
    if factor <= 0:
        raise ValueError(f"'{value}' must be greater than zero")
    return factor


Exact = Annotated[Fraction, BeforeValidator(_fraction)]


class Unit(BaseModel):
    """A unit: `factor` canonical units of its dimension (exact, as a fraction)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    dimension: str
    factor: Exact
    aliases: tuple[str, ...] = ()
    multiples: tuple[str, ...] = ()
    """Multipliers that may stand before its name and aliases: 千 makes 千公顷 of 公顷."""

    @field_validator("multiples")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [m for m in value if m not in MULTIPLIERS]:
            raise ValueError(f"{unknown} are no multipliers; known are {' '.join(MULTIPLIERS)}")
        return value

    def multiplied(self) -> Iterator["Unit"]:
        """Yield the units that its multipliers make of it."""
        for multiplier in self.multiples:
            yield Unit(
                unit=multiplier + self.unit,
                dimension=self.dimension,
                factor=self.factor * MULTIPLIERS[multiplier],
                aliases=tuple(multiplier + alias for alias in self.aliases),
            )


class DimensionError(ValueError):
    """Two units that do not measure the same thing cannot be converted."""


class Units:
    """The units table: the units declared and their multiples, each after the unit it is of."""

    def __init__(self, units: Iterable[Unit]) -> None:
        declared = tuple(units)
        self.all: tuple[Unit, ...] = tuple(u for d in declared for u in (d, *d.multiplied()))
        self._by_spelling = _index(self.all)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.all)

    def find(self, text: str) -> Unit | None:
        """Return the unit that a text spells, or None; the first declared of several."""
        return next(iter(self.spelled(text)), None)

    def spelled(self, text: str) -> tuple[Unit, ...]:
        """Return the units that a text may spell, each of another dimension: 度 is kWh or ℃."""
        return self._by_spelling.get(fold_unit(text), ())

    def canonical(self, unit: Unit) -> Unit:
        """Return the unit that others of its dimension are expressed in (the first of factor 1)."""
        return next(u for u in self.all if u.dimension == unit.dimension and u.factor == 1)

    def factor(self, from_unit: str, to_unit: str) -> Fraction:
        """Return how many `to_unit` one `from_unit` is.

        Raises DimensionError when they measure different things, KeyError for an unknown unit.
        """
        source, target = self.find(from_unit), self.find(to_unit)
        if source is None or target is None:
            raise KeyError(from_unit if source is None else to_unit)
        if source.dimension != target.dimension:
            raise DimensionError(
                f"{source.unit} ({source.dimension}) does not convert to "
                f"{target.unit} ({target.dimension})"
            )
        return source.factor / target.factor


def _index(units: Iterable[Unit]) -> dict[str, tuple[Unit, ...]]:
    index: dict[str, tuple[Unit, ...]] = {}
    for unit in units:
        for spelling in dict.fromkeys(fold_unit(s) for s in (unit.unit, *unit.aliases)):
            known = index.get(spelling, ())
            for other in known:
                if other.dimension == unit.dimension:
                    raise ValueError(f"'{spelling}' means both {other.unit} and {unit.unit}")
            index[spelling] = (*known, unit)
    return index
