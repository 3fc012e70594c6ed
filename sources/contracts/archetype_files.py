"""dbt files that follow from the archetypes of datasets: their declarations, days of readings.

A part of `sources.contracts.derived`, which writes them.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sources.contracts.model import Contract, Contracts, Field

_READINGS = Path("dbt_project/models/intermediate/supervision/readings")
DAYS = "int_days_of_"
# Columns of the macro reading_days, with their descriptions.
_DAY_COLUMNS = {
    "dataset": "reading dataset",
    "network": "medium or network of sensors",
    "kind": "purpose of the sampling",
    "object": "permit, site, point, source or facility",
    "point": "outlet or device",
    "item": "pollutant or quantity (Chinese title)",
    "day": "day; hours belong to the day in which they end",
    "unit": "unit of the values",
    "permit_number": "permit number in capital letters",
    "township": "township",
    "is_daily_mean": "whether only daily means were delivered",
    "readings": "rows delivered",
    "valid_readings": "rows with status 正常 (or none) and a value",
    "valid_hours": "hours with such a row; rows where nothing is continuous",
    "stopped_hours": "hours reported 停产; rows where nothing is continuous",
    "stopped_readings": "readings while stopped",
    "offline_readings": "rows whose status is neither 正常 nor stopped, or that are not online",
    "value_sum": "sum of valid values",
    "values_given": "number of valid values",
    "min_value": "smallest valid value",
    "max_value": "largest valid value",
    "amount": "sum of role amount",
    "uptime_days": "days of operation reported",
    "judged_by_row": "readings judged by a limit of their own row",
    "exceeded_by_row": "of these beyond it",
    "judged_by_statement": "readings judged by the statement of compliance alone",
    "exceeded_by_statement": "of these not compliant",
    "upper_limit": "strictest upper limit of the rows",
    "lower_limit": "strictest lower limit of the rows",
    "multiple_by_row": "largest value over its own limit less 1",
    "lowest_below": "lowest value below a lower limit",
    "unjudged_values": "valid values without a limit of their own, as a list",
    "stopped_with_value": "readings while stopped that have a value",
    "contradicted_readings": "readings whose statement of compliance contradicts their limit",
    "latest_at": "latest time of a reading",
    "exceeded_items": "items beyond their limits as the sampling names them",
    "methods": "methods used, as a list",
    "is_flagged": "whether a row was questioned at intake",
}


def declarations(contracts: Contracts, note: str) -> str:
    """Return dbt macros with the datasets of each archetype, and the days that follow each other.

    Macros, because a model refers to the staging models of these datasets, and dbt knows no
    sources yet when it looks for references.
    """
    found = {
        name: [
            {
                "dataset": contract.dataset,
                "title_zh": contract.title_zh,
                "domain": contract.domain,
                "department": contract.departments_allowed[0],
                "cadence": contract.cadence,
                "key": [field.field for field in contract.key_fields],
                "types": {field.field: field.type for field in contract.fields},
                "units": {field.field: field.unit for field in contract.fields if field.unit},
                "roles": {role: plays.plain() for role, plays in contract.roles.items()},
                "others": [field.field for field in _fields_without_role(contract)],
            }
            for contract in contracts
            if contract.archetype == name
        ]
        for name in contracts.archetypes
    }
    orders = {
        name: archetype.in_order
        for name, archetype in contracts.archetypes.items()
        if archetype.in_order
    }
    macros = (
        f"{{% macro {name}() %}}\n"
        f"{{{{ return({json.dumps(value, ensure_ascii=False, indent=2)}) }}}}\n{{% endmacro %}}\n"
        for name, value in (("archetype_declarations", found), ("days_in_order", orders))
    )
    return f"{{# {note} #}}\n" + "\n\n".join(macros)


def _fields_without_role(contract: Contract) -> list[Field]:
    named = {name for role in contract.roles.values() for name in role.named_fields}
    return [field for field in contract.fields if field.field not in named and not field.key]


def _is_summed_elsewhere(contract: Contract) -> bool:
    """Tell whether the air models sum the dataset's hours already (role `summed_by`)."""
    return "summed_by" in contract.roles


def _days_sql(contract: Contract) -> str:
    # Hourly data is summed once per year of the lake and kept.
    kept = (
        f"{{{{ config(materialized='kept_by_year', kept_from='{contract.dataset}') }}}}\n"
        if contract.cadence == "daily"
        else ""
    )
    return f"{kept}{{{{ reading_days('{contract.dataset}') }}}}\n"


def _days_yml(contract: Contract, as_yaml: Callable[[dict[str, Any]], str]) -> str:
    model = {
        "name": f"int_days_of_{contract.dataset}",
        "description": f"One row per series, day and unit of {contract.dataset} "
        f"({contract.title_zh}): counts, sums and the values that are judged.",
        "columns": [{"name": n, "description": text} for n, text in _DAY_COLUMNS.items()],
    }
    return as_yaml({"version": 2, "models": [model]})


def days_of_readings(
    contract: Contract, as_yaml: Callable[[dict[str, Any]], str]
) -> dict[Path, str]:
    """Return the model of a reading dataset's days and its yml; nothing for other datasets."""
    if contract.archetype != "readings" or _is_summed_elsewhere(contract):
        return {}
    model = _READINGS / f"{DAYS}{contract.dataset}"
    return {
        model.with_suffix(".sql"): _days_sql(contract),
        model.with_suffix(".yml"): _days_yml(contract, as_yaml),
    }
