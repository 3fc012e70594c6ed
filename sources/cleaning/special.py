"""Rows that are no data: empty, total and mean rows, repeated headers, unit rows, notes, examples.

Belongs here: what such a row looks like. Only rows that already break a rule are looked at, so a
clean table pays nothing for it.
"""

import re
from collections.abc import Iterable, Sequence

import polars as pl

from sources.cleaning.names import NAMING
from sources.cleaning.text import EXAMPLE_MARK, folded, trimmed
from sources.contracts import Areas, Contracts, Field, fold
from sources.reading.raw import EXTRA, ROW_NUMBER, cell
from sources.recognise.layout import Layout

_TOTALS = "合计|小计|总计|共计|总和|总数"
_SCOPES = "本表|本页|全县|全市|各乡镇|乡镇|全年|年度|本年|本月|累计|本期"
# Behind the word a remark may stand: 全县合计（2座）.
_REMARK = r"(?:[(（][^()（）]{0,20}[)）])?[:：]?"
TOTAL = rf"^(?:{_SCOPES})?(?:{_TOTALS}){_REMARK}$"
# What the name of a thing never ends in: 城镇污水处理厂合计.
_NAMED_TOTAL = rf"(?:{_TOTALS}){_REMARK}$"
_MEAN = (
    rf"^(?:{_SCOPES}|总|算术|加权|年|月|日)*"
    rf"(?:平均[值数]?|均值|最[大小高低][值数]?|极[大小]值|中位数|中值|标准差|方差){_REMARK}$"
)
SUBTOTAL = "小计"
_HINTS = r"[合总小共]\s*计|总\s*[和数]|例：|均|最[大小高低]|极[大小]|中[位值]|[准方]差"
_WRITTEN = r"[^\s\p{Cf}'‘’`]"
_NEAR = 4  # so many lines below the header a row of units or of column numbers may stand
_NOTE = (
    r"^[(（*※]?(?:注|备注|说明|附注|附|填报|填表|制表|制单|审核|复核|核对|负责人|单位负责人|统计负责人|部门负责人|"
    r"单位|联系|电话|日期|时间|报出|报送|上报|数据来源|资料来源|来源|经办|盖章|公章|签字|签章|分管|主管|打印)"
    r"[^:：]{0,8}[:：\d]"
)
_NOTE_START = r"^[(（*※]?(?:注|说明|附注)"
_SECTION = r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])"

EMPTY, TOTAL_ROW, MEAN_ROW, HEADER, UNITS, NUMBERS, NOTE, SECTION, EXAMPLE = (
    "empty",
    "total",
    "mean",
    "repeated_header",
    "unit_row",
    "column_numbers",
    "note",
    "section_title",
    "example",
)
KINDS_ZH = {
    "title": "标题或说明行",
    EMPTY: "空行",
    TOTAL_ROW: "合计行（作为核对数，不入库）",
    MEAN_ROW: "平均、最大、最小等统计行（不入库）",
    HEADER: "重复的表头",
    UNITS: "单位行",
    NUMBERS: "栏号行",
    NOTE: "表下注释",
    SECTION: "分段标题",
    EXAMPLE: "模板示例行",
}


def may_be_total(field: Field) -> bool:
    """Tell whether 合计 is a value of this field: a listed one, or free text that sorts things.

    A species or a waste type may be 合计; the name of an enterprise or a section may not.
    """
    if field.type == "enum":
        return any(re.search(TOTAL, v) for v in field.values)
    return field.type == "string" and not field.title_zh.endswith(NAMING)


def _county_names(areas: Areas) -> list[str]:
    """Return the names of the whole county, which are no name of a thing in it."""
    return [fold(s) for a in areas if a.kind == "county" for s in a.spellings]


def _names_no_thing(name: pl.Expr, declared: Field, areas: Areas) -> dict[str, pl.Expr]:
    """Tell, by kind of row, where a folded text in a key cannot name a thing."""
    total = name.str.contains(TOTAL)
    if declared.type == "string":
        total = total | name.str.contains(_NAMED_TOTAL)
        if not declared.county_row:
            total = total | name.is_in(_county_names(areas))
    return {TOTAL_ROW: total, MEAN_ROW: name.str.contains(_MEAN)}


def named_totals(declared: Field, values: pl.Series, areas: Areas) -> list[pl.Series]:
    """Return the rows (indexes) in which a key says 合计 or 平均 where it can only name a thing."""
    if declared.type != "string" or may_be_total(declared):
        return []
    texts = values.unique().drop_nulls().alias("text")
    name = folded(pl.col("text"))
    kinds = _names_no_thing(name, declared, areas).values()
    texts = texts.to_frame().filter(pl.any_horizontal(kinds))["text"]
    return [values.is_in(texts.implode()).arg_true().cast(pl.UInt32)] if len(texts) else []


def likely(
    cells: pl.DataFrame, header_rows: Sequence[tuple[str, ...]], header_line: int, areas: Areas
) -> pl.Series:
    """Tell which rows deserve a closer look: one text for each row, tested once.

    A row that is no data is near the header, or mostly empty, or says 合计, 平均 or 例：, or
    repeats the header. The others are rows of data that break a rule.
    """
    names = [c for c in cells.columns if c not in (EXTRA, ROW_NUMBER)]
    filled = pl.sum_horizontal(pl.col(n).str.contains(_WRITTEN).cast(pl.UInt32) for n in names)
    joined = pl.concat_str(names, separator=" ", ignore_nulls=True)
    frame = cells.select(ROW_NUMBER, joined.alias("text"), filled.alias("filled"))
    headers = [fold("".join(row)) for row in header_rows]
    return frame.select(
        (
            (pl.col(ROW_NUMBER) <= header_line + _NEAR)
            | (pl.col("filled") * 2 <= len(names))
            | pl.col("text").str.contains(_HINTS)
            | pl.col("text").str.contains_any(_county_names(areas))
            | folded(pl.col("text")).is_in(headers)
        ).alias("likely")
    )["likely"]


