"""Which dataset a header is: titles, aliases, units, several lines, ties and near misses."""

import pytest

from sources.contracts import Contract, load_contracts
from sources.reading.raw import HeadRow, Refusal
from sources.recognise.headers import HeaderIndex, header_index, tidy
from sources.recognise.layout import Layout, recognise
from sources.recognise.units import unit_row

CONTRACTS = load_contracts()
INDEX = header_index(CONTRACTS)


def layout(*rows: list[str], department: str = "", hints: tuple[str, ...] = ()) -> Layout:
    head = tuple(HeadRow(i + 1, tuple(r)) for i, r in enumerate(rows))
    return recognise(head, INDEX, department=department, hints=hints)


def units(found: Layout) -> dict[str, str | None]:
    return {c.field.field: c.unit for c in found.columns}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.dataset)
@pytest.mark.parametrize("which", ["title", "alias", "english"])
def test_every_dataset_is_known_by_its_own_titles(contract: Contract, which: str) -> None:
    spellings = {
        "title": lambda f: f.title_zh,
        "alias": lambda f: (*f.aliases, f.title_zh)[0],
        "english": lambda f: f.field,
    }[which]
    found = layout([spellings(f) for f in contract.fields])
    assert found.contract.dataset == contract.dataset
    assert [c.field.field for c in found.columns] == [f.field for f in contract.fields]
    assert not found.unknown


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.dataset)
def test_required_columns_and_one_group_of_values_are_enough(contract: Contract) -> None:
    needed = {f.field for f in contract.fields if f.required}
    needed |= set(contract.row_needs[-1]) if contract.row_needs else set()
    if needed == {f.field for f in contract.key_fields}:
        needed.add(next(f.field for f in contract.fields if not f.key))
    titles = [f.title_zh for f in contract.fields if f.field in needed]
    try:
        assert layout(titles).contract.dataset == contract.dataset
    except Refusal as refusal:  # so little may fit another dataset as well; its name then tells
        assert refusal.code == "ambiguous_dataset"
        named = layout(titles, hints=(f"{contract.title_zh}2023.csv",))
        assert named.contract.dataset == contract.dataset


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("氨氮(mg/L)", "mg/L"),
        ("氨氮（毫克／升）", "mg/L"),
        ("氨氮 [μg/L]", "μg/L"),
        ("氨氮\n（ug/L）", "μg/L"),
        ("氨氮（NH3-N）(mg/L)", "mg/L"),
        ("NH3-N（mg/L）", "mg/L"),
        ("氨氮，mg/L", "mg/L"),
        ("氨氮/(mg/L)", "mg/L"),
        ("氨氮 mg/L", "mg/L"),
        ("氨 氮", None),
        ("*氨氮", None),
        ("3、氨氮", None),
        ("氨氮(必填)", None),
        ("氨氮（单位：mg/L）", "mg/L"),
        ("氨氮 单位:mg/L", "mg/L"),
        ("ＮＨ３－Ｎ", None),
    ],
)
def test_units_in_headers(header: str, unit: str | None) -> None:
    found = layout(["断面名称", "监测时间", header])
    assert units(found).get("ammonia_nitrogen", "no such column") == unit


def test_titles_that_hold_brackets_themselves() -> None:
    found = layout(["断面", "采样日期", "铬(六价)", "铬（六价）（mg/L）"[:5] + "x"])
    assert "hexavalent_chromium" in units(found)
    found = layout(["年份", "区域", "化肥施用量(实物量)（万吨）", "农药使用量(kg)"])
    assert units(found) == {"year": None, "area": None, "fertiliser": "万吨", "pesticide": "千克"}


def test_a_unit_that_is_not_known_is_not_passed_over() -> None:
    with pytest.raises(Refusal) as refusal:
        layout(["年份", "区域", "化肥施用量(千磅)", "农药使用量(kg)"])
    assert refusal.value.code == "required_column_unit"
    found = layout(["断面名称", "监测时间", "氨氮(千磅)", "总磷"])
    assert "ammonia_nitrogen" not in units(found)
    assert [f["code"] for f in found.findings] == ["column_unit"]


def test_units_above_and_below_the_header() -> None:
    found = layout(
        ["阳城县污水处理情况", "", ""],
        ["填报单位：住建局", "", "单位：亿立方米"],
        ["年份", "区域", "污水产生量", "污水处理量(万m³)", "污水处理率"],
        ["2023", "全县", "1", "1", "1"],
    )
    assert units(found)["sewage_generated"] == "亿m³"
    assert units(found)["sewage_treated"] == "万m³"
    assert units(found)["reported_rate"] is None
    found = layout(
        ["年份", "区域", "污水产生量", "污水处理量"],
        ["", "", "万m³", "亿方"],
        ["2023", "全县", "1", "1"],
    )
    assert (units(found)["sewage_generated"], units(found)["sewage_treated"]) == ("万m³", "亿m³")
    assert unit_row(("全县", "万m³"), [0], CONTRACTS.units) is None


