"""What each department delivers, declared once; everything else about a dataset is derived.

`datasets/*.yml` holds one contract a dataset; `units.yml`, `county.yml`, `areas.yml` and
`departments.yml` hold the code tables they speak of. `load_contracts()` reads and validates them
all. A county with a plan of its own has a folder of tables (`plan`); `use_plan` puts it in force.
"""

from sources.characters import fold
from sources.contracts.loader import ContractError, load_contracts, plan_in_force, use_plan
from sources.contracts.model import (
    ROW_COLUMNS,
    Area,
    Areas,
    Contract,
    Contracts,
    County,
    Department,
    Field,
)
from sources.contracts.plan import Plan, PlanError
from sources.contracts.units import DimensionError, Unit, Units

__all__ = [
    "ROW_COLUMNS",
    "Area",
    "Areas",
    "Contract",
    "ContractError",
    "Contracts",
    "County",
    "Department",
    "DimensionError",
    "Field",
    "Plan",
    "PlanError",
    "Unit",
    "Units",
    "fold",
    "load_contracts",
    "plan_in_force",
    "use_plan",
]
