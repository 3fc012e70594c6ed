"""Conventions of the dbt project that no model can hold for itself; messages say how to mend."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sources.contracts import load_contracts

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
MODELS = DBT_PROJECT / "models"


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _declared(kind: str, folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob("*.yml")):
        for node in _read(path).get(kind, []):
            yield path, node


def _seed(name: str) -> list[dict[str, str]]:
    (path,) = (DBT_PROJECT / "seeds").rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_model_and_seed_is_described_beside_itself() -> None:
    """A yml in the same folder, a description whose first sentence says what one row is."""
    wrong = []
    for kind, folder, suffix in (
        ("models", MODELS, ".sql"),
        ("seeds", DBT_PROJECT / "seeds", ".csv"),
    ):
        described = {node["name"]: (path, node) for path, node in _declared(kind, folder)}
        for file in sorted(folder.rglob(f"*{suffix}")):
            path, node = described.pop(file.stem, (None, {}))
            if path is None or path.parent != file.parent:
                wrong.append(f"{file}: add it to a yml beside it")
            elif not node.get("description", "").startswith("One row per "):
                wrong.append(f"{path}: {file.stem}: begin its description with 'One row per ...'")
        wrong += [
            f"{path}: {name} does not exist: remove it" for name, (path, _) in described.items()
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["models", "seeds"])
def test_every_column_is_described(kind: str) -> None:
    """Intermediate models, marts and seeds; staging has its columns from the contracts."""
    folder = {"models": MODELS, "seeds": DBT_PROJECT / "seeds"}[kind]
    wrong = [
        f"{path}: {node['name']}.{column['name']}: describe it"
        for path, node in _declared(kind, folder)
        for column in node.get("columns", [])
        if not column.get("description")
    ]
    wrong += [
        f"{path}: {node['name']}: list and describe its columns"
        for path, node in _declared(kind, folder)
        if "staging" not in path.parts and not node.get("columns")
    ]
    assert not wrong, "\n".join(wrong)


def test_marts_have_chinese_titles_and_types() -> None:
    """What the bi views are made of: unique titles of marts, unique titles of columns in a mart."""
    wrong = []
    titles: Counter[str] = Counter()
    for path, node in _declared("models", MODELS / "marts"):
        where = f"{path.name}: {node['name']}"
        title = node.get("config", {}).get("meta", {}).get("title_zh")
        titles[title] += 1
        if not title:
            wrong.append(f"{where}: give it config.meta.title_zh")
        columns: Counter[str] = Counter()
        for column in node["columns"]:
            name = column.get("config", {}).get("meta", {}).get("title_zh")
            columns[name] += 1
            if not name or "data_type" not in column:
                wrong.append(
                    f"{where}.{column['name']}: give it config.meta.title_zh and data_type"
                )
        wrong += [
            f"{where}: the title {name} names {n} columns" for name, n in columns.items() if n > 1
        ]
    wrong += [f"the title {title} names {n} marts" for title, n in titles.items() if n > 1]
    assert not wrong, "\n".join(wrong)


def _fixture_values(fixture: dict[str, Any], column: str) -> set[str]:
    rows = fixture.get("rows") or []
    if isinstance(rows, str):
        rows = list(csv.DictReader(rows.strip().splitlines()))
    return {str(row.get(column)) for row in rows}


def test_every_formula_has_a_unit_test() -> None:
    """Each quantity is expected somewhere in a dbt unit test."""
    expected = {
        quantity
        for _, test in _declared("unit_tests", MODELS)
        for quantity in _fixture_values(test["expect"], "quantity")
    }
    declared = {row["quantity"] for row in _seed("quantities")}
    unknown = expected - declared - {"None"}
    assert not unknown, f"give these a row in seeds/plan/quantities.csv: {sorted(unknown)}"
    missing = sorted(declared - expected)
    assert not missing, (
        "quantities without a unit test: add rows to the <domain>_formulas, _missing_inputs and "
        f"_zero_denominators tests beside their model: {missing}"
    )


def test_quantities_fit_their_indicators() -> None:
    """Same unit; datasets that exist; a change names a level and a base to compare with."""
    contracts = load_contracts()
    quantities = {row["quantity"]: row for row in _seed("quantities")}
    wrong = [
        f"{row['indicator_id']} is in {row['unit']}, {row['quantity']} in {unit}"
        for row in _seed("indicators")
        if (unit := quantities[row["quantity"]]["unit"]) != row["unit"]
    ]
    for name, row in quantities.items():
        wrong += [
            f"{name}: no dataset {dataset} in sources/contracts"
            for dataset in row["datasets"].split(";")
            if dataset not in contracts.datasets
        ]
        if bool(row["change_of"]) != (row["comparison_base"] != "none"):
            wrong.append(f"{name}: a change_of needs a comparison_base, and the other way round")
        if row["change_of"] and row["change_of"] not in quantities:
            wrong.append(f"{name}: no quantity {row['change_of']}")
    assert not wrong, "\n".join(wrong)


def test_reference_figures_are_numbers_of_their_print() -> None:
    """baseline_2020 is the number in baseline_2020_raw, target_2025 that in target_2025_raw."""
    for row in _seed("indicators"):
        for column in ("baseline_2020", "target_2025"):
            if row[column]:
                printed = row[f"{column}_raw"].strip("≤*%")
                assert float(printed) == float(row[column]), (row["indicator_id"], column)


def test_differences_cover_every_dataset_with_an_area() -> None:
    """int_area_differences compares 全县 with the townships of each dataset that has an area."""
    text = (MODELS / "intermediate" / "findings" / "int_area_differences.sql").read_text(
        encoding="utf-8"
    )
    missing = [
        contract.dataset
        for contract in load_contracts()
        if any(f.type == "area" and f.key for f in contract.fields)
        and f"'{contract.dataset}'" not in text
    ]
    assert not missing, f"add to the list in int_area_differences.sql: {missing}"


def test_county_is_an_area_of_the_contracts() -> None:
    """The name of the county in dbt_project.yml is that of the areas."""
    project = _read(DBT_PROJECT / "dbt_project.yml")
    kinds = {row["area"]: row["kind"] for row in _seed("contract_areas")}
    assert kinds.get(project["vars"]["county"]) == "county", "mend vars.county in dbt_project.yml"
