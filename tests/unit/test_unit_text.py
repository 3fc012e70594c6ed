"""Texts that state a unit: spellings, rates, remarks, and lines above and below a table."""

from fractions import Fraction

import pytest

from sources.contracts import Field, load_contracts
from sources.contracts.unit_text import (
    UnitProblem,
    conversion,
    read_remark,
    read_unit,
    stated_in_line,
)

UNITS = load_contracts().units


def name(text: str) -> str | None:
    found = read_unit(text, UNITS)
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *(("千公顷", "千公顷"), ("百公顷", "百公顷"), ("千亩", "千亩"), ("千hm²", "千公顷")),
        *(("kW·h", "kWh"), ("万kW·h", "万kWh"), ("KW.H", "kWh"), ("万千瓦小时", "万kWh")),
        *(("MWh", "MWh"), ("兆瓦时", "MWh"), ("GW·h", "GWh"), ("亿度", "亿kWh"), ("千度", "千kWh")),
        *(("μg/m^3", "μg/m³"), ("ug/m3", "μg/m³"), ("µg·m⁻³", "μg/m³"), ("μg m-3", "μg/m³")),
        *(("mg·L⁻¹", "mg/L"), ("毫克每升", "mg/L"), ("微克每立方米", "μg/m³"), ("㎡", "m²")),
        *(("（万亩）", "万亩"), ("[万亩]", "万亩"), ("：万亩", "万亩"), ("万 亩", "万亩")),
        *(
            ("万立方米/天", "万m³/d"),
            ("吨每日", "m³/d"),
            ("吨/月", "吨/月"),
            ("万m³/年", "万m³/年"),
        ),
        *(
            ("t/a", "吨/年"),
            ("千克/年", "千克/年"),
            ("千磅", None),
            ("万", None),
            ("", None),
            ("合计", None),
        ),
    ],
)
def test_spellings_of_units(text: str, unit: str | None) -> None:
    assert name(text) == unit


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        *(
            ("m³，保留整数", "m³"),
            ("折纯，千克", "千克"),
            ("万吨，含农村", "万吨"),
            ("单位：mg/L", "mg/L"),
        ),
        *(("以P计", None), ("以N计", None), ("以F⁻计", None), ("以CaCO3计", None), ("必填", None)),
        *(
            ("保留两位小数", None),
            ("不含农村", None),
            ("年平均", None),
            ("规模以上", None),
            ("注1", None),
        ),
        *(
            ("千磅", "千磅"),
            ("ppb", "ppb"),
            ("万吨、万元", "万吨、万元"),
            ("吨，上年同期", "吨，上年同期"),
        ),
        *(("累计", "累计"), ("计划", "计划"), ("上年同期", "上年同期"), ("m³/月", "m³/月")),
    ],
)
def test_brackets_behind_a_title(text: str, stated: str | None) -> None:
    found = read_remark(text, UNITS)
    assert (None if found is None else found.name) == stated


