"""The dataset fields that each quantity's formula reads, as the dbt models declare them.

`formula_fields.yml` is written by `make generate` from the manifest of the dbt project, where each
formula notes its fields in the meta of its model; a test fails when it has drifted. It lets
`eco trace` show the cells behind a value without the dbt project.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("formula_fields.yml")
Fields = Mapping[str, tuple[str, ...]]
"""Dataset -> fields of it that a formula reads; none are named where whole rows count."""

_HEAD = """\
# Written by `make generate` from the dbt models; never by hand. For each quantity the fields that
# its formula reads, by dataset; an empty list where a row counts as a whole.
"""


def formulas(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the formulas that the models of a dbt manifest declare, by quantity.

    A formula has the keys formula (as printed), unit (what it is converted to, or None) and fields.
    """
    return {
        quantity: formula
        for node in manifest["nodes"].values()
        for quantity, formula in (node["config"].get("meta") or {}).get("formulas", {}).items()
    }


def text(manifest: Mapping[str, Any]) -> str:
    """Return the content of the file for a dbt manifest."""
    fields = {quantity: formula["fields"] for quantity, formula in formulas(manifest).items()}
    return _HEAD + yaml.safe_dump(fields, width=100, default_flow_style=None)


@cache
def _known() -> dict[str, dict[str, list[str]]]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def fields_of(quantity: str | None) -> Fields:
    """Return the fields that a quantity's formula reads; empty for one that is not known."""
    known = _known().get(quantity or "", {})
    return {dataset: tuple(fields) for dataset, fields in known.items()}
