"""A county's own plan: a folder of CSV files that replace the product's tables of the same names.

`county.csv` names the county, `areas.csv` its townships, `departments.csv` its departments; every
other file is a seed of the dbt project that the plans print (meta `of_county`), with the same
columns. A table that is not in the folder is the product's. Only reading, validating and handing
out these tables belongs here; docs/regions.md describes the files.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sources.contracts.model import Area, County, Department
from sources.contracts.yaml_file import validation_problems

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
COUNTY, AREAS, DEPARTMENTS = "county", "areas", "departments"
_COLUMNS = {
    COUNTY: ("name_zh", "city_zh", "province_zh", "identifier"),
    AREAS: ("area", "kind", "aliases"),
    DEPARTMENTS: ("department", "name_zh"),
}
_WHOLE_COUNTY = "全县"  # vars.county of the dbt project
_NOTES = (".md", ".txt")  # what may lie beside the tables
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
M = TypeVar("M", bound=BaseModel)


class PlanError(ValueError):
    """A plan that cannot be used: one line a problem, each with file, line, column and value."""

    def __init__(self, problems: Sequence[str]) -> None:
        listed = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"the county's plan has errors; nothing was started:\n{listed}")
        self.problems = list(problems)


@dataclass(frozen=True)
class Table:
    """A CSV file: its columns, and its rows with the line where each ends."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]

    def text(self) -> str:
        """Return the table as dbt reads it: UTF-8, separated by commas, empty cells as null."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(row.values() for _, row in self.rows)
        return out.getvalue()


@dataclass(frozen=True)
class Plan:
    """The tables of a plan's folder; None or missing where the product's are in force.

    `products` are the names of those that are the product's.
    """

    folder: Path
    county: County
    areas: tuple[Area, ...] | None
    departments: tuple[Department, ...] | None
    seeds: Mapping[str, Table]
    products: tuple[str, ...]
    digest: str = field(repr=False)

    def summary(self) -> str:
        """Return whose plan it is, and which tables are the product's, in a sentence."""
        rest = f"; tables of the product: {', '.join(self.products)}" if self.products else ""
        return f"plan of {self.county.name_zh} ({self.folder}){rest}"


@dataclass(frozen=True)
class Seed:
    """A seed of the dbt project as its yml declares it: types, and the tests of its values."""

    name: str
    of_county: bool
    types: Mapping[str, str]
    key: tuple[str, ...]
    required: frozenset[str]
    allowed: Mapping[str, tuple[str, ...]]
    references: Mapping[str, tuple[str, str]]


def _integer(text: str) -> bool:
    return re.fullmatch(r"-?\d+", text) is not None


def _number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


# How a cell of a type is told from a mistake; other types take any text.
_TYPES: dict[str, tuple[Callable[[str], bool], str]] = {
    "bigint": (_integer, "write a whole number"),
    "double": (_number, "write a number without its unit"),
    "boolean": (lambda text: text in ("true", "false"), "write true or false"),
}


def seeds() -> dict[str, Seed]:
    """Return the seeds that the dbt project declares, by their names."""
    found = {}
    for path in sorted(SEEDS.rglob("*.yml")):
        for declared in yaml.load(path.read_text(encoding="utf-8"), _LOADER)["seeds"]:
            seed = _seed(declared)
            found[seed.name] = seed
    return found


def _seed(declared: Mapping[str, Any]) -> Seed:
    config = declared["config"]
    required, allowed, references = set(), {}, {}
    for column in declared.get("columns", ()):
        for test in column.get("data_tests", ()):
            if test == "not_null":
                required.add(column["name"])
            elif "accepted_values" in test:
                allowed[column["name"]] = tuple(test["accepted_values"]["arguments"]["values"])
            elif "relationships" in test:
                target = test["relationships"]["arguments"]
                [table] = re.findall(r"ref\('(\w+)'\)", target["to"])
                references[column["name"]] = (table, target["field"])
    keys = [t["unique_key"] for t in declared.get("data_tests", ()) if "unique_key" in t]
    return Seed(
        name=declared["name"],
        of_county=config.get("meta", {}).get("of_county", False),
        types=config["column_types"],
        key=tuple(keys[0]["arguments"]["columns"]) if keys else (),
        required=frozenset(required),
        allowed=allowed,
        references=references,
    )


