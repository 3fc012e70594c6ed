"""What the receipt says of a conversion: how it lay, what was assumed, what was not taken."""

from collections.abc import Iterator, Sequence

import polars as pl

from sources.layout.axes import Axes
from sources.layout.cells import Cells
from sources.layout.lines import BodyLines
from sources.layout.periods import NEEDED
from sources.reading.raw import cell
from sources.reasons import finding

_PERIOD_ZH = (("hour", "小时"), ("day", "日期"), ("month", "月份"), ("year", "年份"))
_LISTED = 5
_MEANS = "平均|均值|年均|月均"
_ROUNDING = 0.005


def axes_zh(axes: Axes) -> str:
    """Return what lies across in words: 月份, 乡镇和指标."""
    names = []
    for kind in axes.across:
        if kind == "period":
            parts = {p for c in axes.values for p in c.period.parts}
            needed = {p for f in axes.contract.key_fields for p in NEEDED.get(f.type, ())}
            names.append(next((zh for p, zh in _PERIOD_ZH if p in parts & needed), "时间"))
        else:
            names.append(axes.contract.field(kind).title_zh)
    if len({c.measure for c in axes.values} - {None}) > 1:
        names.append("指标")
    return "和".join(names)


def how_zh(axes: Axes) -> str:
    """Return in words how a table lies, for a question about it."""
    parts = [f"{axes_zh(axes)}在列"] if axes.across else []
    if axes.stubs.items is not None:
        parts.append("指标在行")
    return "、".join(parts) or "每行一条"


def spread_notes(
    cells: Cells, lines: BodyLines, axes: Axes, unknown_items: Sequence[str], records: int
) -> Iterator[dict[str, object]]:
    """Yield the notes of a table that was spread over columns or lines."""
    if axes.across:
        yield finding("spread_turned", axes=axes_zh(axes), rows=records)
    yield from _item_notes(cells, axes, unknown_items, records)
    yield from given_notes(axes)
    yield from content_notes(axes)
    yield from _name_notes(axes)
    if axes.measure is not None:
        title = axes.contract.field(axes.measure).title_zh
        yield finding("measure_by_title", where="标题或数据种类", title=title)
    yield from _merged_values(cells, axes)
    yield from _totals(cells, lines, axes)


def _item_notes(
    cells: Cells, axes: Axes, unknown_items: Sequence[str], records: int
) -> Iterator[dict[str, object]]:
    if axes.stubs.items is None:
        return
    header = cells.row(axes.last)[axes.stubs.items].strip() or "第 1 列"
    if not axes.across:
        yield finding("items_gathered", header=header, rows=records)
    if unknown_items:
        shown = "、".join(f"“{t.strip()}”" for t in unknown_items[:_LISTED])
        more = f"等 {len(unknown_items)} 种" if len(unknown_items) > _LISTED else ""
        yield finding(
            "items_unknown", header=header, items=shown + more, dataset=axes.contract.title_zh
        )


def content_notes(axes: Axes) -> Iterator[dict[str, object]]:
    """Yield which columns were taken for fields by what stands in them, not by their title."""
    for name, position in axes.stubs.fields.items():
        column = axes.header[position]
        if column.meaning.title != name:
            title = axes.contract.field(name).title_zh
            header = column.header or f"第 {position + 1} 列"
            yield finding("key_by_content", header=header, title=title)


def given_notes(axes: Axes) -> Iterator[dict[str, object]]:
    """Yield the notes of key parts that were taken from beside the table."""
    for name, given in axes.given.items():
        yield finding(
            "taken_from_beside",
            title=axes.contract.field(name).title_zh,
            value=given.value or _parts_zh(axes),
            where=given.where,
            text=given.text,
        )


def _parts_zh(axes: Axes) -> str:
    words = {"year": "年", "month": "月", "day": "日", "hour": "时"}
    parts = ((getattr(axes.period, part), zh) for part, zh in words.items())
    return "".join(f"{value}{zh}" for value, zh in parts if value is not None)


def _name_notes(axes: Axes) -> Iterator[dict[str, object]]:
    """Yield what names of the header were taken for, where they are no listed values."""
    for declared in axes.contract.key_fields:
        names = [c.keys[declared.field] for c in axes.values if declared.field in c.keys]
        if declared.type == "string" and names:
            distinct = list(dict.fromkeys(names))
            yield finding(
                "names_across",
                names="、".join(distinct[:_LISTED]),
                count=len(distinct),
                title=declared.title_zh,
            )


def _merged_values(cells: Cells, axes: Axes) -> Iterator[dict[str, object]]:
    """Yield a finding for each value that is merged over several cells."""
    headers = {c.position: c.header for c in axes.values}
    first = cells.lines[axes.last]
    for merge in cells.merged:
        wide = merge.bottom > merge.top or merge.right > merge.left
        if merge.top > first and wide and merge.left in headers:
            yield finding("cells_merged", line=merge.top, header=headers[merge.left])


def _totals(cells: Cells, lines: BodyLines, axes: Axes) -> Iterator[dict[str, object]]:
    """Yield a finding for each total that is not the sum of the lines above it."""
    said = " ".join(cells.text(at) for at in lines.data[:50])
    if "其中" in said or axes.stubs.items is not None:
        return  # parts of a part count twice; items do not add up
    before = -1
    for at in lines.totals[:_LISTED]:
        label = cells.text(at).split(" ")[0]
        scopes = [[d for d in lines.data if d < at], [d for d in lines.data if before < d < at]]
        for column in axes.values if not pl.Series([label]).str.contains(_MEANS)[0] else ():
            observed = _number(cells, at, column.position)
            sums = [_sum(cells, scope, column.position) for scope in scopes if scope]
            known = [s for s in sums if s is not None]
            if observed is None or not known or any(_equal(observed, s) for s in known):
                continue
            yield finding(
                "control_total",
                line=cells.lines[at],
                label=label,
                title=column.header,
                observed=f"{observed:.15g}",
                expected=f"{known[0]:.15g}",
            )
            break
        before = at


def _number(cells: Cells, at: int, position: int) -> float | None:
    return _sum(cells, [at], position)


def _sum(cells: Cells, rows: Sequence[int], position: int) -> float | None:
    """Return the sum of some cells of a column, None where one is no plain number."""
    texts = cells.frame[cell(position)][list(rows)].drop_nulls().str.replace_all("[,， ]", "")
    numbers = texts.cast(pl.Float64, strict=False)
    return float(numbers.sum()) if len(numbers) and not numbers.null_count() else None


def _equal(observed: float, total: float) -> bool:
    return abs(observed - total) <= max(abs(total) * _ROUNDING, 1e-9)
