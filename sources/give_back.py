"""Rows that were accepted by themselves and go back to the sender for what stands elsewhere."""

from collections import Counter
from dataclasses import replace

import polars as pl

from sources.contracts import Contract
from sources.contracts.stored_rows import DELETE, REJECTED_SCHEMA, SOURCE_CELLS
from sources.reading.raw import ROW_NUMBER
from sources.reasons import REASONS
from sources.summary import PARTIAL, REFUSED, TableResult, covered_periods, refusal_text

AT = "_at"
"""The index of a row among the accepted ones: several records may stand on one line."""


def give_back(result: TableResult, out: pl.DataFrame, code: str, contract: Contract) -> TableResult:
    """Return a result without some of its accepted rows, which are rejected for one reason.

    `out` names them by `_at`, and has the reason's text in `reason_zh`.
    """
    if not out.height:
        return result
    reason = REASONS[code]
    accepted = result.accepted.with_row_index(AT).with_columns(pl.col(AT).cast(pl.UInt32))
    titles = {f.field: f.title_zh for f in contract.fields}
    raw_row = pl.struct(pl.col(f).cast(pl.String).alias(t) for f, t in titles.items())
    cells = [SOURCE_CELLS] if SOURCE_CELLS in accepted.columns else []
    none = pl.lit(None, pl.String)
    rejected = accepted.join(out, on=AT, how="inner", maintain_order="left").select(
        ROW_NUMBER,
        field=none,
        column_title=none,
        value=none,
        reason_code=pl.lit(reason.code),
        severity=pl.lit(reason.severity),
        reason_zh="reason_zh",
        raw_row=raw_row.struct.json_encode(),
        **{name: pl.col(name) for name in cells},
    )
    kept = accepted.join(out, on=AT, how="anti", maintain_order="left").drop(AT)
    both = pl.concat([result.rejected, rejected.select(*REJECTED_SCHEMA, *cells)], how="diagonal")
    counts = Counter(result.reason_counts) + Counter({reason.code: rejected.height})
    code_of_all, text = (None, None) if kept.height else refusal_text(result.rows_read)
    return replace(
        result,
        status=PARTIAL if kept.height else REFUSED,
        reason_code=code_of_all,
        reason_zh=text,
        accepted=kept,
        rejected=both.sort(ROW_NUMBER, maintain_order=True),
        rows_accepted=kept.height,
        rows_rejected=result.rows_rejected + rejected.height,
        rows_withdrawn=int((kept["operation"] == DELETE).sum()),
        periods=covered_periods(kept, contract),
        reason_counts=dict(sorted(counts.items())),
    )
