"""Conventions of the dbt project across its files; messages name the correction."""

import csv
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from orchestration.dbt_build import runner
from orchestration.project import conventions
from sources.contracts import load_contracts
from sources.contracts.checked import checked
from sources.contracts.model import TOTAL_LABELS

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
MODELS = DBT_PROJECT / "models"


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _seed(name: str) -> list[dict[str, str]]:
    (path,) = (DBT_PROJECT / "seeds").rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_models_and_seeds_are_described() -> None:
    """A yml beside each with its grain, every column described, titles and types of the marts."""
    found = conventions.problems()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("yml", "words"),
    [
        ("models: [{name: m, description: Sums.}]", "m: begin its description with 'One row per"),
        ("models: [{name: m, description: One row per x.}]", "m: list and describe its columns"),
        (
            "models: [{name: m, description: One row per x., columns: [{name: a}]}]",
            "m.a: describe it",
        ),
        ("models: [{name: m, description: One row per x.}]", "m: give it config.meta.title_zh"),
        (
            "models: [{name: m, description: One row per x., columns: [{name: a, description: b, "
            "data_type: double, config: {meta: {title_zh: 甲}}}]}]",
            "m.a: give it config.meta.unit, unit_column or unit_note",
        ),
        ("models: [{name: gone, description: One row per x.}]", "gone does not exist"),
        ("models: [}", "m.yml:1: not valid YAML"),
    ],
)
def test_what_is_missing_is_named(
    yml: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marts = tmp_path / "models" / "marts"
    marts.mkdir(parents=True)
    (marts / "m.sql").write_text("select 1 as a", encoding="utf-8")
    (marts / "m.yml").write_text(yml, encoding="utf-8")
    for name, path in (("DBT_PROJECT", ""), ("MODELS", "models"), ("SEEDS", "seeds")):
        monkeypatch.setattr(conventions, name, tmp_path / path)
    assert any(words in problem for problem in conventions.problems()), conventions.problems()


def _fixture_values(fixture: dict[str, Any], column: str) -> set[str]:
    rows = fixture.get("rows") or []
    if isinstance(rows, str):
        rows = list(csv.DictReader(rows.strip().splitlines()))
    return {str(row.get(column)) for row in rows}


def test_every_formula_has_a_unit_test() -> None:
    """Each quantity is expected somewhere in a dbt unit test."""
    expected = {
        quantity
        for test in conventions.declared("unit_tests", MODELS)
        for quantity in _fixture_values(test.content["expect"], "quantity")
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


def test_exposures_name_the_marts_that_are_read() -> None:
    """The report's queries read no mart that its exposure lacks; so do workbook and files."""
    exposures = {
        each["name"]: {ref.split("'")[1] for ref in each["depends_on"]}
        for each in _read(MODELS / "exposures.yml")["exposures"]
    }
    warehouse = DBT_PROJECT.parent / "warehouse"
    read = {
        "report": {
            mart
            for path in (warehouse / "report" / "queries").rglob("*.sql")
            for mart in re.findall(r"\bmarts\.(\w+)", path.read_text("utf-8"))
        },
        "open_data": {
            mart
            for name in ("workbook.yml", "workbook.py", "indicator_files.py")
            for mart in re.findall(
                r"\b(?:from|join) (\w+_\w+|findings)\b",
                (warehouse / "output" / name).read_text("utf-8"),
            )
        },
    }
    assert read["open_data"] >= {"dim_indicator", "indicator_annual", "findings"}
    for name, marts in read.items():
        missing = marts - exposures[name]
        assert not missing, f"add to exposure {name} in models/exposures.yml: {sorted(missing)}"


def test_differences_cover_every_dataset_with_an_area() -> None:
    """全县 is compared with the townships of each dataset that has an area."""
    missing = [
        contract.dataset
        for contract in load_contracts()
        if any(f.type == "area" and f.key for f in contract.fields)
        and checked(contract).area_total is None
        and contract.checks.area_total is not False
    ]
    assert not missing, f"say why in their contracts, or declare area_total: true: {missing}"


def test_totals_are_called_alike_in_contracts_and_models() -> None:
    """The names of a total in dbt_project.yml are those by which contracts find part_total."""
    project = _read(DBT_PROJECT / "dbt_project.yml")
    assert set(project["vars"]["total_labels"]) == TOTAL_LABELS


def test_county_is_an_area_of_the_contracts() -> None:
    """The name of the county in dbt_project.yml is that of the areas."""
    project = _read(DBT_PROJECT / "dbt_project.yml")
    kinds = {row["area"]: row["kind"] for row in _seed("contract_areas")}
    assert kinds.get(project["vars"]["county"]) == "county", "mend vars.county in dbt_project.yml"


def test_the_cache_of_a_parse_serves_an_unchanged_project_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache that dbt made while files changed may hold nodes that are gone."""
    cache, found, files = tmp_path / "parsed" / "partial_parse.msgpack", [], ["a"]

    class Dbt:
        def invoke(self, arguments: list[str]) -> Any:
            found.append(cache.exists())
            cache.parent.mkdir(exist_ok=True)
            (cache.parent / "manifest.json").touch()
            cache.touch()
            if len(found) == 3:
                files[0] = "changed while dbt reads"
            return SimpleNamespace(success=True, result=None)

    monkeypatch.setattr("dbt.cli.main.dbtRunner", Dbt)
    monkeypatch.setattr(runner, "_fingerprint", lambda engine: files[0])
    monkeypatch.setattr(runner, "TARGET", tmp_path)
    for name in ("MANIFEST", "PARSE_LOCK"):
        monkeypatch.setattr(runner, name, tmp_path / getattr(runner, name).name)
    for text in ("a", "a", "b", "changed while dbt reads", "changed while dbt reads"):
        files[0] = text
        runner.parsed_project()
    assert found == [False, True, False, False, True]
