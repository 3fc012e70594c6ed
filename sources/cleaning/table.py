"""One table's raw rows into accepted rows, rejected rows with reasons, and what was skipped."""

from dataclasses import dataclass

import polars as pl

from sources.cleaning.checks import broken_by
from sources.cleaning.columns import Typed, convert, convert_by_unit, first_cast, scaled
from sources.cleaning.rejections import rejected_rows
from sources.cleaning.row_notes import converted_of, flagged_of, notes_of
from sources.cleaning.set_aside import Sorter
from sources.cleaning.text import parsed
from sources.contracts import Contract, Contracts, fold
from sources.contracts.stored_rows import DELETE, UPSERT, accepted_schema, polars_type
from sources.reading.raw import EXTRA, ROW_NUMBER, Merge, cell
from sources.recognise.headers import OPERATION_ZH
from sources.recognise.layout import Layout
from sources.recognise.units import Column

_OPERATIONS: dict[str, str] = {
    **dict.fromkeys(("删除", "撤销", "作废", "delete", "del"), DELETE),
    **dict.fromkeys(("新增", "修改", "更正", "更新", "补报", "保留", "upsert", "add"), UPSERT),
}


@dataclass(frozen=True)
class Piece:
    """The cleaned rows of one piece of a table."""

    good: pl.DataFrame
    """Columns of `accepted_schema`."""
    bad: pl.DataFrame
    """The same for rejected rows, with what could be read of them."""
    rejected: pl.DataFrame
    """Columns of REJECTED_SCHEMA: a row for each rejected row and reason."""
    flagged: pl.DataFrame
    """row_number, field, column_title, value, code: flags on accepted rows."""
    converted: pl.DataFrame
    """field, column_title, unit, line, count: numbers in accepted rows that brought a unit of
    their own, by that unit, with the first line of them."""
    skipped: pl.DataFrame
    """line, kind, text: rows that are no data."""
    blank: int
    """Rows without any cell, which are not even listed."""
    last_line: int
    totals: pl.DataFrame
    """Numeric fields of total rows, with row_number and `label`."""


