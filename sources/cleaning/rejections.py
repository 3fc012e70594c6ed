"""Rejected rows with their reasons, and the words that a reason takes from a contract."""

from collections.abc import Sequence

import polars as pl

from sources.cleaning.dates import EARLIEST, LATEST
from sources.cleaning.text import LONGEST
from sources.contracts import Contract, Contracts, Field
from sources.contracts.stored_rows import REJECTED_SCHEMA
from sources.reading.raw import EXTRA, ROW_NUMBER, cell
from sources.reasons import REASONS
from sources.recognise.headers import OPERATION_ZH, OVERFLOW_ZH
from sources.recognise.layout import Layout
from sources.recognise.units import Column

SHOWN = 80
"""Characters of a value that a reason or a list of lines shows."""
_KEPT = 1_000


def rejected_rows(
    frame: pl.DataFrame, errors: pl.DataFrame, layout: Layout, contracts: Contracts
) -> pl.DataFrame:
    """Return a row of REJECTED_SCHEMA for each broken rule (at, field, code) of a table's rows."""
    if not errors.height:
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    raw = raw_rows(frame, errors["at"].unique().sort(), layout)
    headers = {c.field.field: c for c in layout.columns}
    parts = []
    for (name, code), group in errors.partition_by(
        ["field", "code"], as_dict=True, maintain_order=True
    ).items():
        at = group["at"]
        column = headers.get(name)
        if column is not None:
            value = frame[cell(column.position)].gather(at)
            title = column.header
        elif name == OPERATION_ZH:
            value = frame[cell(layout.operation or 0)].gather(at)
            title = layout.headers[layout.operation or 0]
        else:
            value = frame[EXTRA].gather(at) if code == "too_many_cells" else no_text(len(at))
            title = ""
        part = pl.DataFrame({"at": at, "row_number": frame[ROW_NUMBER].gather(at)})
        parts.append(
            part.with_columns(
                field=pl.lit(name or None, pl.String),
                column_title=pl.lit(title or None, pl.String),
                value=value.str.slice(0, _KEPT),
                reason_code=pl.lit(code),
                severity=pl.lit(REASONS[code].severity),
                reason_zh=reason_text(
                    code, value, _words(column, title, layout.contract, contracts)
                ),
            )
        )
    found = pl.concat(parts).join(raw, on="at", how="left")
    return found.sort("row_number", maintain_order=True).select(list(REJECTED_SCHEMA))


def raw_rows(frame: pl.DataFrame, at: pl.Series, layout: Layout) -> pl.DataFrame:
    """Return `raw_row` of the rows at an index: a JSON object of header and text."""
    names: dict[str, str] = {}
    for position, header in enumerate(layout.headers):
        name = header or f"第{position + 1}列"
        while name in names.values():
            name = f"{name}（第{position + 1}列）"
        names[cell(position)] = name
    picked = frame[at].select(pl.col(c).str.slice(0, _KEPT).alias(n) for c, n in names.items())
    more = frame[EXTRA].gather(at).alias(OVERFLOW_ZH) if EXTRA in frame.columns else None
    if more is not None and more.null_count() < len(more):
        picked = picked.with_columns(more)
    return pl.DataFrame({"at": at, "raw_row": picked.to_struct("r").struct.json_encode()})


def briefly(rejected: pl.DataFrame) -> pl.DataFrame:
    """Return rejected rows with the first of their reasons each, their raw text left out."""
    first = rejected.unique("row_number", keep="first", maintain_order=True)
    return first.with_columns(raw_row=pl.lit(None, pl.String))


def _words(
    column: Column | None, title: str, contract: Contract, contracts: Contracts
) -> dict[str, object]:
    words: dict[str, object] = {
        "title": title,
        "low": EARLIEST,
        "high": LATEST,
        "limit": LONGEST,
        "needs": needs_zh(contract),
    }
    if column is not None:
        words |= field_words(column.field, contracts)
    return words


def field_words(declared: Field, contracts: Contracts) -> dict[str, object]:
    """Return what a reason may say of a field: its range, unit, allowed values and pattern."""
    allowed: Sequence[str] = declared.values
    if declared.type == "area":
        allowed = contracts.areas.names
    elif declared.type == "township":
        allowed = contracts.areas.townships
    return {
        "range": range_zh(declared),
        "unit": declared.unit or "",
        "allowed": "、".join(allowed),
        "pattern": " 或 ".join(declared.pattern_examples),
    }


def range_zh(declared: Field) -> str:
    """Return a field's range in words: `0～100 %`, `不小于 0 吨`."""
    unit = "" if declared.unit in (None, "无量纲") else f" {declared.unit}"
    low = "" if declared.minimum is None else f"{declared.minimum:g}"
    high = "" if declared.maximum is None else f"{declared.maximum:g}"
    if low and high:
        return f"{low}～{high}{unit}"
    return f"不小于 {low}{unit}" if low else f"不大于 {high}{unit}" if high else ""


def needs_zh(contract: Contract) -> str:
    """Return a contract's row_needs in words."""
    return "，或".join(
        "和".join(f"“{contract.field(f).title_zh}”" for f in group) for group in contract.row_needs
    )


def reason_text(code: str, value: pl.Series, words: dict[str, object]) -> pl.Series:
    """Return a reason's sentence for each value, long values cut."""
    template = REASONS[code].template_zh
    pieces = [piece.format(**words) for piece in template.split("{value}")]
    if len(pieces) == 1:
        return pl.Series([pieces[0]]).new_from_index(0, len(value))
    cut = (
        pl.when(pl.col("v").str.len_chars() > SHOWN)
        .then(pl.col("v").str.slice(0, SHOWN) + "…")
        .otherwise(pl.col("v"))
        .fill_null("")
        .str.replace_all(r"[\r\n]+", "⏎")
    )
    parts: list[pl.Expr] = [pl.lit(pieces[0])]
    for piece in pieces[1:]:
        parts += [cut, pl.lit(piece)]
    return value.to_frame("v").select(pl.concat_str(parts).alias("t"))["t"]


def no_text(height: int) -> pl.Series:
    """Return a text column of that many nulls."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, height)
