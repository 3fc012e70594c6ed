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
    # Equal keys have equal hashes: as many hashes as rows proves, cheaply, that no key repeats and
    # that none is shared with a rejected row.
    hashes = good.select(keys).hash_rows()
    in_doubt = bad.select(keys).hash_rows().unique()
    if pl.concat([hashes, in_doubt]).n_unique() == good.height + len(in_doubt):
        return Distinct(good, none, no_conflict)
    shared = good.select(keys).join(bad.select(keys).unique(), on=keys, how="semi")
    repeated = good.select(keys).is_duplicated()
    several = pl.concat([good.filter(repeated).select(keys), shared]).unique()
    groups = pl.concat([_rows(good, keys, several, True), _rows(bad, keys, several, False)])
    judged = groups.sort(ROW_NUMBER).join(
        groups.group_by(keys).agg(
            same=pl.col("content").n_unique() == 1,
            sound=pl.col("sound").all(),
            first=pl.col(ROW_NUMBER).min(),
            count=pl.len(),
        ),
        on=keys,
        suffix="_all",
    )
    agree = pl.col("same") & pl.col("sound_all")
    duplicates = judged.filter(agree & (pl.col(ROW_NUMBER) != pl.col("first")))[ROW_NUMBER]
    clashing = judged.filter(~agree)
    conflicts = _conflicts(clashing, keys) if clashing.height else no_conflict
    out = pl.concat([duplicates, conflicts[ROW_NUMBER]])
    return Distinct(good.filter(~pl.col(ROW_NUMBER).is_in(out.implode())), duplicates, conflicts)


def _rows(rows: pl.DataFrame, keys: list[str], several: pl.DataFrame, sound: bool) -> pl.DataFrame:
    """Return key, line and a hash of the content of the rows whose key stands several times."""
    found = rows.join(several, on=keys, how="semi")
    content = found.select(c for c in found.columns if c != ROW_NUMBER).hash_rows()
    return found.select(*keys, ROW_NUMBER).with_columns(
        content=content, sound=pl.lit(sound, pl.Boolean)
    )


def _conflicts(clashing: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Name for each sound row in doubt the other lines with its key, the first few of them."""
    first = clashing.group_by(keys).agg(pl.col(ROW_NUMBER).sort().head(_LINES + 1).alias("near"))
    others = (
        clashing.filter("sound")
        .select(*keys, ROW_NUMBER, "count")
        .join(first, on=keys)
        .with_columns(near=pl.col("near").list.set_difference(pl.concat_list(ROW_NUMBER)))
    )
    lines = pl.col("near").list.sort().list.head(_LINES).cast(pl.List(pl.String)).list.join("、")
    return others.select(
        ROW_NUMBER,
        pl.when(pl.col("count") > _LINES + 1).then(lines + " 等").otherwise(lines).alias("lines"),
    ).sort(ROW_NUMBER)
