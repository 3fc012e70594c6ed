"""The rules that typed values keep or break, row by row."""

from collections.abc import Iterator, Mapping

import polars as pl

from sources.cleaning.columns import Typed
from sources.contracts import Contract, Field
from sources.reading.raw import EXTRA

ROW_FIELD = ""
"""The field of a reason that speaks of a row as a whole."""
BROKEN_SCHEMA: dict[str, pl.DataType] = {
    "at": pl.UInt32(),
    "field": pl.String(),
    "code": pl.String(),
}


def broken_rules(declared: Field, values: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Yield (code, broken) for the rules of a field that some value breaks."""
    if values.null_count() == len(values):
        return
    outside = _outside(declared, values)
    if outside is not None:
        yield "out_of_range", outside
    if declared.pattern is not None:
        broken = ~values.str.contains(f"^(?:{declared.pattern})$")
        if broken.any():
            yield "pattern_mismatch", broken.fill_null(False)


def _outside(declared: Field, values: pl.Series) -> pl.Series | None:
    """Return where values lie outside of their range; None where none does."""
    low, high = declared.minimum, declared.maximum
    broken = None
    # The extremes first: they settle most columns without a pass over all values.
    if low is not None and values.min() < low:  # type: ignore[operator]
        broken = values < low
    if high is not None and values.max() > high:  # type: ignore[operator]
        over = values > high
        broken = over if broken is None else broken | over
    return None if broken is None else broken.fill_null(False)


def broken_by(
    frame: pl.DataFrame,
    typed: Mapping[str, Typed],
    contract: Contract,
    deleted: pl.Series | None,
    unclear: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return every broken rule of a table's rows: columns of BROKEN_SCHEMA, `at` a row index.

    A row that only withdraws a key (`deleted`) breaks the rules of its key alone. `unclear` are
    the rows whose 操作 is not understood, as such rules.
    """
    found = [pl.DataFrame(schema=BROKEN_SCHEMA)]
    if unclear is not None:
        found.append(unclear)
    for name, column in typed.items():
        declared = contract.field(name)
        parts = pl.concat([found[0], *_of_column(declared, column)])
        if deleted is not None and not declared.key:
            parts = parts.filter(~deleted.gather(parts["at"]))
        found.append(parts)
    if EXTRA in frame.columns and frame[EXTRA].null_count() < frame.height:
        found.append(_broken(frame[EXTRA].is_not_null().arg_true(), ROW_FIELD, "too_many_cells"))
    lacking = _lacking(typed, contract, frame.height)
    if lacking is not None and lacking.any():
        if deleted is not None:
            lacking = lacking & ~deleted
        lacking = lacking.scatter(pl.concat(found)["at"].unique(), False)
        found.append(_broken(lacking.arg_true(), ROW_FIELD, "row_needs"))
    return pl.concat(found)


def _broken(at: pl.Series, name: str, codes: pl.Series | str) -> pl.DataFrame:
    return pl.DataFrame({"at": at.cast(pl.UInt32)}).with_columns(
        field=pl.lit(name), code=pl.lit(codes, pl.String)
    )


def _of_column(declared: Field, column: Typed) -> Iterator[pl.DataFrame]:
    errors = column.errors
    if errors.height:
        yield _broken(errors["at"], declared.field, errors["error"])
    if declared.required and column.values.null_count():
        missing = column.values.is_null()
        if errors.height:
            missing = missing.scatter(errors["at"], False)
        yield _broken(missing.arg_true(), declared.field, "required_missing")
    for code, broken in broken_rules(declared, column.values):
        yield _broken(broken.arg_true(), declared.field, code)


def _lacking(typed: Mapping[str, Typed], contract: Contract, height: int) -> pl.Series | None:
    """Return where a row has none of the groups of fields that make it worth having."""
    groups = [g for g in contract.row_needs if all(f in typed for f in g)]
    if not contract.row_needs or not height:
        return None
    if any(all(not typed[f].values.null_count() for f in g) for g in groups):
        return None
    names = sorted({f for g in groups for f in g})
    frame = pl.DataFrame({n: typed[n].values.is_null() for n in names})
    if not groups:
        return pl.Series([True]).new_from_index(0, height)
    return frame.select(pl.all_horizontal(pl.any_horizontal(g) for g in groups).alias("lacking"))[
        "lacking"
    ]
