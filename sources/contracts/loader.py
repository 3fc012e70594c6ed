"""Reads the contract files and says, with file and line, what is wrong in them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sources.contracts.model import Area, Areas, Contract, Contracts, Department, Unit, Units, fold

HERE = Path(__file__).parent
T = TypeVar("T", bound=BaseModel)
Location = tuple[Any, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(ValueError):
    """Contract files that cannot be used: one line a problem, each with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the contracts have errors:\n" + "\n".join(f"  {p}" for p in problems))
        self.problems = problems


class _File:
    """A YAML file as plain data that remembers the line each value stands on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self._lines: dict[Location, int] = {}
        self.data: Any = None
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            try:
                root = loader.get_single_node()
                self.data = self._value(loader, root, ()) if root else None
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.problems.append(f"{path}:{line}: not valid YAML: {error.problem}")
        except UnicodeDecodeError as error:
            self.problems.append(f"{path}:1: not UTF-8 text: {error}")

    def _value(self, loader: Any, node: yaml.Node, at: Location) -> Any:
        self._lines[at] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            result: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = loader.construct_object(key_node, deep=True)
                if key in result:
                    line = key_node.start_mark.line + 1
                    self.problems.append(f"{self.path}:{line}: '{key}' stands here twice")
                result[key] = self._value(loader, value_node, (*at, key))
                self._lines[(*at, key)] = key_node.start_mark.line + 1
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, item, (*at, i)) for i, item in enumerate(node.value)]
        return loader.construct_object(node, deep=True)

    def line(self, at: Location) -> int:
        while at not in self._lines and at:
            at = at[:-1]
        return self._lines.get(at, 1)

    def complain(self, at: Location, message: str) -> None:
        self.problems.append(f"{self.path}:{self.line(at)}: {message}")

    def parse(self, model: type[T], data: Any, at: Location = ()) -> T | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for problem in error.errors():
                where = (*at, *problem["loc"])
                name = ".".join(str(part) for part in problem["loc"])
                message = problem["msg"].removeprefix("Value error, ")
                given = problem["input"]
                shown = f" (given: {given!r})" if isinstance(given, str | int | float) else ""
                self.complain(where, f"{name}: {message}{shown}" if name else message)
            return None


def _table(path: Path, name: str, model: type[T], problems: list[str]) -> list[T]:
    file = _File(path)
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


def _check_fields(file: _File, contract: Contract) -> None:
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


def _check_references(file: _File, contract: Contract, tables: Contracts) -> None:
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
    unit_table = _build(folder / "units.yml", lambda: Units(units), problems) or Units(())
    tables = Contracts((), unit_table, Areas(areas), departments)
    datasets: list[Contract] = []
    for path in sorted((folder / "datasets").glob("*.yml")):
        file = _File(path)
        if not file.problems:
            contract = file.parse(Contract, file.data)
            if contract is not None:
                _check_fields(file, contract)
                _check_references(file, contract, tables)
                datasets.append(contract)
        problems += file.problems
    if not datasets and not problems:
        problems.append(f"{folder / 'datasets'}: no contract file (*.yml) is here")
    if problems:
        raise ContractError(problems)
    return Contracts(datasets, tables.units, tables.areas, departments)


@cache
def load_contracts() -> Contracts:
    """The product's contracts, read once a process. Raises ContractError."""
    return read_contracts(HERE)
