"""What is checked of a dataset's accepted rows: as its contract declares, else by its fields.

A contract names only what differs from these rules, so that a new dataset is checked without
anyone remembering it. The form of a declaration is `checks`'s; `derived` writes what is found here
into the dbt sources, whose macros make the queries (dbt_project/models/intermediate/findings).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sources.contracts.archetypes import Archetype
from sources.contracts.checks import Relation
from sources.contracts.model import Contract, Field

_RECURRING = ("statistic", "observation")  # kinds that are reported again and again
_REPORTS = ("year", "month")  # keys of reports; dates and times are those of single measurements
Place = tuple[str | int, ...]  # of a declaration in its file


@dataclass(frozen=True)
class Checked:
    """What is checked of one dataset; `checks.Checks` says what each name means.

    `periods` is the number of periods of a year; `townships`, `objects`, `area_total` and
    `part_total` are the key field concerned, `revisions` and `units` the numbers. None or empty:
    not checked.
    """

    periods: int | None
    townships: Field | None
    objects: Field | None
    revisions: tuple[Field, ...]
    units: tuple[Field, ...]
    area_total: Field | None
    part_total: Field | None
    relations: tuple[Relation, ...]


def checked(contract: Contract) -> Checked:
    """Return what is checked of a dataset whose declarations have no `problems`."""
    declared, recurring = contract.checks, contract.kind in _RECURRING
    reports = recurring and _is_report(contract)
    return Checked(
        periods=_periods(contract) if _asked(declared.periods, recurring) else None,
        townships=_dated_area(contract) if _asked(declared.townships, recurring) else None,
        objects=_key(contract, declared.objects, _object(contract) if recurring else None),
        revisions=_numbers(contract) if _asked(declared.revisions, reports) else (),
        units=_in_units(contract)
        if _asked(declared.units, recurring and _is_small(contract))
        else (),
        area_total=_summed_area(contract) if _asked(declared.area_total, reports) else None,
        part_total=_key(contract, declared.part_total, _part(contract) if reports else None),
        relations=declared.relations,
    )


def days_in_order(
    contract: Contract, archetypes: Mapping[str, Archetype]
) -> Iterator[tuple[Field, Field]]:
    """Yield pairs of a dataset's fields: the day of the second is not before that of the first."""
    archetype = archetypes.get(contract.archetype or "")
    for pair in archetype.in_order if archetype is not None else ():
        fields = [
            contract.field(role.fields[0])
            for name in pair
            if (role := contract.roles.get(name)) is not None and role.fields
        ]
        if len(fields) == 2 and all(f.type in ("date", "datetime") for f in fields):
            yield fields[0], fields[1]


def _asked(declared: bool | None, usual: bool) -> bool:
    return usual if declared is None else declared


def _key(contract: Contract, declared: str | bool | None, usual: Field | None) -> Field | None:
    if isinstance(declared, str):
        return contract.field(declared)
    return usual if declared is None else None


def _is_report(contract: Contract) -> bool:
    """Tell whether a row speaks of a year or month, and not of a single measurement."""
    return contract.dating_key is not None and contract.dating_key.type in _REPORTS


def _periods(contract: Contract) -> int | None:
    """Return how many periods of a year the cadence and the key tell apart."""
    if contract.dating_key is None or contract.period_months is None:
        return None
    return 1 if contract.dating_key.type == "year" else 12 // contract.period_months


def _dated_area(contract: Contract) -> Field | None:
    return contract.area_key if contract.dating_key else None


def _numbers(contract: Contract) -> tuple[Field, ...]:
    return tuple(f for f in contract.fields if f.is_measured)


def _in_units(contract: Contract) -> tuple[Field, ...]:
    """Return the numbers that have a unit and a history to be compared with."""
    return tuple(f for f in _numbers(contract) if f.unit) if contract.dating_key else ()


