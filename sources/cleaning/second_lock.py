"""The second lock: a pandera schema made from the contract, for rows about to be returned.

Cleaning decides row by row and names reasons; this check knows nothing of cleaning and only
looks at the result. When it finds something, cleaning has an error and the table is not taken.
"""

import os
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from sources.contracts import Contract, Contracts, Field
from sources.contracts.stored_rows import DELETE, accepted_schema

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema


class SecondLock(Exception):
    """Cleaned rows break their own contract; the message says where."""


def _allowed(field: Field, contracts: Contracts) -> tuple[str, ...]:
    if field.type == "area":
        return contracts.areas.names
    if field.type == "township":
        return contracts.areas.townships
    return field.values


@lru_cache(maxsize=128)
def dataset_schema(
    contract: Contract, contracts: Contracts, *, withdrawn: bool = False
) -> "DataFrameSchema":
    """Return the pandera schema of a dataset's accepted rows.

    `withdrawn`: for rows that only withdraw a key, where no field but the key is required.
    """
    # Without this pandera checks dtypes only and lets bad values pass in silence; it is read
    # when pandera is imported, which costs seconds and so waits until a table needs it.
    os.environ["PANDERA_VALIDATION_DEPTH"] = "SCHEMA_AND_DATA"
    import pandera.polars as pa
    from pandera.config import CONFIG, ValidationDepth

    CONFIG.validation_depth = ValidationDepth.SCHEMA_AND_DATA

    declared = {f.field: f for f in contract.fields}
    columns = {}
    for name, dtype in accepted_schema(contract).items():
        field = declared.get(name)
        checks = []
        if field is None:
            columns[name] = pa.Column(dtype, nullable=name not in ("row_number", "operation"))
            continue
        if field.minimum is not None:
            checks.append(pa.Check.ge(field.minimum))
        if field.maximum is not None:
            checks.append(pa.Check.le(field.maximum))
        if (allowed := _allowed(field, contracts)) and dtype == pl.String:
            checks.append(pa.Check.isin(list(allowed)))
        if field.pattern is not None:
            checks.append(pa.Check.str_matches(f"^(?:{field.pattern})$"))
        required = field.key if withdrawn else field.required
        columns[name] = pa.Column(dtype, checks=checks, nullable=not required)
    return pa.DataFrameSchema(
        columns,
        strict=True,
        ordered=True,
        coerce=False,
        name=contract.dataset,
    )


def check_keys(rows: pl.DataFrame, contract: Contract) -> None:
    """Hold the rows of a whole table against their key. Raises SecondLock when one repeats."""
    keys = [f.field for f in contract.key_fields]
    # By hashes, which are as many as rows when no key repeats: a tenth of `unique`'s cost.
    if rows.select(keys).hash_rows().n_unique() != rows.height:
        raise SecondLock(f"unique: {', '.join(keys)}")


def check_rows(rows: pl.DataFrame, contract: Contract, contracts: Contracts) -> None:
    """Hold rows against their contract. Raises SecondLock with the first failures."""
    if not rows.height:
        return
    import pandera.errors

    gone = rows["operation"] == DELETE
    parts = [(rows, False)]
    if gone.any():
        parts = [(rows.filter(~gone), False), (rows.filter(gone), True)]
    for part, withdrawn in parts:
        if not part.height:
            continue
        try:
            dataset_schema(contract, contracts, withdrawn=withdrawn).validate(part, lazy=True)
        except (pandera.errors.SchemaErrors, pandera.errors.SchemaError) as error:
            raise SecondLock(_first_failures(error)) from error


def _first_failures(error: Exception) -> str:
    cases = getattr(error, "failure_cases", None)
    if isinstance(cases, pl.DataFrame) and cases.height:
        rows = cases.head(3).iter_rows(named=True)
        return "；".join(
            f"{r.get('column')}: {r.get('check')} {r.get('failure_case')}" for r in rows
        )
    return str(error)[:300]