@dataclass
class Cleaner:
    """Cleans the pieces of one table. Pieces come in the file's order."""

    layout: Layout
    contracts: Contracts
    header_rows: list[tuple[str, ...]]
    header_line: int
    merged: tuple[Merge, ...] = ()
    """Merged cells of the table; a key that is merged over several rows holds for each."""
    added: int = 0
    """So many of the last columns are not the file's own."""

    def __post_init__(self) -> None:
        keys = {c.position for c in self.layout.columns if c.field.key}
        self._merged_keys = [
            m for m in self.merged if m.left in keys and m.bottom > m.top > self.header_line
        ]
        self._merged_texts: dict[Merge, str] = {}
        self.sorter = Sorter(
            self.layout, self.contracts, self.header_rows, self.header_line, self.added
        )

    @property
    def contract(self) -> Contract:
        """The contract of the table's dataset."""
        return self.layout.contract

    def clean(
        self, frame: pl.DataFrame, *, first: bool = True, sound_line: int | None = None
    ) -> Piece:
        """Clean one piece of raw rows (c0.., row_number, extra).

        `first`: no piece is before it. `sound_line`: the last line of the piece that is known to
        hold a sound row, when these are not among the rows given.
        """
        last_line = int(frame[ROW_NUMBER].max() or 0)  # type: ignore[arg-type]
        frame = self.unmerged(frame)
        frame, blank = _without_blank(frame)
        if self.layout.overflow is not None:
            given_back = pl.col(cell(self.layout.overflow))
            frame = frame.with_columns(pl.coalesce(EXTRA, given_back).alias(EXTRA))
        typed = self._typed(frame)
        operation, unclear = self._operation(frame)
        deleted = operation == DELETE if operation is not None else None
        broken = broken_by(frame, typed, self.contract, deleted, unclear)
        values = self.values_of(frame, typed)
        aside = self.sorter.aside(frame, values, broken, first=first, sound_line=sound_line)
        broken = broken.filter(~pl.col("at").is_in(aside.at.implode()))
        bad_at = broken["at"].unique().sort()
        good_mask = None
        if len(aside.at) or len(bad_at):
            out = pl.concat([aside.at, bad_at])
            good_mask = pl.Series([True]).new_from_index(0, frame.height).scatter(out, False)
        notes = notes_of(frame.height, typed, values, deleted)
        rows = values.with_columns(
            frame[ROW_NUMBER],
            *notes,
            operation=operation if operation is not None else pl.lit(UPSERT, pl.String),
        )
        if deleted is not None and deleted.any():
            values_only = [f.field for f in self.contract.fields if not f.key]
            rows = rows.with_columns(
                pl.when(pl.col("operation") != DELETE).then(pl.col(values_only)).name.keep()
            )
        good = rows.select(list(accepted_schema(self.contract)))
        bad = good[bad_at] if len(bad_at) else good.clear()
        if good_mask is not None:
            good = good.filter(good_mask)
        return Piece(
            good=good,
            bad=bad,
            rejected=rejected_rows(frame, broken, self.layout, self.contracts),
            flagged=flagged_of(self.layout.columns, frame, typed, good_mask, deleted),
            converted=converted_of(self.layout.columns, frame, typed, good_mask),
            skipped=self.sorter.listed(frame, aside),
            blank=blank,
            last_line=last_line,
            totals=self.sorter.totals(frame, values, aside),
        )

    def unmerged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Repeat a merged key in every row that it spans."""
        if not self._merged_keys or not frame.height:
            return frame
        first, last = int(frame[ROW_NUMBER][0]), int(frame[ROW_NUMBER][-1])
        for merge in self._merged_keys:
            name = cell(merge.left)
            if first <= merge.top <= last:
                self._merged_texts[merge] = frame[name][merge.top - first]
            below = range(max(merge.top + 1, first), min(merge.bottom, last) + 1)
            if len(below) and merge in self._merged_texts:
                at = pl.Series([line - first for line in below], dtype=pl.UInt32)
                filled = frame[name].scatter(at, self._merged_texts[merge])
                frame = frame.with_columns(filled.alias(name))
        return frame

    # -- values -------------------------------------------------------------------------------

    def _typed(self, frame: pl.DataFrame) -> dict[str, Typed]:
        quick = frame.select(
            expr.alias(c.field.field)
            for c in self.layout.columns
            if c.unit_column is None and (expr := first_cast(c)) is not None
        ).with_columns(
            expr
            for c in self.layout.columns
            if c.unit_column is None and (expr := scaled(c)) is not None
        )
        return {c.field.field: self._converted(frame, quick, c) for c in self.layout.columns}

    def _converted(self, frame: pl.DataFrame, quick: pl.DataFrame, column: Column) -> Typed:
        raw, name = frame[cell(column.position)], column.field.field
        if column.unit_column is not None:
            return convert_by_unit(raw, frame[cell(column.unit_column)], column, self.contracts)
        cast = quick[name] if name in quick.columns else None
        return convert(raw, cast, column, self.contracts)

    def values_of(self, frame: pl.DataFrame, typed: dict[str, Typed]) -> pl.DataFrame:
        """Return a column for each field of the contract, null where no column takes it."""
        return frame.select(
            typed[f.field].values.alias(f.field)
            if f.field in typed
            else pl.lit(None, polars_type(f.sql_type)).alias(f.field)
            for f in self.contract.fields
        )

    def _operation(self, frame: pl.DataFrame) -> tuple[pl.Series | None, pl.DataFrame | None]:
        """Return each row's operation, and the rows whose 操作 is not understood."""
        position = self.layout.operation
        if position is None:
            return None, None
        raw = frame[cell(position)]
        known = {fold(k): v for k, v in _OPERATIONS.items()}
        distinct = raw.drop_nulls().unique()
        folds = pl.Series([known.get(fold(t)) for t in distinct], dtype=pl.String)
        found = parsed(
            distinct,
            value=pl.lit(folds),
            error=pl.when(pl.lit(folds).is_null()).then(pl.lit("unknown_operation")),
        )
        cells = raw.rename("raw").to_frame().with_row_index("at")
        cells = cells.join(found, on="raw", how="left", maintain_order="left")
        errors = cells.filter(pl.col("error").is_not_null()).select(
            "at", field=pl.lit(OPERATION_ZH), code=pl.col("error")
        )
        return cells["value"].fill_null(UPSERT), errors


def _without_blank(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return a frame without its rows that have no cell at all, and how many these were."""
    cells = [c for c in frame.columns if c != ROW_NUMBER]
    if any(not frame[c].null_count() for c in cells):
        return frame, 0
    filled = frame.filter(pl.any_horizontal(pl.col(cells).is_not_null()))
    return filled, frame.height - filled.height
