"""Rows that are no data: empty and total rows, repeated headers, unit rows, notes, the example.

Only rows that already break a rule are looked at here, so a clean table pays nothing for it.
"""

import re

import polars as pl

from sources.cleaning.names import NAMING
from sources.cleaning.text import EXAMPLE_MARK, folded, trimmed
from sources.contracts import Contracts, Field, fold
from sources.reading.raw import EXTRA, ROW_NUMBER
from sources.recognise.layout import Layout

TOTAL = (
    r"^(?:本表|本页|全县|全市|各乡镇|乡镇|全年|年度|本年|本月|累计)?"
    r"(?:合计|小计|总计|共计|总和)[:：]?$"
)
SUBTOTAL = "小计"
_HINTS = r"[合总小共]\s*计|总\s*和|例："
_WRITTEN = r"[^\s\p{Cf}'‘’`]"
_NEAR = 4  # so many lines below the header a row of units or of column numbers may stand
_NOTE = (
    r"^[(（*※]?(?:注|备注|说明|附注|附|填报|填表|制表|制单|审核|复核|核对|负责人|单位负责人|统计负责人|部门负责人|"
    r"单位|联系|电话|日期|时间|报出|报送|上报|数据来源|资料来源|来源|经办|盖章|公章|签字|签章|分管|主管|打印)"
    r"[^:：]{0,8}[:：\d]"
)
_NOTE_START = r"^[(（*※]?(?:注|说明|附注)"
_SECTION = r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])"
_STEMS = "甲乙丙丁戊己庚辛壬癸"

EMPTY, TOTAL_ROW, HEADER, UNITS, NUMBERS, NOTE, SECTION, EXAMPLE = (
    "empty",
    "total",
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


def named_totals(declared: Field, values: pl.Series) -> list[pl.Series]:
    """Return the rows (indexes) in which a key says 合计 where it can only name a thing."""
    if declared.type != "string" or may_be_total(declared):
        return []
    texts = values.unique().drop_nulls()
    texts = texts.filter(texts.str.contains(TOTAL))
    return [values.is_in(texts.implode()).arg_true().cast(pl.UInt32)] if len(texts) else []


def likely(cells: pl.DataFrame, header_rows: list[tuple[str, ...]], header_line: int) -> pl.Series:
    """Tell which rows deserve a closer look: one text for each row, tested once.

    A row that is no data is near the header, or mostly empty, or says 合计 or 例：, or repeats
    the header. The others are rows of data that break a rule.
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
            | folded(pl.col("text")).is_in(headers)
        ).alias("likely")
    )["likely"]


def classify(
    cells: pl.DataFrame,
    layout: Layout,
    header_rows: list[tuple[str, ...]],
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
    filled = pl.sum_horizontal(pl.col(n).is_not_null().cast(pl.UInt32) for n in names)
    first = pl.coalesce(names)
    allowed = {f"c{c.position}" for c in layout.columns if may_be_total(c.field)}
    total_free = [n for n in names if n not in allowed]
    never = pl.lit(False)
    is_total = {n: pl.col(n).str.contains(TOTAL).fill_null(False) for n in names}
    in_free = pl.any_horizontal([is_total[n] for n in total_free]) if total_free else never
    in_allowed = pl.any_horizontal([is_total[n] for n in allowed]) if allowed else never
    units = {fold(s) for u in contracts.units for s in (u.unit, *u.aliases)} | {"单位", "计量单位"}
    headers = [
        pl.all_horizontal(
            pl.col(n).is_null() | (pl.col(n) == fold(row[i] if i < len(row) else ""))
            for i, n in enumerate(names)
        )
        for row in header_rows
    ]
    examples = cells.select(
        pl.all_horizontal(
            pl.col(n).is_null()
            | trimmed(pl.col(n)).str.starts_with(EXAMPLE_MARK)
            | (trimmed(pl.col(n)) == "")
            for n in names
        ).alias("example")
    )["example"]
    frame = held.with_columns(
        _keys=keys_broken,
        _blank=keys_blank,
        _numbers=numbers_present,
        _below=below,
        _extra=cells[EXTRA].is_not_null() if EXTRA in cells.columns else pl.lit(False),
        _example=examples,
        _filled=filled,
        _first=first,
    )
    nothing = ~pl.col("_numbers")
    alone = pl.col("_filled") == 1
    kind = (
        pl.when(pl.col("_extra"))
        .then(None)
        .when(pl.col("_filled") == 0)
        .then(pl.lit(EMPTY))
        .when(pl.col("_example"))
        .then(pl.lit(EXAMPLE))
        .when(pl.any_horizontal(headers) & (pl.col("_filled") >= min(2, len(names))))
        .then(pl.lit(HEADER))
        .when(in_free | (in_allowed & pl.col("_blank")))
        .then(pl.lit(TOTAL_ROW))
        .when(
            nothing
            & pl.col("_keys")
            & pl.all_horizontal(pl.col(n).is_null() | pl.col(n).is_in(units) for n in names)
        )
        .then(pl.lit(UNITS))
        .when(
            nothing
            & (pl.col("_keys") | alone)
            & (
                pl.col("_first").str.contains(_NOTE)
                | (alone & pl.col("_first").str.contains(_NOTE_START))
            )
        )
        .then(pl.lit(NOTE))
        .when(alone & pl.col("_keys") & pl.col("_first").str.contains(_SECTION))
        .then(pl.lit(SECTION))
        .when(alone & pl.col("_keys") & nothing & pl.col("_below"))
        .then(pl.lit(NOTE))
    )
    return frame.select(kind.alias("kind"))["kind"].cast(pl.String)


def is_numbering(cells: tuple[str | None, ...]) -> bool:
    """Tell whether a row only numbers the columns: 甲 乙 1 2 3, or 1 2 3 4."""
    texts = [fold(c).strip("()") for c in cells if c and c.strip()]
    digits = [t for t in texts if t.isdigit()]
    stems = [t for t in texts if t in _STEMS]
    if len(texts) < 2 or len(digits) + len(stems) != len(texts):
        return False
    if stems and stems != list(_STEMS[: len(stems)]):
        return False
    start = int(digits[0]) if digits else 1
    return [int(d) for d in digits] == list(range(start, start + len(digits))) and start <= 2
