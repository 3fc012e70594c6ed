"""Reads the contract files and says, with file and line, what is wrong in them.

The product's contracts are those of its own county, or of the plan that `use_plan` puts in force.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sources.characters import fold
from sources.contracts import checked
from sources.contracts.archetypes import Archetype
from sources.contracts.model import Area, Areas, Contract, Contracts, County, Department
from sources.contracts.plan import Plan, Table, product_table, read_plan
from sources.contracts.units import Unit, Units
from sources.contracts.yaml_file import T, YamlFile

HERE = Path(__file__).parent
_NO_COUNTY = County(name_zh="无名", identifier="none")  # where county.yml has mistakes


class ContractError(ValueError):
    """Contract files that cannot be used: one line a problem, each with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the contracts have errors:\n" + "\n".join(f"  {p}" for p in problems))
        self.problems = problems


def _table(path: Path, name: str, model: type[T], problems: list[str]) -> list[T]:
    file = YamlFile(path)
    rows = file.data.get(name) if isinstance(file.data, dict) else None
    if not isinstance(rows, list) and not file.problems:
        file.complain((), f"expected a list under '{name}:'")
    parsed = [file.parse(model, row, (name, i)) for i, row in enumerate(rows or [])]
    problems += file.problems
    return [row for row in parsed if row is not None]


def _build(path: Path, make: Callable[[], Any], problems: list[str]) -> Any:
    try:
        return make()
    except ValueError as error:
        problems.append(f"{path}:1: {error}")
        return None


def _check_fields(file: YamlFile, contract: Contract) -> None:
    """What a contract's fields must be to each other."""
    names: set[str] = set()
    headers: dict[str, str] = {}
    for i, field in enumerate(contract.fields):
        if field.field in names:
            file.complain(("fields", i, "field"), f"the field '{field.field}' stands here twice")
        names.add(field.field)
        for title in field.titles:
            other = headers.setdefault(fold(title), field.field)
            if other != field.field:
                file.complain(
                    ("fields", i), f"the header '{title}' names both {other} and {field.field}"
                )
    for i, alternative in enumerate(contract.row_needs):
        for name in alternative:
            if name not in names:
                file.complain(("row_needs", i), f"row_needs names '{name}', which is no field")
    if not contract.key_fields:
        file.complain(("fields",), "no field is marked key: true")
    for place, message in checked.problems(contract):
        file.complain(place, message)


def _check_roles(file: YamlFile, contract: Contract, archetypes: Mapping[str, Archetype]) -> None:
    """Check a contract's archetype and the fields that its roles name."""
    if contract.archetype is None:
        if contract.roles:
            file.complain(("roles",), "roles without an archetype")
        return
    archetype = archetypes.get(contract.archetype)
    if archetype is None:
        known = ", ".join(archetypes)
        file.complain(("archetype",), f"'{contract.archetype}' is none of: {known}")
        return
    if (missing := archetype.missing(contract.roles)) is not None:
        file.complain(("roles",), f"archetype {archetype.archetype} requires the role {missing}")
    names = {field.field for field in contract.fields}
    for name, role in contract.roles.items():
        if name not in archetype.roles:
            known = ", ".join(sorted(archetype.roles))
            file.complain(
                ("roles", name),
                f"'{name}' is no role of archetype {archetype.archetype}, which has: {known}",
            )
        for field in role.named_fields:
            if field not in names:
                file.complain(("roles", name), f"role {name} names '{field}', which is no field")


def _check_references(file: YamlFile, contract: Contract, tables: Contracts) -> None:
    """What a contract says of the code tables."""
    if file.path.stem != contract.dataset:
        file.complain(("dataset",), f"the file of '{contract.dataset}' must be its name + .yml")
    for i, department in enumerate(contract.departments_allowed):
        if department not in tables.departments:
            file.complain(("departments_allowed", i), f"no department has the code '{department}'")
    for i, field in enumerate(contract.fields):
        if field.unit and tables.units.find(field.unit) is None:
            file.complain(
                ("fields", i, "unit"), f"{field.field}: the unit '{field.unit}' is not in units.yml"
            )


def read_contracts(folder: Path) -> Contracts:
    """Read the contracts of a folder laid out as this one.

    Raises ContractError with every problem found, each with file and line.
    """
    problems: list[str] = []
    units = _table(folder / "units.yml", "units", Unit, problems)
    areas = _table(folder / "areas.yml", "areas", Area, problems)
    departments = _table(folder / "departments.yml", "departments", Department, problems)
    counties = _table(folder / "county.yml", "county", County, problems)
    if len(counties) != 1 and not problems:
        problems.append(f"{folder / 'county.yml'}:1: it must name one county")
    county = counties[0] if counties else _NO_COUNTY
    unit_table = _build(folder / "units.yml", lambda: Units(units), problems) or Units(())
    archetypes = _table(folder / "archetypes.yml", "archetypes", Archetype, problems)
    tables = Contracts((), unit_table, Areas(areas, county), departments, archetypes)
    datasets: list[Contract] = []
    for path in sorted((folder / "datasets").glob("*.yml")):
        file = YamlFile(path)
        if not file.problems:
            contract = file.parse(Contract, file.data)
            if contract is not None:
                _check_fields(file, contract)
                _check_references(file, contract, tables)
                _check_roles(file, contract, tables.archetypes)
                datasets.append(contract)
        problems += file.problems
    if not datasets and not problems:
        problems.append(f"{folder / 'datasets'}: no contract file (*.yml) is here")
    if problems:
        raise ContractError(problems)
    return Contracts(datasets, tables.units, tables.areas, departments, archetypes)


@cache
def product_contracts() -> Contracts:
    """The product's contracts with its own county, read once a process. Raises ContractError."""
    return read_contracts(HERE)


def with_plan(contracts: Contracts, plan: Plan) -> Contracts:
    """Return contracts with the county, areas and departments of a plan."""
    own = contracts.areas.declared if plan.areas is None else plan.areas
    return Contracts(
        contracts,
        contracts.units,
        Areas(own, plan.county),
        contracts.departments.values() if plan.departments is None else plan.departments,
        contracts.archetypes.values(),
    )


@dataclass
class _InForce:
    folder: Path | None = None
    plan: Plan | None = None
    contracts: Contracts | None = None


# One for the process, which works for one county: a command, a load, a service.
_IN_FORCE = _InForce()


def use_plan(folder: Path | None) -> None:
    """Put the plan of a folder in force in this process; None: the product's own.

    It is read when it is first needed, so that mistakes in it stop only what depends on it, and
    stays as it was then until the next call.
    """
    _IN_FORCE.folder, _IN_FORCE.plan, _IN_FORCE.contracts = folder, None, None


def plan_in_force() -> Plan | None:
    """Return the county's own plan in force, None where it is the product's.

    Raises PlanError when the plan has errors.
    """
    if _IN_FORCE.folder is not None and _IN_FORCE.plan is None:
        departments = product_contracts().departments.values()
        _IN_FORCE.plan = read_plan(_IN_FORCE.folder, departments)
    return _IN_FORCE.plan


def plan_table(name: str) -> Table:
    """Return the table of a seed that the plan in force gives, else the product's own."""
    plan = plan_in_force()
    return plan.seeds[name] if plan and name in plan.seeds else product_table(name)


def load_contracts() -> Contracts:
    """The contracts in force: the product's, with the county of the plan in force.

    Raises ContractError, PlanError.
    """
    plan = plan_in_force()
    if plan is None:
        return product_contracts()
    if _IN_FORCE.contracts is None:
        _IN_FORCE.contracts = with_plan(product_contracts(), plan)
    return _IN_FORCE.contracts
