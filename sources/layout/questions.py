"""What is asked where a table's layout is understood but something stands nowhere."""

from sources.contracts import Field, fold
from sources.contracts.model import PERIOD
from sources.layout.axes import Axes
from sources.layout.notes import how_zh
from sources.reading.raw import Refusal

_PERIOD_ZH = {"year": "年份", "month": "年份和月份", "date": "日期", "datetime": "日期和小时"}


def question(axes: Axes) -> Refusal:
    """Return the refusal that asks for what a table lacks."""
    how = how_zh(axes)
    dataset = axes.contract.title_zh
    if axes.clash is not None:
        titles = "、".join(f.title_zh for f in axes.missing if f.key) or _period_title(axes)
        return Refusal("beside_contradicts", titles=titles, texts="、".join(axes.clash.texts))
    for declared in axes.missing:
        if parts := compared(axes, declared):
            named = "、".join(f"“{text}”" for text in parts)
            return Refusal("only_comparisons", title=declared.title_zh, parts=named)
    if spans := [h.header for h in axes.header if h.meaning.period.several]:
        named = "、".join(f"“{text}”" for text in spans)
        return Refusal("several_periods", dataset=dataset, headers=named)
    keys = [f for f in axes.missing if f.key]
    if keys:
        titles = "、".join(dict.fromkeys(map(_title, keys)))
        unread = "、".join(f"“{h.header}”" for h in axes.left_out if h.unknown)
        more = f"（不认识的列：{unread}）" if unread else ""
        return Refusal("key_missing", dataset=dataset, how=how, titles=titles, unread=more)
    if axes.unnamed and axes.measure is not None:
        titles = f"“{axes.contract.field(axes.measure).title_zh}”"
        return Refusal("measure_unnamed", dataset=dataset, how=how, titles=titles)
    if not axes.missing:
        alike = "、".join(f"“{c.header}”" for c in axes.values)
        return Refusal("columns_alike", dataset=dataset, headers=alike)
    titles = "、".join(f"“{f.title_zh}”" for f in axes.missing)
    return Refusal("values_missing", dataset=dataset, how=how, titles=titles)


def _title(declared: Field) -> str:
    named = f"“{declared.title_zh}”"
    if declared.type in PERIOD and declared.title_zh != _PERIOD_ZH[declared.type]:
        return f"{named}（{_PERIOD_ZH[declared.type]}）"
    return named


def _period_title(axes: Axes) -> str:
    return next((f.title_zh for f in axes.contract.key_fields if f.type in PERIOD), "")


def compared(axes: Axes, declared: Field) -> list[str]:
    """Return the headers under which a field only has figures of other periods."""
    titles = [fold(t) for t in (declared.title_zh, *declared.aliases)]
    columns = (h for h in axes.header if h.aside)
    return [h.header for h in columns if any(t in fold(h.header) for t in titles)]
