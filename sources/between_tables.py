"""Several tables of one file that speak of the same objects: where they differ, neither is taken.

Within a table that is the keys' business (`cleaning.keys`); here tables are compared. What stands
on a hidden sheet never wins over what the sender sees.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from sources.contracts import Contract, Contracts
from sources.contracts.stored_rows import REJECTED_SCHEMA
from sources.reading.raw import ROW_NUMBER
from sources.reasons import REASONS
from sources.summary import PARTIAL, REFUSED, TableResult, covered_periods, refusal_text

_TABLE, _CONTENT = "_table", "_content"


def settled(
    results: Sequence[TableResult], hidden: Sequence[bool], contracts: Contracts
) -> list[TableResult]:
    """Return the results of a file's tables without rows that contradict one another.

    `hidden` tells of each result whether it is of a sheet that the sender does not see.
    """
    found = list(results)
    by_dataset: dict[str, list[int]] = defaultdict(list)
    for number, result in enumerate(found):
        if result.dataset is not None and result.rows_accepted:
            by_dataset[result.dataset].append(number)
    for dataset, numbers in by_dataset.items():
        if len(numbers) < 2 or not _share_keys(contracts[dataset], found, numbers):
            continue
        out = _contradictions(contracts[dataset], found, numbers, hidden)
        for (number,), rows in out.partition_by(_TABLE, as_dict=True).items():
            found[number] = _without(found[number], rows, contracts[dataset], hidden[number])
    return found


def _share_keys(contract: Contract, results: list[TableResult], numbers: list[int]) -> bool:
    """Tell whether a key stands in two tables: then there are fewer hashes than rows."""
    keys = [f.field for f in contract.key_fields]
    hashes = pl.concat(results[n].accepted.select(keys).hash_rows() for n in numbers)
    return hashes.n_unique() < len(hashes)


def _contradictions(
    contract: Contract, results: list[TableResult], numbers: list[int], hidden: Sequence[bool]
) -> pl.DataFrame:
    """Return the rows to be given back: table, line, and the table and line they contradict."""
    keys = [f.field for f in contract.key_fields]
    content = [f.field for f in contract.fields] + ["operation"]
    rows = pl.concat(
        results[n].accepted.select(
            *keys,
            ROW_NUMBER,
            pl.lit(n, pl.UInt32).alias(_TABLE),
            pl.lit(hidden[n], pl.Boolean).alias("_hidden"),
            pl.struct(content).hash().alias(_CONTENT),
        )
        for n in numbers
    )
    differing = pl.col(_CONTENT).n_unique().over(keys) > 1
    seen = ~pl.col("_hidden")
    # What is seen stays where all that is seen agrees.
    agreed = pl.when(seen).then(pl.col(_CONTENT)).drop_nulls().n_unique().over(keys) == 1
    rows = rows.filter(differing).with_columns(out=~(seen & agreed), number=pl.int_range(pl.len()))
    pairs = rows.join(rows, on=keys, suffix="_other").filter(
        (pl.col(_TABLE) != pl.col(f"{_TABLE}_other"))
        & (pl.col(_CONTENT) != pl.col(f"{_CONTENT}_other"))
    )
    first = pairs.sort("number", "_hidden_other", "number_other").unique(
        "number", keep="first", maintain_order=True
    )
    sheets = {n: results[n].sheet for n in numbers}
    return first.filter("out").select(
        _TABLE,
        ROW_NUMBER,
        pl.col(f"{ROW_NUMBER}_other").alias("line"),
        pl.col(f"{_TABLE}_other")
        .replace_strict(sheets, return_dtype=pl.String, default="")
        .alias("sheet"),
    )


def _without(
    result: TableResult, out: pl.DataFrame, contract: Contract, hidden: bool
) -> TableResult:
    """Return a result with some of its rows given back."""
    reason = REASONS["hidden_sheet_differs" if hidden else "other_sheet_differs"]
    lines = out[ROW_NUMBER]
    gone = result.accepted[ROW_NUMBER].is_in(lines.implode())
    texts = {f.field: f.title_zh for f in contract.fields}
    raw = result.accepted.filter(gone).select(
        ROW_NUMBER,
        pl.struct(pl.col(f).cast(pl.String).alias(t) for f, t in texts.items())
        .struct.json_encode()
        .alias("raw_row"),
    )
    before, between, after = reason.template_zh.replace("{line}", "{where}").split("{where}")
    more = out.with_columns(
        where=pl.when(pl.col("sheet") != "")
        .then(pl.lit("工作表“") + pl.col("sheet") + pl.lit("”"))
        .otherwise(pl.lit("第一张表")),
    ).join(raw, on=ROW_NUMBER, how="left")
    text = pl.concat_str(
        pl.lit(before),
        "where",
        pl.lit(between),
        pl.col("line").cast(pl.String),
        pl.lit(after),
    )
    none = pl.lit(None, pl.String)
    rejected = more.select(
        ROW_NUMBER,
        field=none,
        column_title=none,
        value=none,
        reason_code=pl.lit(reason.code),
        severity=pl.lit(reason.severity),
        reason_zh=text,
        raw_row="raw_row",
    ).select(list(REJECTED_SCHEMA))
    accepted = result.accepted.filter(~gone)
    rows_rejected = result.rows_rejected + int(gone.sum())
    counts = Counter(result.reason_counts) + Counter({reason.code: rejected.height})
    status = PARTIAL if accepted.height else REFUSED
    code, zh = (None, None) if accepted.height else refusal_text(result.rows_read)
    return replace(
        result,
        status=status,
        reason_code=code,
        reason_zh=zh,
        accepted=accepted,
        rejected=pl.concat([result.rejected, rejected], how="diagonal").sort(
            ROW_NUMBER, maintain_order=True
        ),
        rows_accepted=accepted.height,
        rows_rejected=rows_rejected,
        rows_withdrawn=int((accepted["operation"] == "delete").sum()),
        periods=covered_periods(accepted, contract),
        reason_counts=dict(sorted(counts.items())),
    )
