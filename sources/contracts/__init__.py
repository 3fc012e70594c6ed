"""What each department delivers, declared once; everything else about a dataset is derived.

`datasets/*.yml` holds one contract a dataset; `units.yml`, `areas.yml` and `departments.yml`
hold the code tables they speak of. `load_contracts()` reads and validates them all.
"""

from sources.characters import fold
from sources.contracts.loader import ContractError, load_contracts
from sources.contracts.model import (
    ROW_COLUMNS,
    Area,
    Areas,
    Contract,
    Contracts,
    Department,
    Field,
)
from sources.contracts.units import DimensionError, Unit, Units

__all__ = [
    "ROW_COLUMNS",
    "Area",
    "Areas",
    "Contract",
    "ContractError",
    "Contracts",
    "Department",
    "DimensionError",
    "Field",
    "Unit",
    "Units",
    "fold",
    "load_contracts",
]
