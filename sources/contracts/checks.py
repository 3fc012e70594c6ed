"""What a contract declares to be checked of a dataset's accepted rows, beyond single values.

Only the declarations belong here, as a contract file writes them under `checks:`. What is checked
where a contract names nothing is worked out in `checked`; the queries are those of the dbt project.
"""

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Sense = Literal["=", "<="]
_NAME = r"^[a-z][a-z0-9_]*$"
_RELATION = re.compile(r"([^<=]+)(<=|=)([^<=]+)")
_TERM = re.compile(r"([a-z][a-z0-9_]*)(\?)?")


class Term(NamedTuple):
    """A field of one side of a relation; an optional one counts as 0 where it is missing."""

    field: str
    optional: bool


class Sides(NamedTuple):
    """A relation taken apart: the sum of the left fields is equal to, or at most, the right sum."""

    left: tuple[Term, ...]
    sense: Sense
    right: tuple[Term, ...]


def _terms(side: str) -> tuple[Term, ...]:
    found = [_TERM.fullmatch(term.strip()) for term in side.split("+")]
    terms = tuple(Term(match[1], bool(match[2])) for match in found if match)
    if len(terms) < len(found) or all(term.optional for term in terms):
        raise ValueError(
            f"'{side.strip()}' is not a sum of fields such as `used + dumped?`; a field with ? "
            "counts as 0 where it is missing, and one of them has to be without ?"
        )
    return terms


def _sides(text: str) -> Sides:
    match = _RELATION.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no relation: write `a + b = c + d?` or `a <= b`")
    return Sides(_terms(match[1]), "<=" if match[2] == "<=" else "=", _terms(match[3]))


def _readable(text: str) -> str:
    _sides(text)
    return text


class Relation(BaseModel):
    """What holds between number fields of one row: two sums are equal, or one is at most the other.

    `holds` is its text: `opening_stock + generated = used + dumped? + closing_stock` or
    `treated <= collected`. `rule` is the finding rule (seed `rules` of the dbt project) that a row
    breaks where it does not hold; `id` names the relation among those of its dataset, and with it
    the finding, so it never changes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=_NAME)
    rule: str = Field(pattern=_NAME)
    holds: Annotated[str, AfterValidator(_readable)]

    @property
    def sides(self) -> Sides:
        """Its text taken apart."""
        return _sides(self.holds)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all its fields."""
        return tuple(term.field for term in (*self.sides.left, *self.sides.right))


def _key_or_false(value: Any) -> Any:
    if value is not False and not isinstance(value, str):
        raise ValueError("name the key field, or write false")
    return value


# The name of a key field, False for "not checked", None where the contract says nothing.
KeyOrFalse = Annotated[str | Literal[False] | None, BeforeValidator(_key_or_false)]


class Checks(BaseModel):
    """The part `checks:` of a contract; what it leaves out follows from the fields (`checked`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    periods: bool | None = None
    """Each series has every period between its first and its last: missing_periods."""
    townships: bool | None = None
    """Where one township reports in a year, all do: missing_townships."""
    objects: KeyOrFalse = None
    """Key field that has no fewer values than in the year before: coverage_shrinks."""
    revisions: bool | None = None
    """Numbers that another submission gave otherwise are listed: value_revised,
    departments_differ."""
    units: bool | None = None
    """Numbers that are a factor between two units away from their series: likely_other_unit."""
    area_total: bool | None = None
    """全县 is the sum of the townships: county_differs_from_townships."""
    part_total: KeyOrFalse = None
    """Key field whose 合计 or 全部 is the sum of its other values: total_differs_from_parts."""
    relations: tuple[Relation, ...] = ()
    """What holds between the numbers of a row: the finding rule that each names."""
