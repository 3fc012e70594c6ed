"""Several tables of one file that speak of the same objects: where they differ, neither is taken.

Within a table that is the keys' business (`cleaning.keys`); here tables are compared. What stands
on a hidden sheet never wins over what the sender sees.
"""

from collections import defaultdict
from collections.abc import Sequence

import polars as pl

from sources.contracts import Contract, Contracts
from sources.give_back import AT, give_back
from sources.reading.raw import ROW_NUMBER
from sources.reasons import REASONS
from sources.summary import TableResult

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
            pl.int_range(pl.len(), dtype=pl.UInt32).alias(AT),
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
        AT,
        pl.col(f"{ROW_NUMBER}_other").alias("line"),
        pl.col(f"{_TABLE}_other")
        .replace_strict(sheets, return_dtype=pl.String, default="")
        .alias("sheet"),
    )


def _without(
    result: TableResult, out: pl.DataFrame, contract: Contract, hidden: bool
) -> TableResult:
    """Return a result with some of its rows given back."""
    code = "hidden_sheet_differs" if hidden else "other_sheet_differs"
    before, after = REASONS[code].template_zh.split("{where}")
    between, after = after.split("{line}")
    where = (
        pl.when(pl.col("sheet") != "")
        .then(pl.lit("工作表“") + pl.col("sheet") + pl.lit("”"))
        .otherwise(pl.lit("第一张表"))
    )
    line = pl.col("line").cast(pl.String)
    text = pl.concat_str(pl.lit(before), where, pl.lit(between), line, pl.lit(after))
    return give_back(result, out.select(AT, reason_zh=text), code, contract)
