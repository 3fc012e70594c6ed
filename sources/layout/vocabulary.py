"""What a cell says in the words of one dataset: titles, allowed values, areas, periods.

Everything follows from the contract: its key fields, their allowed values, the areas, the titles
of its fields.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from sources.contracts import Contract, Field
from sources.contracts.model import NUMERIC, PERIOD
from sources.layout.periods import Period, read_period
from sources.recognise.headers import HeaderIndex, Title, tidy

NO_PERIOD = Period()


@dataclass(frozen=True)
class Meaning:
    """What a cell says: values of key fields, a period, the title of a field, a unit beside it."""

    keys: tuple[tuple[str, str], ...] = ()
    """(field, text) for each key field that it gives a value of; periods are apart."""
    period: Period = NO_PERIOD
    title: str | None = None
    """The field whose title it is, or whose title it holds beside a value."""
    unit: str | None = None
    of: tuple[str, ...] = field(default=())
    """The kinds of values in it, in their order: names of key fields, `period`."""

    @property
    def places(self) -> bool:
        """True where it says which object or period a value is of."""
        return bool(self.of)

    def with_more(self, other: "Meaning") -> "Meaning | None":
        """Return both together, None where they contradict each other."""
        period = self.period.with_parts(other.period)
        keys = dict(self.keys)
        if period is None or any(keys.get(f, t) != t for f, t in other.keys):
            return None
        keys |= dict(other.keys)
        return Meaning(
            keys=tuple(keys.items()),
            period=period,
            title=other.title or self.title,
            unit=other.unit or self.unit,
            of=(*self.of, *other.of),
        )


NOTHING = Meaning()


class Vocabulary:
    """The words of one dataset."""

    def __init__(self, contract: Contract, index: HeaderIndex) -> None:
        self.contract = contract
        self.index = index
        self.period_field = next((f for f in contract.key_fields if f.type in PERIOD), None)
        self.area_field = next((f for f in contract.key_fields if f.type == "area"), None)
        self.measures = tuple(f for f in contract.fields if not f.key and f.type in NUMERIC)
        self._values: dict[str, tuple[str, str]] = {
            tidy(value): (f.field, value)
            for f in reversed(contract.key_fields)
            if f.type == "enum"
            for value in f.values
        }
        self._spelled: dict[str, tuple[str, str]] = {
            tidy(text): (f.field, value)
            for f in reversed(contract.key_fields)
            if f.type == "enum"
            for text, value in f.value_spellings.items()
        }
        self._titles = {tidy(title): f.field for f in reversed(self.measures) for title in f.titles}
        self.read = lru_cache(maxsize=2_000)(self._read)

    def is_measure(self, name: str | None) -> bool:
        """Tell whether a field is a number that is no part of the key."""
        return name is not None and name in {f.field for f in self.measures}

    def title(self, text: str) -> tuple[Field, str | None] | None:
        """Return the field of this dataset whose title a text is, and the unit beside it."""
        found = self.index.read(text)
        if found is None:
            return None
        ranked = [
            (rank, f) for d, f, rank in self.index.fields(found) if d == self.contract.dataset
        ]
        return (self.contract.field(min(ranked)[1]), _unit(found)) if ranked else None

    def is_named(self, text: str, name: str) -> bool:
        """Tell whether a text is the Chinese title of a key field that tells datasets apart."""
        declared = self.contract.field(name)
        found = self.index.read(text)
        return (
            found is not None
            and declared.type not in PERIOD | {"area"}
            and (self.contract.dataset, name, 0) in self.index.fields(found)
        )

    def _read(self, text: str) -> Meaning:
        folded = tidy(text)
        found = self._value(text) or self._named(text) or self._joined(folded)
        if found is None and folded in self._spelled:
            name, value = self._spelled[folded]
            return Meaning(keys=((name, value),), of=(name,))
        return found or NOTHING

    def _value(self, text: str) -> Meaning | None:
        """Read a text that is a value of a key field and nothing else."""
        folded = tidy(text)
        if folded in self._values:
            name, value = self._values[folded]
            return Meaning(keys=((name, value),), of=(name,))
        if self.area_field is not None and (area := self.index.contracts.areas.find(folded)):
            name = self.area_field.field
            return Meaning(keys=((name, area),), of=(name,))
        if self.period_field is not None and (period := read_period(text)) is not None:
            return Meaning(period=period, of=("period",))
        return None

    def _named(self, text: str) -> Meaning | None:
        """Read a title of a field, a value in brackets behind it included: 用水量（农业）."""
        found = self.title(text)
        if found is None:
            return None
        declared, unit = found
        if unit is not None and not declared.key and (value := self._value(unit)) is not None:
            return Meaning(value.keys, value.period, declared.field, None, value.of)
        return Meaning(title=declared.field, unit=unit)

    def _joined(self, folded: str) -> Meaning | None:
        """Read a value and a title in one: 1月用水量, 农业用水, 凤城镇化肥施用量(吨)."""
        for end in range(len(folded) - 1, 0, -1):
            value = self._value(folded[:end])
            if value is None:
                continue
            rest = folded[end:].lstrip("的-_·:/ ")
            named = self._named(rest) or self._named(f"{rest}量")
            if named is not None and self.is_measure(named.title) and not named.of:
                return Meaning(value.keys, value.period, named.title, named.unit, value.of)
        return None

    def measure_in(self, text: str) -> tuple[Field, str | None] | None:
        """Return the measure that running text names, with a unit in brackets behind it.

        The longest title counts: 节水灌溉面积 and not 灌溉面积. None where two are named.
        """
        folded = tidy(text)
        found = [title for title in self._titles if len(title) > 1 and title in folded]
        longest = [t for t in found if not any(t != other and t in other for other in found)]
        fields = {self._titles[title] for title in longest}
        if len(fields) != 1:
            return None
        title = max(longest, key=len)
        behind = folded[folded.rindex(title) + len(title) :]
        unit = None
        if behind.startswith("(") and ")" in behind:
            read = self.index.read(f"{title}{behind[: behind.index(')') + 1]}")
            unit = _unit(read)
        return self.contract.field(fields.pop()), unit


@lru_cache(maxsize=300)
def vocabulary_of(dataset: str, index: HeaderIndex) -> Vocabulary:
    """Return the words of a dataset; what was read once is kept for the next file."""
    return Vocabulary(index.contracts[dataset], index)


def _unit(title: Title | None) -> str | None:
    """Return the text of the unit beside a title."""
    return title.unit.text if title is not None and title.unit is not None else None
