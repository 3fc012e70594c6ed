"""Words of headers and stubs that belong to no dataset: totals, comparisons, general titles.

A title such as 项目 or 监测值 names no field; it says what the cells below it are. What belongs to
a dataset (titles, allowed values, areas) is `vocabulary`'s.
"""

import re
from collections.abc import Sequence
from typing import Literal

from sources.contracts import fold

General = Literal["item", "value", "unit", "year", "month", "day", "hour", "number", "remark"]
Comparison = Literal["current", "previous", "cumulative", "change"]

_STEMS = "甲乙丙丁戊己庚辛壬癸"

# Titles by what stands below them; spaces part the titles.
_GENERAL: dict[General, str] = {
    "item": (
        "项目 项目名称 指标 指标名称 监测项目 监测指标 检测项目 检测指标 分析项目 监测因子 "
        "评价因子 因子 参数 参数名称 污染物 污染物名称 污染因子 统计项目 统计指标 名称 内容 类型 "
        "item type parameter pollutant indicator"
    ),
    "value": (
        "监测值 检测值 测定值 结果 监测结果 检测结果 测定结果 分析结果 数值 数据 浓度 监测浓度 "
        "检测浓度 含量 指标值 统计值 数量 值 value result concentration"
    ),
    "unit": "单位 计量单位 数据单位 浓度单位 unit units",
    "year": "年份 年度 年 统计年度 year",
    "month": "月份 月 月度 统计月份 month",
    "day": "日期 监测日期 采样日期 日 date day",
    "hour": "小时 时 时间 监测时间 采样时间 时刻 整点 时次 hour time",
    "number": "序号 编号 行次 no. no 代码",
    "remark": "备注 说明 附注 注 remark note",
}
_BY_TITLE: dict[str, General] = {
    fold(title): kind for kind, titles in reversed(_GENERAL.items()) for title in titles.split()
}
TOTAL = (
    r"(?:本表|本页|全县|全市|各乡镇|乡镇|全部|年度|本年|本月)?"
    r"(?:合计|小计|总计|共计|总和|总量|全年|全年合计|年合计|年累计|平均|平均值|均值|总平均|年均|月均)"
)
_TOTAL = re.compile(TOTAL)
_CHANGE = re.compile(
    r"同比|环比|增长|增减|增幅|增速|比上年|比上月|比同期|±|变化|升降|占比|比重|完成率|进度|比例|%|\+-"
)
_PREVIOUS = re.compile(r"上年|去年|上一?年度|上期|上月|前年|往年|历史|基期")
_CUMULATIVE = re.compile(r"累计|年初至|自年初|\d月?[-~—–至到]\d+月|至本月")
_CURRENT_WORDS = r"(?:本月|当月|本期|本季度?|本年度?|当年|今年|报告期|本次)"
_CURRENT = re.compile(rf"(?:{_CURRENT_WORDS}|实际|实绩|绝对)(?:数|值|量|额|实际|实绩|完成)?")
_BEFORE_TITLE = re.compile(rf"^{_CURRENT_WORDS}(?:实际|实绩|完成)?")
# Of these, what stands in a title itself and not below it.
_COMPARED = "同比|环比|增长|增减|增速|增幅"
_NOT_CURRENT = re.compile(rf"上年|去年|上期|上月|同期|累计|{_COMPARED}")
# Words by which a title says that its figures are planned or allowed; that they are other than the
# thing itself.
_PLANNED = re.compile("计划|许可|允许|限值|定额|预测|预计|预算|测算")
_OTHER_KIND = re.compile(
    rf"{_PLANNED.pattern}|任务|目标值|人均|户均|单位面积|万元(?:gdp|产值|地区)|减排|削减|新增|剩余|"
    rf"上年同期|去年同期|{_COMPARED}|占比|比重|完成率"
)
# What a title may say beside the thing that its figures are of.
_FRAME = re.compile(
    r"20\d\d|19\d\d|\d+|[一二三四五六七八九十〇]+|[年月日旬季号第度份]|上半|下半|各?乡镇|全县|全市|"
    r"附[表件]|统计|情况|汇总|明细|报表|月报|年报|季报|日报|分类|分月|分年|数据|表|按|各|的|及|和"
)
_LABEL = re.compile(r"\S{0,12}[:：]\S*")
_MARKS = "*＊★☆※●#:："


def general_title(text: str) -> General | None:
    """Return what the cells below a general title are, None for a title of another kind.

    A unit or a remark in brackets behind the title changes nothing.
    """
    return _BY_TITLE.get(_plain(text)) or _BY_TITLE.get(_bare(text))


def is_total(text: str) -> bool:
    """Tell whether a header or stub cell stands for a total or a mean of the others."""
    return _TOTAL.fullmatch(_bare(text)) is not None


def comparison(text: str) -> Comparison | None:
    """Return which of the figures that a statistical table sets side by side a cell names."""
    bare = _bare(text)
    if _CHANGE.search(bare):
        return "change"
    if _PREVIOUS.search(bare):
        return "previous"
    if _CUMULATIVE.search(bare):
        return "cumulative"
    return "current" if _CURRENT.fullmatch(bare) else None


def without_current(folded: str) -> str:
    """Return a folded title without a word such as 本月 before it."""
    return _BEFORE_TITLE.sub("", folded, count=1)


def current_apart(inside: str) -> str:
    """Return what stands in the brackets behind a title without words such as 本月."""
    parts = re.split(r"[,，、;；]", inside)
    return ",".join(p for p in parts if comparison(p) != "current")


def changes_meaning(folded: str) -> bool:
    """Tell whether a text beside a title says that its figures are planned or of other periods."""
    return _NOT_CURRENT.search(folded) is not None or _PLANNED.search(folded) is not None


def other_kind(title: str) -> bool:
    """Tell whether a title says that its figures are planned, allowed, compared or per head."""
    return _OTHER_KIND.search(fold(title)) is not None


def planned(title: str) -> str | None:
    """Return the word by which a title says that its figures are planned or allowed ones."""
    found = _PLANNED.search(fold(title))
    return found[0] if found is not None and "完成" not in title else None


def summed_up(title: str) -> str | None:
    """Return the words by which a title says that its figures add up over several periods."""
    found = _CUMULATIVE.search(fold(title))
    return found[0] if found is not None else None


def is_frame(title: str, names: Sequence[str] = ()) -> bool:
    """Tell whether a title says when, where (`names`) and by whom, but not what its figures are."""
    rest = _LABEL.sub("", title)
    for name in names:
        rest = rest.replace(name, "")
    return not re.search("[一-龥]{2}|[A-Za-z]{2}", _FRAME.sub("", fold(rest)))


def _plain(text: str) -> str:
    return fold(text).strip(_MARKS)


def _bare(text: str) -> str:
    return re.sub(r"\([^()]*\)$", "", _plain(text)).strip(_MARKS)


def is_numbering(row: Sequence[str | None]) -> bool:
    """Tell whether a line only numbers the columns: 甲 乙 1 2 3, or 1 2 3 4."""
    texts = [fold(c).strip("()") for c in row if c and c.strip()]
    digits = [t for t in texts if t.isdigit()]
    stems = [t for t in texts if t in _STEMS]
    if len(texts) < 2 or len(digits) + len(stems) != len(texts):
        return False
    if stems and stems != list(_STEMS[: len(stems)]):
        return False
    start = int(digits[0]) if digits else 1
    return [int(d) for d in digits] == list(range(start, start + len(digits))) and start <= 2