def classify(
    cells: pl.DataFrame,
    layout: Layout,
    header_rows: Sequence[tuple[str, ...]],
    contracts: Contracts,
    *,
    keys_broken: pl.Series,
    keys_blank: pl.Series,
    numbers_present: pl.Series,
    below: pl.Series,
) -> pl.Series:
    """Return the kind of each row, null for a row of data.

    `cells` are raw text rows (c0.., extra, row_number). `keys_broken`: the row's key is not
    whole; `keys_blank`: all that is wrong with it is a missing part; `numbers_present`: some
    numeric field has a value; `below`: no sound row follows it.
    """
    names = [c for c in cells.columns if c not in (EXTRA, ROW_NUMBER)]
    folds = cells.select(folded(pl.col(n)).alias(n) for n in names)
    held = folds.select(pl.when(pl.col(n) != "").then(pl.col(n)).alias(n) for n in names)
    frame = held.with_columns(
        _keys=keys_broken,
        _blank=keys_blank,
        _numbers=numbers_present,
        _below=below,
        _extra=cells[EXTRA].is_not_null() if EXTRA in cells.columns else pl.lit(False),
        _example=_examples(cells, names),
        _filled=pl.sum_horizontal(pl.col(n).is_not_null().cast(pl.UInt32) for n in names),
        _first=pl.coalesce(names),
    )
    nothing = ~pl.col("_numbers")
    alone = pl.col("_filled") == 1
    keys = pl.col("_keys")
    note = pl.col("_first").str.contains(_NOTE) | (
        alone & pl.col("_first").str.contains(_NOTE_START)
    )
    total, mean = _statistics(names, layout, contracts.areas)
    kinds = (
        (pl.col("_filled") == 0, EMPTY),
        (pl.col("_example"), EXAMPLE),
        (_repeats(names, header_rows) & (pl.col("_filled") >= min(2, len(names))), HEADER),
        (total, TOTAL_ROW),
        (mean, MEAN_ROW),
        (nothing & keys & _only_units(names, contracts), UNITS),
        (nothing & (keys | alone) & note, NOTE),
        (alone & keys & pl.col("_first").str.contains(_SECTION), SECTION),
        (alone & keys & nothing & pl.col("_below"), NOTE),
    )
    kind = pl.coalesce(pl.when(condition).then(pl.lit(name)) for condition, name in kinds)
    kind = pl.when(~pl.col("_extra")).then(kind)
    return frame.select(kind.alias("kind"))["kind"].cast(pl.String)


def _statistics(names: Iterable[str], layout: Layout, areas: Areas) -> tuple[pl.Expr, pl.Expr]:
    """Tell which rows are totals, and which are means and their like."""
    of_columns = {cell(c.position): c.field for c in layout.columns}
    totals: list[pl.Expr] = [pl.lit(False)]
    means: list[pl.Expr] = [pl.lit(False)]
    for name in names:
        declared = of_columns.get(name)
        text = pl.col(name)
        said = text.str.contains(TOTAL).fill_null(False)
        if declared is not None and may_be_total(declared):
            totals.append(said & pl.col("_blank"))
            continue
        totals.append(said)
        if declared is not None and declared.key:
            found = _names_no_thing(text, declared, areas)
            totals.append(found[TOTAL_ROW].fill_null(False) & (declared.type == "string"))
            means.append(found[MEAN_ROW].fill_null(False))
    return pl.any_horizontal(totals), pl.any_horizontal(means)


def _examples(cells: pl.DataFrame, names: Iterable[str]) -> pl.Series:
    """Tell which rows are the example of a template."""
    return cells.select(
        pl.all_horizontal(
            pl.col(n).is_null()
            | trimmed(pl.col(n)).str.starts_with(EXAMPLE_MARK)
            | (trimmed(pl.col(n)) == "")
            for n in names
        ).alias("example")
    )["example"]


def _repeats(names: Iterable[str], header_rows: Sequence[tuple[str, ...]]) -> pl.Expr:
    """Tell which rows repeat a row of the header."""
    rows = [
        pl.all_horizontal(
            pl.col(n).is_null() | (pl.col(n) == fold(row[i] if i < len(row) else ""))
            for i, n in enumerate(names)
        )
        for row in header_rows
    ]
    return pl.any_horizontal(rows) if rows else pl.lit(False)


def _only_units(names: Iterable[str], contracts: Contracts) -> pl.Expr:
    """Tell which rows hold nothing but units and the word 单位."""
    units = {fold(s) for u in contracts.units for s in (u.unit, *u.aliases)} | {"单位", "计量单位"}
    return pl.all_horizontal(pl.col(n).is_null() | pl.col(n).is_in(list(units)) for n in names)


def label_of(names: Iterable[str]) -> pl.Expr:
    """Return the text of a total row that says what it is: 合计, else what ends in it, else all."""
    texts = [pl.col(n).str.replace_all(r"\s", "") for n in names]
    labels = [pl.when(t.str.contains(p)).then(t) for p in (TOTAL, _NAMED_TOTAL) for t in texts]
    return pl.coalesce(*labels, *texts)