def read_plan(folder: Path, departments: Iterable[Department]) -> Plan:
    """Read the plan of a folder; `departments` are the product's, whose codes contracts name.

    Raises PlanError with every problem found.
    """
    if not folder.is_dir():
        raise PlanError([f"{folder}: there is no such folder; create it, or unset ECO_PLAN"])
    declared = seeds()
    known = [*_COLUMNS, *(seed.name for seed in declared.values() if seed.of_county)]
    problems: list[str] = []
    tables: dict[str, Table] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")) or path.suffix.lower() in _NOTES:
            continue
        if path.suffix != ".csv" or path.stem not in known:
            problems.append(
                f"{path}: no table of a plan; its tables are {', '.join(sorted(known))}, each a "
                "file with the extension .csv"
            )
            continue
        tables[path.stem] = _read(path, problems)
    given = {name: table for name, table in tables.items() if name in declared}
    for name, table in given.items():
        problems += _problems_of_seed(declared[name], table)
    county = _county(folder, tables, problems)
    areas = _areas(tables, problems)
    own = _departments(tables, {each.department: each for each in departments}, problems)
    if not problems:
        problems += _broken_references(declared, given)
        problems += _numbering_problems(given)
        problems += _unit_problems(given)
    if problems or county is None:
        raise PlanError(problems)
    digest = sha256()
    for name, table in sorted(tables.items()):
        digest.update(f"{name}\0{table.text()}\0".encode())
    products = tuple(name for name in known if name not in tables)
    return Plan(folder, county, areas, own, given, products, digest.hexdigest())


def _read(path: Path, problems: list[str]) -> Table:
    """Read a CSV file; rows that have too many or too few cells are problems."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(f"{path}:1: not UTF-8 text; save it as “CSV UTF-8”")
        return Table(path, (), ())
    reader = csv.reader(io.StringIO(text, newline=""))
    columns = tuple(next(reader, ()))
    rows = []
    for cells in reader:
        if len(cells) == len(columns):
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            rows.append((reader.line_num, row))
        elif any(cells):
            problems.append(
                f"{path}:{reader.line_num}: {len(cells)} cells instead of {len(columns)}; a text "
                "with commas goes between double quotes"
            )
    return Table(path, columns, tuple(rows))


def product_table(name: str) -> Table:
    """Return the product's own table of a seed."""
    [path] = SEEDS.glob(f"*/{name}.csv")
    return _read(path, [])


def _column_problems(table: Table, columns: Sequence[str]) -> list[str]:
    if table.columns == tuple(columns) or not table.columns:
        return []
    return [
        f"{table.path}:1: the columns are {','.join(table.columns)}; they must be "
        f"{','.join(columns)}, in this order"
    ]


def _cell(table: Table, line: int, column: str, value: str, remedy: str) -> str:
    return f"{table.path}:{line}: column {column}: '{value}': {remedy}"


def _problems_of_seed(seed: Seed, table: Table) -> Iterator[str]:
    """Yield what is wrong in a table by what the yml of its seed says."""
    if wrong := _column_problems(table, tuple(seed.types)):
        yield from wrong
        return
    for line, row in table.rows:
        for column, value in row.items():
            if remedy := _remedy(seed, column, value):
                yield _cell(table, line, column, value, remedy)
    yield from _repeated(table, seed.key)


def _remedy(seed: Seed, column: str, value: str) -> str | None:
    """Return what a cell should be, None when it is right."""
    if not value:
        return "a value is needed here" if column in seed.required else None
    is_right, remedy = _TYPES.get(seed.types[column], (None, ""))
    if is_right is not None and not is_right(value):
        return remedy
    if column in seed.allowed and value not in seed.allowed[column]:
        return f"write one of {', '.join(seed.allowed[column])}"
    return None


def _repeated(table: Table, key: Sequence[str]) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in table.rows if key else ():
        values = tuple(row[column] for column in key)
        if not all(values):
            yield _cell(table, line, ", ".join(key), ", ".join(values), "the key needs a value")
        first = seen.setdefault(values, line)
        if first != line:
            remedy = f"line {first} has the same; keep one of them"
            yield _cell(table, line, ", ".join(key), ", ".join(values), remedy)


def _broken_references(declared: Mapping[str, Seed], given: Mapping[str, Table]) -> Iterator[str]:
    """Yield values that name a row of another table which is not there; either may be given."""
    own: dict[str, Table] = {}

    def table_of(name: str) -> Table:
        return given.get(name) or own.setdefault(name, product_table(name))

    for seed in declared.values():
        for column, (target, target_column) in seed.references.items():
            if not {seed.name, target} & given.keys():
                continue
            known = {row[target_column] for _, row in table_of(target).rows}
            table = table_of(seed.name)
            broken = [(line, row[column]) for line, row in table.rows if row[column] not in known]
            for line, value in broken:
                if not value:
                    continue
                if seed.name in given:
                    remedy = f"it is no {target_column} of {target}.csv; correct one of the two"
                else:
                    remedy = (
                        f"the product's {seed.name}.csv names it, and this plan's {target}.csv "
                        f"lacks it; give a {seed.name}.csv of the county too"
                    )
                yield _cell(table, line, column, value, remedy)