@pytest.mark.parametrize("text", ["千磅", "ppb", "万吨、万元", "累计", "上年同期"])
def test_what_is_not_understood_says_so(text: str) -> None:
    found = read_remark(text, UNITS)
    assert found is not None and not found.understood


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        ("单位：万亩", [("万亩", "")]),
        ("单 位：万 亩", [("万亩", "")]),
        ("计量单位：千公顷", [("千公顷", "")]),
        ("（面积单位：万亩）", [("万亩", "面积")]),
        ("阳城县2018年灌溉情况统计表（面积单位：万亩）", [("万亩", "面积")]),
        ("阳城县2018年灌溉情况统计表（单位：万亩）", [("万亩", "")]),
        ("阳城县2018年灌溉情况统计表（万亩）", [("万亩", "")]),
        ("（单位 万亩）", [("万亩", "")]),
        ("单位 万亩", [("万亩", "")]),
        ("单位万亩", [("万亩", "")]),
        ("单位:公顷、万元", [("公顷", ""), ("万元", "")]),
        ("单位：亩/万元", [("亩", ""), ("万元", "")]),
        ("单位：面积万亩，产量吨", [("万亩", "面积"), ("吨", "产量")]),
        ("单位：面积（万亩）、投资（亿元）", [("万亩", "面积"), ("亿元", "投资")]),
        ("面积单位：万亩  产量单位：吨", [("万亩", "面积"), ("吨", "产量")]),
        ("填报单位：阳城县水务局  单位：万亩", [("万亩", "")]),
        ("填报单位：阳城县水务局 单位：万亩 填报日期：2024年1月", [("万亩", "")]),
        ("单位：万亩  填表人：张三", [("万亩", "")]),
        ("制表单位：统计局", []),
        ("单位：阳城县水务局", []),
        ("单位：（盖章）", []),
        ("单位：", []),
        ("单位：（略）", []),
        ("单位名称：甲公司", []),
        ("单位负责人：李四", []),
        ("用水单位较多，另行统计", []),
        ("注：单位为亿立方米", [("亿m³", "")]),
        ("注：面积单位均为万亩。", [("万亩", "面积")]),
        ("说明：本表单位以万亩计", [("万亩", "")]),
        ("（以万亩为单位）", [("万亩", "")]),
        ("万亩", [("万亩", "")]),
        ("单位：吨/月", [("吨/月", "")]),
        ("备注：以上面积单位为万亩，数据来自年报", [("万亩", "以上面积")]),
        ("注：1.面积单位：万亩；2.不含果园", [("万亩", "面积")]),
        ("单位：面积万亩；产量吨", [("万亩", "面积"), ("吨", "产量")]),
        ("单位：mg/L（pH除外）", [("mg/L", "")]),
        ("单位：mg/L，pH无量纲", [("mg/L", ""), ("无量纲", "pH")]),
        ("2023年各乡镇农业投入品", []),
    ],
)
def test_lines_that_state_units(line: str, stated: list[tuple[str, str]]) -> None:
    found = stated_in_line(line, UNITS)
    assert [(s.name, s.subject) for s in found] == stated
    assert all(s.understood for s in found)


@pytest.mark.parametrize("line", ["单位：千磅", "单位：蒲式耳", "（单位 千磅）", "计量单位为石"])
def test_lines_that_are_not_understood(line: str) -> None:
    [found] = stated_in_line(line, UNITS)
    assert not found.understood


def amount(unit: str, density: int | None = None) -> Field:
    return Field(field="x", title_zh="x", type="float", unit=unit, density=density)


@pytest.mark.parametrize(
    ("text", "field", "period", "factor"),
    [
        ("千公顷", amount("公顷"), "year", 1000),
        ("m³/月", amount("万m³"), "month", Fraction(1, 10000)),
        ("千克/年", amount("吨"), "year", Fraction(1, 1000)),
        ("万吨", amount("万m³", 1), "month", 1),
        ("万m³", amount("吨", 1), "month", 10000),
        ("吨/日", amount("m³/d"), "month", 1),
        ("度", amount("万kWh"), "month", Fraction(1, 10000)),
        ("度", amount("℃"), "month", 1),
        ("度", amount("NTU"), "month", 1),
        ("吨/日", amount("吨"), "month", "unit_rate"),
        ("m³/月", amount("万m³"), "year", "unit_rate"),
        ("m³/年", amount("万m³"), "month", "unit_rate"),
        ("万吨", amount("万m³"), "month", "unit_dimension"),
        ("元", amount("吨"), "month", "unit_dimension"),
    ],
)
def test_conversions(text: str, field: Field, period: str, factor: Fraction | int | str) -> None:
    stated = read_unit(text, UNITS)
    assert stated is not None
    if isinstance(factor, str):
        with pytest.raises(UnitProblem) as problem:
            conversion(stated, field, period, UNITS)
        assert problem.value.code == factor
    else:
        assert conversion(stated, field, period, UNITS)[0] == factor
