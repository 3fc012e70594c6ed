"""The way most rows of a large plain file go: parsed, cast and checked in one plan.

A row is easy when every number and time in it is cast as it stands and keeps to its rule; only
then are its texts never made into strings at all. The other rows, and those whose words break a
rule, are taken as raw text to `table.Cleaner`, which knows everything that a cell may mean. Both
ways must come to the same rows; a test holds them to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from sources.cleaning import special
from sources.cleaning.checks import broken_rules
from sources.cleaning.columns import (
    EARLIEST,
    LATEST,
    Typed,
    by_distinct,
    first_cast,
    format_of,
    nothing_noticed,
    scaled,
)
from sources.cleaning.row_notes import converted_of, flagged_of, notes_of
from sources.cleaning.table import Cleaner, Piece
from sources.contracts.stored_rows import UPSERT, accepted_schema, polars_type
from sources.reading.raw import EXTRA, ROW_NUMBER, HeadRow, Rows, cell
from sources.recognise.units import Column

_EASY = "_easy"


@dataclass(frozen=True)
class Plan:
    """A table's quick plan: the columns cast in it, with their time format, and the others."""

    cast: tuple[tuple[Column, str | None], ...]
    words: tuple[Column, ...]


def plan_of(cleaner: Cleaner, below: Sequence[HeadRow]) -> Plan | None:
    """Return the quick plan of a table, None when it has none.

    `below` are the first rows under the header: they show in which form times are written.
    """
    layout = cleaner.layout
    if layout.operation is not None or layout.overflow is not None or cleaner.merged:
        return None
    if any(c.unit_column is not None for c in layout.columns):
        return None
    cast: list[tuple[Column, str | None]] = []
    words: list[Column] = []
    for column in layout.columns:
        if column.field.type in ("date", "datetime"):
            cells = [r.cells[column.position] for r in below if column.position < len(r.cells)]
            form = format_of(cells, column.field)
            if form is not None:
                cast.append((column, form))
                continue
        if first_cast(column) is not None:
            cast.append((column, None))
        else:
            words.append(column)
    return Plan(tuple(cast), tuple(words)) if cast else None


def quick_piece(cleaner: Cleaner, plan: Plan, rows: Rows, *, first: bool) -> Piece | None:
    """Clean a piece by its plan; None when it has to be parsed in full (ragged rows)."""
    if rows.plain is None:
        return None
    try:
        # All columns are parsed though not all are asked for: a row longer than the header is
        # an error only then.
        found = _plan(cleaner, plan, rows.plain.scan()).collect(
            engine="streaming", optimizations=pl.QueryOptFlags(projection_pushdown=False)
        )
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None
    if found[_EASY].sum() * 2 < found.height:
        return None
    typed = {c.field.field: Typed(found[c.field.field], nothing_noticed()) for c, _ in plan.cast}
    for column in plan.words:
        dtype = polars_type(column.field.sql_type)
        raw = found[cell(column.position)]
        typed[column.field.field] = by_distinct(raw, column, cleaner.contracts, dtype)
        if _depends_on_others(typed[column.field.field]):
            return None
    # Rows that are not easy are worked on here too and left out at the end: once is cheaper.
    easy = found[_EASY].scatter(_broken_words(cleaner, plan, typed), False)
    values = cleaner.values_of(found, typed)
    good = (
        values.with_columns(
            found[ROW_NUMBER],
            pl.lit(UPSERT).alias("operation"),
            *notes_of(found.height, typed, values, None),
        )
        .select(list(accepted_schema(cleaner.contract)))
        .filter(easy)
    )
    flagged = flagged_of(cleaner.layout.columns, found, typed, easy, None)
    last = int(good[ROW_NUMBER][-1]) if good.height else None
    hard = rows.plain.lines(found[ROW_NUMBER].filter(~easy)).with_columns(
        pl.lit(None, pl.String).alias(EXTRA)
    )
    piece = cleaner.clean(hard, first=first, sound_line=last)
    if piece.good.height:
        good = pl.concat([good, piece.good]).sort(ROW_NUMBER)
    return replace(
        piece,
        good=good,
        last_line=int(found[ROW_NUMBER][-1]),
        flagged=pl.concat([piece.flagged, flagged]).sort("row_number", maintain_order=True),
        converted=pl.concat(
            [piece.converted, converted_of(cleaner.layout.columns, found, typed, easy)]
        ),
    )