def _numbering_problems(given: Mapping[str, Table]) -> Iterator[str]:
    """Yield indicators that are not numbered as in the plan's table: A01, A02 and on."""
    table = given.get("indicators")
    counts: dict[str, int] = {}
    for line, row in table.rows if table else ():
        counts[row["plan"]] = counts.get(row["plan"], 0) + 1
        expected = f"{row['plan']}{counts[row['plan']]:02}"
        if table and row["indicator_id"] != expected:
            yield _cell(table, line, "indicator_id", row["indicator_id"], f"write {expected}")


def _unit_problems(given: Mapping[str, Table]) -> Iterator[str]:
    """Yield targets in another unit than the quantity that measures them: none is converted."""
    units = {row["quantity"]: row["unit"] for _, row in product_table("quantities").rows}
    for name in ("indicators", "text_targets"):
        for line, row in given[name].rows if name in given else ():
            column = "measured_unit" if row.get("measured_unit") else "unit"
            unit = units.get(row["quantity"])
            if unit is not None and row[column] != unit:
                remedy = f"{row['quantity']} is measured in {unit}; give the target in that unit"
                yield _cell(given[name], line, column, row[column], remedy)


def _parsed(table: Table, model: type[M], row: Mapping[str, Any], line: int) -> tuple[Any, Any]:
    try:
        return model.model_validate(row), []
    except ValidationError as error:
        return None, [f"{table.path}:{line}: {text}" for _, text in validation_problems(error)]


def _given(tables: Mapping[str, Table], name: str, problems: list[str]) -> Table | None:
    """Return a table that is no seed; None where it is not there or has other columns."""
    table = tables.get(name)
    wrong = _column_problems(table, _COLUMNS[name]) if table else []
    problems += wrong
    return None if wrong else table


def _county(folder: Path, tables: Mapping[str, Table], problems: list[str]) -> County | None:
    if COUNTY not in tables:
        columns = ",".join(_COLUMNS[COUNTY])
        problems.append(
            f"{folder / COUNTY}.csv: it is missing; a plan names its county: one row with {columns}"
        )
        return None
    table = _given(tables, COUNTY, problems)
    if table is None:
        return None
    if len(table.rows) != 1:
        problems.append(f"{table.path}:1: {len(table.rows)} rows; a plan is that of one county")
        return None
    [(line, row)] = table.rows
    county, wrong = _parsed(table, County, row, line)
    problems += wrong
    return county


def _areas(tables: Mapping[str, Table], problems: list[str]) -> tuple[Area, ...] | None:
    table = _given(tables, AREAS, problems)
    if table is None:
        return None
    problems += _repeated(table, ("area",))
    areas = []
    for line, row in table.rows:
        aliases = tuple(filter(None, row["aliases"].split(";")))
        area, wrong = _parsed(table, Area, {**row, "aliases": aliases}, line)
        problems += wrong
        areas.append(area)
    counties = [row["area"] for _, row in table.rows if row["kind"] == "county"]
    if counties != [_WHOLE_COUNTY]:
        problems.append(
            f"{table.path}:1: column kind: the areas of kind county are {counties}; there must be "
            f"one, called {_WHOLE_COUNTY} (the county's name is in {COUNTY}.csv)"
        )
    return tuple(areas)


def _departments(
    tables: Mapping[str, Table], known: Mapping[str, Department], problems: list[str]
) -> tuple[Department, ...] | None:
    """Return the departments with the plan's names; each code of the product must have one."""
    table = _given(tables, DEPARTMENTS, problems)
    if table is None:
        return None
    problems += _repeated(table, ("department",))
    problems += _repeated(table, ("name_zh",))
    named = {row["department"]: row["name_zh"] for _, row in table.rows}
    for line, row in table.rows:
        if row["department"] not in known:
            remedy = f"write one of the codes {', '.join(known)}"
            problems.append(_cell(table, line, "department", row["department"], remedy))
    if missing := [code for code in known if code not in named]:
        problems.append(
            f"{table.path}:1: column department: {', '.join(missing)} is missing; each code needs "
            "a name, also where one department does the work of two"
        )
        return None
    return tuple(d.model_copy(update={"name_zh": named[c]}) for c, d in known.items())
