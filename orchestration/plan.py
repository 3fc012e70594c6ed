"""The plan that a process judges by: that of ECO_PLAN, of its home, or the product's.

Every entrance calls `use_plan_of` for the home that the process works for: commands, loads, and
Dagster's definitions in a process of Dagster. Reading a plan is `sources.contracts`'.
"""

import os
import sys
from dataclasses import dataclass

from warehouse.home.layout import Home

_VARIABLE = "ECO_PLAN"  # of PlanSettings, whose import takes a tenth of a second


@dataclass
class _Chosen:
    home: Home | None = None


_CHOSEN = _Chosen()


def use_plan_of(home: Home) -> None:
    """Put the plan of a home in force."""
    _CHOSEN.home = home
    if os.environ.get(_VARIABLE) or home.plan.is_dir():
        from sources.contracts import use_plan
        from warehouse.home.settings import PlanSettings

        use_plan(PlanSettings.load().plan or home.plan)
    elif "sources.contracts" in sys.modules:  # else none is: to import them takes half a second
        from sources.contracts import use_plan

        use_plan(None)


def is_chosen() -> bool:
    """Return whether this process works for a home already."""
    return _CHOSEN.home is not None
