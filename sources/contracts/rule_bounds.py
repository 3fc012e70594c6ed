"""The tolerances of the finding rules that contracts name: seed `rules` of the dbt project.

The door asks with the same numbers with which a load makes its findings. Only the bounds belong
here; what a rule is otherwise is read by `expectations.rules`.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

RULES = Path(__file__).parents[2] / "dbt_project" / "seeds" / "codes" / "rules.csv"


@cache
def tolerances() -> Mapping[str, float]:
    """Return the tolerance of each rule that has one, in the unit that its row names."""
    with RULES.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: float(row["upper"]) for row in csv.DictReader(file) if row["upper"]}
