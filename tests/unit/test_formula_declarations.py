"""Formulas that the models declare: they fit seeds and contracts, and what `eco trace` reads."""

import copy
import csv
from typing import Any

import pytest

from orchestration.dbt_build.runner import DBT_PROJECT, read_manifest
from orchestration.project import formulas
from orchestration.project.generate import GENERATORS, stale_files
from warehouse.output import formula_fields


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_manifest()


def test_formulas_fit_the_seed_of_quantities_and_the_contracts(manifest: dict[str, Any]) -> None:
    found = formulas.problems(manifest)
    assert not found, "\n".join(found)


def test_the_file_of_fields_is_up_to_date() -> None:
    [generator] = (g for g in GENERATORS if g.source == "formulas")
    assert not stale_files(generator), "run: make generate"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "吨"}, "water_use_total: its unit is 亿m³, its formula converts to 吨"),
        ({"fields": {"water_use": ["volumes"]}}, "reads water_use.volumes, which no contract"),
        ({"fields": {"soil_erosion": ["land_area"]}}, "datasets is water_use, its formula reads"),
    ],
)
def test_what_does_not_fit_is_named(
    manifest: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    changed = copy.deepcopy(manifest)
    formula_fields.formulas(changed)["water_use_total"].update(change)
    [problem] = formulas.problems(changed)
    assert message in problem and "quantities.csv:" in problem


def test_a_quantity_without_formula_and_a_formula_without_quantity_are_named(
    manifest: dict[str, Any],
) -> None:
    changed = copy.deepcopy(manifest)
    [model] = (
        node["config"]["meta"]["formulas"]
        for node in changed["nodes"].values()
        if "redline_share" in node["config"].get("meta", {}).get("formulas", {})
    )
    model["new_share"] = model.pop("redline_share")
    missing, unknown = formulas.problems(changed)
    assert "redline_share: no model declares its formula" in missing
    assert "give new_share a row" in unknown


@pytest.mark.parametrize(
    ("quantity", "printed"),
    [
        ("urban_sewage_treatment_rate", "100*sum(sewage_treated)/sum(sewage_generated)"),
        ("soil_conservation_rate", "100*(land_area-eroded_area)/land_area"),
        ("energy_intensity", "sum(standard_coal) / GDP at constant 2020 prices"),
        ("construction_land_safe_use", "100*sum(plot_area where safely_used)/sum(plot_area)"),
        (
            "hazardous_waste_disposal_rate",
            "100*sum(used_or_disposed)/sum(opening_stock+generated-closing_stock), "
            "missing stocks count as 0; both waste classes together",
        ),
        ("water_use_total", "sum(volume), in 亿m³"),
        ("coalbed_methane_used", "sum(used) of the year, in 亿m³"),
        (
            "afforested_along_waters",
            "sum(completed_area) of programme 水网绿化 from 2021 to the year, in 亩",
        ),
        (
            "agricultural_inputs_growth",
            "100*(X[y]-X[y-1])/X[y-1], X = sum(fertiliser)+sum(pesticide)",
        ),
        ("waste_sorting_accuracy", "mean sorting_accuracy of the year weighted by collected"),
        (
            "sewage_per_day",
            "sum(treated_volume of the year)/(days of the year), in 万m³/d",
        ),
        ("gas_coverage_county_seat", "100*gas_households/households, area 县城"),
        ("industrial_wastewater", "yearly emission of 废水, source 工业, in 万吨"),
    ],
)
def test_formulas_print_what_they_compute(
    manifest: dict[str, Any], quantity: str, printed: str
) -> None:
    assert formula_fields.formulas(manifest)[quantity]["formula"] == printed


def test_the_printed_limits_of_effluent_are_those_of_the_standard(
    manifest: dict[str, Any],
) -> None:
    """The formula compares with the seed of limits, which its words repeat."""
    printed = formula_fields.formulas(manifest)["effluent_class_1a_share"]["formula"]
    with (DBT_PROJECT / "seeds/standards/effluent_limits.csv").open(encoding="utf-8") as file:
        limits = {
            row["determinand"]: float(row["limit_value"])
            for row in csv.DictReader(file)
            if row["standard"] == "GB 18918-2002 一级A"
        }
    assert f"effluent_cod <= {limits['effluent_cod']:g} and" in printed
    assert f"effluent_ammonia <= {limits['effluent_ammonia']:g})" in printed
