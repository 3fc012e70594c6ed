"""How rows are stored in lake and quarantine: columns, polars types, values of `operation`.

What the columns of one dataset mean is its contract's; how the rows are written is the lake's.
"""

import polars as pl

from sources.contracts.model import ROW_COLUMNS, Contract

# Values of the column `operation`: what a row does to the earlier row with its key.
UPSERT, DELETE = "upsert", "delete"

_POLARS_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "bigint": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
}

# Columns of rejected rows, one row per rejected row and reason.
REJECTED_SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "field": pl.String(),
    "column_title": pl.String(),
    "value": pl.String(),
    "reason_code": pl.String(),
    "severity": pl.String(),
    "reason_zh": pl.String(),
    "raw_row": pl.String(),
}


def polars_type(sql_type: str) -> pl.DataType:
    """Return the polars type of a lake column's SQL type."""
    return _POLARS_TYPES[sql_type]


def accepted_schema(contract: Contract) -> dict[str, pl.DataType]:
    """Return the columns of accepted rows, without `submission_id`: contract fields first."""
    fields = {f.field: polars_type(f.sql_type) for f in contract.fields}
    rows = {n: polars_type(t) for n, t in ROW_COLUMNS.items() if n != "submission_id"}
    return {**fields, **rows}
