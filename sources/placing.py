"""Results of a converted table in the lines and cells of the file that it came from.

Cleaning numbers the records of a converted table one after the other; what leaves intake names the
line of the file, and the cells where the values of a record do not stand in that line.
"""

from dataclasses import replace

import polars as pl

from sources.contracts.stored_rows import SOURCE_CELLS
from sources.layout.records import LINE, Origin, RecordTable, in_file_line
from sources.reading.raw import ROW_NUMBER, cell
from sources.recognise.layout import Layout
from sources.summary import TableResult


def in_file(result: TableResult, record: RecordTable, layout: Layout) -> TableResult:
    """Return a result with the lines of the file in place of the numbers of records."""
    origin = record.origin
    if origin is None:
        return result
    positions = {c.field.field: c.position for c in layout.columns}
    return replace(
        result,
        accepted=origin.place(result.accepted, positions),
        rejected=_rejected(result.rejected, origin, positions),
        flagged=[in_file_line(flag, origin) for flag in result.flagged],
        converted_values=[in_file_line(value, origin) for value in result.converted_values],
    )


def _rejected(rejected: pl.DataFrame, origin: Origin, positions: dict[str, int]) -> pl.DataFrame:
    """Return rejected rows with their line, and the cell at fault named in the reason."""
    placed = origin.place(rejected.with_columns(_record=pl.col(ROW_NUMBER)), positions)
    cells = [
        pl.when(pl.col("field") == name).then(pl.col(f"at_{name}"))
        for name, position in positions.items()
        if cell(position) in origin.frame.columns
    ]
    if not cells:
        return placed.drop("_record")
    named = origin.frame.select(
        pl.col(ROW_NUMBER).alias("_record"),
        *(
            pl.col(cell(p)).alias(f"at_{name}")
            for name, p in positions.items()
            if cell(p) in origin.frame.columns
        ),
    )
    placed = placed.join(named, on="_record", how="left", maintain_order="left")
    at = pl.coalesce(cells)
    text = pl.when(at.is_not_null()).then(
        pl.lit("（单元格 ") + at + pl.lit("）") + pl.col("reason_zh")
    )
    columns = [*rejected.columns, SOURCE_CELLS]
    return placed.with_columns(reason_zh=pl.coalesce(text, "reason_zh")).select(columns)


def in_file_lines(lists: pl.Series, origin: Origin | None) -> pl.Series:
    """Return lists of records, `12、13 等`, as the lines of the file."""
    if origin is None:
        return lists
    numbers = lists.str.extract_all(r"\d+").alias("n").to_frame().with_row_index("at")
    lines = (
        numbers.explode("n")
        .with_columns(pl.col("n").cast(pl.Int64))
        .join(origin.frame.select(pl.col(ROW_NUMBER).alias("n"), LINE), on="n", how="left")
        .group_by("at")
        .agg(pl.col(LINE).unique().sort().cast(pl.String).str.join("、"))
        .sort("at")[LINE]
    )
    return lines + lists.str.extract(r"( 等)$").fill_null("")
