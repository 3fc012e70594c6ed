"""A key that stands twice in one table: identical rows count once, different rows not at all."""

from dataclasses import dataclass

import polars as pl

from sources.contracts import Contract
from sources.reading.raw import ROW_NUMBER

_LINES = 6  # so many other lines are named in a reason


@dataclass(frozen=True)
class Distinct:
    """`good` without repeats; `duplicates` rows left out because they say the same;
    `conflicts` maps row numbers of rejected rows to the lines they contradict (row_number, lines).
    """

    good: pl.DataFrame
    duplicates: pl.Series
    conflicts: pl.DataFrame


def distinct_keys(good: pl.DataFrame, bad: pl.DataFrame, contract: Contract) -> Distinct:
    """Apply the rule to accepted rows; a row with the key of a rejected one is in doubt too."""
    keys = [f.field for f in contract.key_fields]
    none = good[ROW_NUMBER].clear()
    no_conflict = pl.DataFrame(schema={ROW_NUMBER: pl.Int64, "lines": pl.String})
    bad = bad.drop_nulls(keys)
    shared = good.select(keys).join(bad.select(keys).unique(), on=keys, how="semi")
    # Equal keys have equal hashes: as many hashes as rows proves, cheaply, that no key repeats.
    unique = good.select(keys).hash_rows().n_unique() == good.height
    if unique and not shared.height:
        return Distinct(good, none, no_conflict)
    repeated = good.select(keys).is_duplicated()
    content = [c for c in good.columns if c != ROW_NUMBER]
    both = pl.concat(
        [
            good.with_columns(_sound=pl.lit(True)),
            bad.with_columns(_sound=pl.lit(False)),
        ]
    )
    several = pl.concat([good.filter(repeated).select(keys), shared]).unique()
    groups = both.join(several, on=keys, how="semi")
    first = pl.struct(content).first().over(keys)
    judged = groups.sort(ROW_NUMBER).with_columns(
        _same=(pl.struct(content) == first).all().over(keys),
        _all_sound=pl.col("_sound").all().over(keys),
        _first=pl.col(ROW_NUMBER).min().over(keys),
    )
    repeated = judged.filter(pl.col("_same") & pl.col("_all_sound"))
    duplicates = repeated.filter(pl.col(ROW_NUMBER) != pl.col("_first"))[ROW_NUMBER]
    clashing = judged.filter(~(pl.col("_same") & pl.col("_all_sound")))
    lines = clashing.group_by(keys).agg(pl.col(ROW_NUMBER).sort().alias("_lines"))
    conflicts = (
        clashing.filter(pl.col("_sound"))
        .join(lines, on=keys, how="left")
        .select(
            ROW_NUMBER,
            pl.col("_lines").list.head(_LINES + 1).alias("_head"),
            pl.col("_lines").list.len().alias("_count"),
        )
        .explode("_head")
        .filter(pl.col("_head") != pl.col(ROW_NUMBER))
        .group_by(ROW_NUMBER, "_count", maintain_order=True)
        .agg(pl.col("_head").head(_LINES).cast(pl.String).str.join("、").alias("lines"))
        .select(
            ROW_NUMBER,
            pl.when(pl.col("_count") > _LINES + 1)
            .then(pl.col("lines") + " 等")
            .otherwise(pl.col("lines"))
            .alias("lines"),
        )
        .sort(ROW_NUMBER)
    )
    out = pl.concat([duplicates, conflicts[ROW_NUMBER]])
    return Distinct(good.filter(~pl.col(ROW_NUMBER).is_in(out.implode())), duplicates, conflicts)
