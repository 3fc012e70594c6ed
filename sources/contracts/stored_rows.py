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

# Cells of a sheet that a row's values stand in: field=D5;field=E5. Only rows of converted tables
# have the column; in other tables all values of a row stand on its line.
SOURCE_CELLS = "source_cells"

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
    """Return the columns of accepted rows, contract fields first.

    Without `submission_id`, and without `source_cells`, which only rows of converted tables have.
    """
    fields = {f.field: polars_type(f.sql_type) for f in contract.fields}
    left_out = ("submission_id", SOURCE_CELLS)
    rows = {n: polars_type(t) for n, t in ROW_COLUMNS.items() if n not in left_out}
    return {**fields, **rows}
