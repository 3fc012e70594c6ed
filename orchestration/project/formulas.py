"""Whether the formulas that the dbt models declare fit the seed of quantities and the contracts.

A formula is a macro call in a domain model (dbt_project/macros/formulas.sql); dbt's manifest holds
its printed text, unit and fields. Each problem names file and line, and how to correct it.
"""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.dbt_build.runner import DBT_PROJECT, read_manifest
from sources.contracts import Contracts, load_contracts
from warehouse.output.formula_fields import formulas

QUANTITIES = DBT_PROJECT / "seeds" / "plan" / "quantities.csv"


def _rows() -> Iterator[tuple[int, Mapping[str, str]]]:
    with QUANTITIES.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield reader.line_num, row


def _formula_problems(
    row: Mapping[str, str], formula: Mapping[str, Any], contracts: Contracts
) -> Iterator[str]:
    if set(row["datasets"].split(";")) != formula["fields"].keys():
        yield f"datasets is {row['datasets']}, its formula reads {'; '.join(formula['fields'])}"
    if formula["unit"] not in (None, row["unit"]):
        yield f"its unit is {row['unit']}, its formula converts to {formula['unit']}"
    for dataset, fields in formula["fields"].items():
        contract = contracts.datasets.get(dataset)
        known = {f.field for f in contract.fields} if contract else set()
        yield from (
            f"its formula reads {dataset}.{field}, which no contract declares"
            for field in fields
            if field not in known
        )


def problems(manifest: Mapping[str, Any] | None = None) -> list[str]:
    """Return what does not fit, of a dbt manifest or of the project's own."""
    declared = formulas(manifest or read_manifest())
    contracts = load_contracts()
    found = []
    for line, row in _rows():
        at, formula = f"{QUANTITIES}:{line}: {row['quantity']}", declared.pop(row["quantity"], None)
        if row["change_of"]:
            if formula:
                found.append(f"{at}: a change of {row['change_of']} has no formula of its own")
        elif formula is None:
            found.append(f"{at}: no model declares its formula: add it to int_<domain>_quantities")
        else:
            found += [f"{at}: {text}" for text in _formula_problems(row, formula, contracts)]
    return found + [f"{QUANTITIES}:1: give {name} a row; a model computes it" for name in declared]