def _is_small(contract: Contract) -> bool:
    """Tell whether all rows may be read each night: not those that come daily."""
    return contract.cadence != "daily"


def _has_sums(contract: Contract) -> bool:
    return _is_report(contract) and any(f.adds_up for f in contract.fields)


def _summed_area(contract: Contract) -> Field | None:
    return contract.area_key if _has_sums(contract) else None


def _object(contract: Contract) -> Field | None:
    """Return the key field that names stations, works, enterprises: its first text.

    None where rows are those of areas. None where they come daily: to count the objects of a year
    is to read all its rows each night, so a contract has to ask for it.
    """
    if contract.dating_key is None or contract.area_key or not _is_small(contract):
        return None
    return contract.first_key(("string",))


def _part(contract: Contract) -> Field | None:
    """Return the key field that splits a total: the last that may name one and no object."""
    if not _has_sums(contract):
        return None
    objects = None if contract.area_key else contract.first_key(("string",))
    parts = [f for f in contract.key_fields if f.may_name_a_total and f is not objects]
    return parts[-1] if parts else None


def problems(contract: Contract) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong with the declarations under `checks:`: the place in the file and why."""
    declared = contract.checks
    cannot = {
        "periods": (_periods(contract), "a date in its key, and to be monthly, quarterly, annual"),
        "townships": (_dated_area(contract), "an area and a date in its key"),
        "revisions": (_numbers(contract), "a number beside its key"),
        "units": (_in_units(contract), "a date in its key and numbers with a unit"),
        "area_total": (_summed_area(contract), "an area, a year or month in its key, and amounts"),
    }
    for name, (possible, needed) in cannot.items():
        if getattr(declared, name) and not possible:
            yield ("checks", name), f"{name}: true is not possible: the dataset needs {needed}"
    yield from _wrong_keys(contract)
    yield from _wrong_unit_fields(contract)
    yield from _wrong_relations(contract)


def _wrong_keys(contract: Contract) -> Iterator[tuple[Place, str]]:
    keys = {f.field: f for f in contract.key_fields}
    objects, part = contract.checks.objects, contract.checks.part_total
    if objects and (objects not in keys or keys[objects].type not in ("string", "enum")):
        yield ("checks", "objects"), f"objects: '{objects}' is no text of the key"
    elif objects and contract.dating_key is None:
        yield ("checks", "objects"), "objects: no date in the key tells one year from the next"
    if part and (part not in keys or not keys[part].may_name_a_total):
        message = f"part_total: '{part}' is no key field in which 合计 or 全部 may stand"
        yield ("checks", "part_total"), message
    elif part and not _has_sums(contract):
        message = "part_total: the dataset needs a year or month in its key, and amounts"
        yield ("checks", "part_total"), message


def _wrong_unit_fields(contract: Contract) -> Iterator[tuple[Place, str]]:
    texts = {f.field for f in contract.fields if f.type in ("string", "enum")}
    for i, field in enumerate(contract.fields):
        if field.unit_field and field.unit_field not in texts:
            message = f"{field.field}: unit_field names '{field.unit_field}', which is no text"
            yield ("fields", i, "unit_field"), message


def _wrong_relations(contract: Contract) -> Iterator[tuple[Place, str]]:
    numbers = {f.field: f for f in contract.fields if f.is_measured}
    seen: set[str] = set()
    for i, relation in enumerate(contract.checks.relations):
        place: Place = ("checks", "relations", i)
        if relation.id in seen:
            yield (*place, "id"), f"the relation '{relation.id}' stands here twice"
        seen.add(relation.id)
        unknown = [name for name in relation.fields if name not in numbers]
        if unknown:
            yield (*place, "holds"), f"{relation.id}: {unknown} are no numbers beside the key"
            continue
        units = {name: numbers[name].unit for name in relation.fields}
        if len(set(units.values())) > 1:
            yield (*place, "holds"), f"{relation.id}: the fields have several units: {units}"
