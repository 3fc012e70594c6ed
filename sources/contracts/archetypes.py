"""Archetypes of supervision datasets, and the roles that a dataset's fields play in them.

A contract names its `archetype` and, under `roles`, what plays each role:

    object: unit_name                      a field
    value: [converted, concentration]      fields: the first that is given, or a list of measures
    group: {constant: 锅炉}                a text that holds for every row
    limits: {pairs: {pm10: pm10_limit}}    a field for each of several others
    only: {equals: {setting: 农村}}          rows that take part, by the values of their fields

Which roles an archetype has, and which it requires, is declared in `archetypes.yml`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Declared


class Role(BaseModel):
    """What plays one role: fields, a constant, pairs of fields, or values; one of the four."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: tuple[str, ...] = ()
    constant: str | None = None
    pairs: Mapping[str, str] = Declared(default_factory=dict)
    equals: Mapping[str, str] = Declared(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"fields": (value,)}
        if isinstance(value, list):
            return {"fields": tuple(value)}
        return value

    @model_validator(mode="after")
    def _one_form(self) -> "Role":
        forms = (self.fields, self.constant is not None, self.pairs, self.equals)
        if sum(map(bool, forms)) != 1:
            raise ValueError(
                "a role is a field, a list of fields, {constant: …}, {pairs: {…}} or {equals: {…}}"
            )
        return self

    @property
    def named_fields(self) -> tuple[str, ...]:
        """Every field that the role names."""
        return (*self.fields, *self.pairs.keys(), *self.pairs.values(), *self.equals.keys())

    def plain(self) -> dict[str, Any]:
        """Return the role as the dbt sources' meta carries it."""
        if self.fields:
            return {"fields": list(self.fields)}
        if self.pairs:
            return {"pairs": dict(self.pairs)}
        if self.equals:
            return {"equals": dict(self.equals)}
        return {"constant": self.constant}


class Archetype(BaseModel):
    """A mechanism of supervision: its roles.

    `required` holds alternatives; a dataset must have all roles of one of them. `in_order` are
    pairs of roles whose days follow each other in a row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    archetype: str = Declared(pattern=r"^[a-z][a-z0-9_]*$")
    title_zh: str
    required: tuple[tuple[str, ...], ...]
    optional: tuple[str, ...] = ()
    in_order: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _known_roles(self) -> "Archetype":
        unknown = {role for pair in self.in_order for role in pair} - self.roles
        if unknown:
            raise ValueError(f"in_order: {sorted(unknown)} are no roles of {self.archetype}")
        return self

    @property
    def roles(self) -> frozenset[str]:
        """Every role that a dataset of this archetype may have."""
        return frozenset({"only", *self.optional}).union(*self.required)

    def missing(self, given: Mapping[str, Role]) -> str | None:
        """Return the required roles that are not given, in words; None when one set is whole."""
        lacking = [[r for r in group if r not in given] for group in self.required]
        if not all(lacking):
            return None
        return " or ".join(" and ".join(group) for group in sorted(lacking, key=len))