def test_headers_of_several_lines() -> None:
    found = layout(
        ["基本信息", "", "污水", "", ""],
        ["年份", "区域", "污水产生量", "污水处理量", "备注"],
        ["", "", "万m³", "万m³", ""],
        ["2023", "全县", "1", "1", ""],
    )
    assert (found.first, found.last) in ((1, 1), (1, 2))
    assert units(found)["sewage_generated"] == "万m³"
    found = layout(
        ["年份", "区域", "畜种", "粪污", ""],
        ["", "", "", "产生量(吨)", "综合利用量（吨）"],
        ["2023", "全县", "猪", "1", "1"],
    )
    assert (found.first, found.last) == (0, 1)
    assert set(units(found)) == {"year", "area", "species", "manure_generated", "manure_used"}


def test_the_header_of_a_data_row_that_looks_like_one() -> None:
    found = layout(
        ["年份", "污染物", "排放来源", "排放量"],
        ["2023", "化学需氧量", "工业", "5"],
        ["2023", "氨氮", "工业", "5"],
    )
    assert found.contract.dataset == "pollutant_emissions"
    assert (found.first, found.last) == (0, 0)


def test_pairs_that_differ_little() -> None:
    pairs = {
        "air_quality_hourly": ["站点名称", "监测时间", "PM2.5", "PM10"],
        "air_quality_daily": ["站点名称", "监测日期", "PM2.5", "PM10"],
        "urban_sewage": ["年份", "乡镇", "污水产生量", "污水处理量"],
        "rural_sewage": ["年份", "乡镇", "行政村数", "已治理村数"],
        "crop_straw": ["年份", "区域", "作物", "综合利用率"],
        "livestock_manure": ["年份", "区域", "畜种", "综合利用率"],
        "groundwater_quality": ["点位名称", "监测日期", "水质类别"],
    }
    for dataset, header in pairs.items():
        assert layout(header).contract.dataset == dataset


def test_equal_fits_are_told_apart_by_names_then_by_rights_else_refused() -> None:
    header = ["年份", "区域", "操作"]
    with pytest.raises(Refusal) as refusal:
        layout(header)
    assert refusal.value.code == "ambiguous_dataset"
    named = layout(header, hints=("森林资源.csv", ""))
    assert named.contract.dataset == "forest_resources"
    with pytest.raises(Refusal):
        layout(header, hints=("森林资源和造林绿化.csv", "节水灌溉"))
    header = ["年份", "区域", "污水处理率", "水土保持率"]
    assert layout(header, department="housing").contract.dataset == "urban_sewage"
    assert layout(header, department="water_affairs").contract.dataset == "soil_erosion"
    with pytest.raises(Refusal):
        layout(header, department="ecology")


def test_two_columns_for_one_field() -> None:
    with pytest.raises(Refusal) as refusal:
        layout(["年份", "区域", "污水处理率", "污水处理率(%)"])
    assert refusal.value.code == "duplicate_header"
    found = layout(["断面名称", "监测时间", "采样日期", "pH"])
    assert [f["code"] for f in found.findings] == ["column_repeated"]
    assert {c.field.field: c.position for c in found.columns}["sampled_at"] == 1


def test_near_misses_and_no_header() -> None:
    with pytest.raises(Refusal) as refusal:
        layout(["年份", "用水量", "审核人"], ["2023", "5", "王"])
    assert refusal.value.code == "unknown_dataset"
    assert "用水总量" in str(refusal.value.values["nearest"])
    with pytest.raises(Refusal) as refusal:
        layout(["甲", "乙"], ["1", "2"])
    assert refusal.value.code == "no_header"


def test_tidy_takes_marks_and_numbering_off() -> None:
    for text in ("*年份", "年 份*", "１、年份", "一、年份", "★年份", "其中：年份"):
        assert tidy(text) == "年份"


def test_an_index_has_every_title_once() -> None:
    index = HeaderIndex(CONTRACTS)
    for contract in CONTRACTS:
        for field in contract.fields:
            for title in field.titles:
                named = index.fields(index.read(title))
                assert sum((d, f) == (contract.dataset, field.field) for d, f, _ in named) == 1