def _depends_on_others(words: Typed) -> bool:
    """Tell whether what a name means follows from the other names of the piece (see `names`)."""
    noticed = words.noticed
    return bool(
        (noticed["flag"] == "note_sign").any() or (noticed["error"] == "note_sign_unclear").any()
    )


def _plan(cleaner: Cleaner, plan: Plan, scan: pl.LazyFrame) -> pl.LazyFrame:
    """Return line, cast fields, raw words and whether all of a row is easy."""
    casts = []
    for column, form in plan.cast:
        raw = pl.col(cell(column.position))
        name = column.field.field
        if form is None:
            quick = first_cast(column)
            assert quick is not None
            casts.append(quick.alias(name))
        elif column.field.type == "date":
            casts.append(raw.str.to_date(form, strict=False).alias(name))
        else:
            casts.append(raw.str.to_datetime(form, strict=False, time_unit="us").alias(name))
    frame = scan.with_columns(casts)
    conversions = [e for column, _ in plan.cast if (e := scaled(column)) is not None]
    if conversions:
        frame = frame.with_columns(conversions)
    in_order = [_keeps(column) for column, _ in plan.cast]
    in_order += [pl.col(cell(c.position)).is_not_null() for c in plan.words if c.field.required]
    there = {c.field.field: pl.col(c.field.field).is_not_null() for c, _ in plan.cast}
    there |= {c.field.field: pl.col(cell(c.position)).is_not_null() for c in plan.words}
    groups = [g for g in cleaner.contract.row_needs if all(f in there for f in g)]
    if cleaner.contract.row_needs:
        in_order.append(pl.any_horizontal(pl.all_horizontal(there[f] for f in g) for g in groups))
    return frame.select(
        ROW_NUMBER,
        *(column.field.field for column, _ in plan.cast),
        *(cell(column.position) for column in plan.words),
        pl.all_horizontal(in_order).alias(_EASY),
    )


def _keeps(column: Column) -> pl.Expr:
    """Tell where a cast value keeps to its field's rule; an empty cell does unless required."""
    field = column.field
    value = pl.col(field.field)
    low, high = field.minimum, field.maximum
    rules = [value >= low] if low is not None else []
    if field.type in EARLIEST:
        rules.append(value.is_between(EARLIEST[field.type], LATEST[field.type]))
    if high is not None:
        rules.append(value <= high)
    elif field.type == "float":
        rules.append(value.is_finite())
    kept = pl.all_horizontal(rules) if rules else value.is_not_null()
    empty = pl.lit(False) if field.required else pl.col(cell(column.position)).is_null()
    return pl.when(value.is_null()).then(empty).otherwise(kept)


def _broken_words(cleaner: Cleaner, plan: Plan, typed: dict[str, Typed]) -> pl.Series:
    """Return the rows (indexes) whose words break a rule, or name a total in a key."""
    found = []
    for column in plan.words:
        field, values = column.field, typed[column.field.field].values
        found.append(typed[field.field].errors["at"])
        if field.required and values.null_count():
            found.append(values.is_null().arg_true())
        found += [broken.arg_true() for _, broken in broken_rules(field, values)]
        if field.key:
            found += special.named_totals(field, values, cleaner.contracts.areas)
    for group in cleaner.contract.row_needs:
        # A word that turned out to be a mark for a missing value may have been all there was.
        found += [typed[c.field.field].noticed["at"] for c in plan.words if c.field.field in group]
    return pl.concat([f.cast(pl.UInt32) for f in found]).unique().sort() if found else _none()


def _none() -> pl.Series:
    return pl.Series([], dtype=pl.UInt32)
