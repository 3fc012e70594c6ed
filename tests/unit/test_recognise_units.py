"""Where a table states its units, and what each column takes from it or is asked about."""

from pathlib import Path

import openpyxl
import pytest

from sources.contracts import load_contracts
from sources.read_file import read_file
from sources.summary import TableResult

CONTRACTS = load_contracts()
IRRIGATION = "年份,区域,有效灌溉面积,节水灌溉面积"
WATER = "water_affairs"


def table(tmp_path: Path, *lines: str, department: str = WATER) -> TableResult:
    path = tmp_path / "file"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [found] = read_file(path, file_name="上报.csv", department=department, contracts=CONTRACTS)
    return found


def stored(found: TableResult, *fields: str) -> list[tuple[object, ...]]:
    return found.accepted.select(fields).rows() if found.rows_accepted else []


def codes(found: TableResult) -> list[str]:
    return [str(f["code"]) for f in found.findings]


AREAS = ("effective_irrigated_area", "water_saving_area")


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        (("计量单位：千公顷", IRRIGATION, "2021,全县,12.3,8.1"), (12300, 8100)),
        (("（面积单位：万亩）", IRRIGATION, "2021,全县,14.85,8.1"), (9900, 5400)),
        (("（单位 万亩）", IRRIGATION, "2021,全县,14.85,8.1"), (9900, 5400)),
        (("灌溉面积统计表（万亩）", IRRIGATION, "2021,全县,14.85,8.1"), (9900, 5400)),
        (("填报单位：水务局 单位：万亩", IRRIGATION, "2021,全县,14.85,8.1"), (9900, 5400)),
        ((IRRIGATION, ",,千公顷,亩", "2021,全县,12.3,15000"), (12300, 1000)),
        ((IRRIGATION, "单位,,千公顷,亩", "2021,全县,12.3,15000"), (12300, 1000)),
        (("单位,,千公顷,亩", IRRIGATION, "2021,全县,12.3,15000"), (12300, 1000)),
        ((IRRIGATION, "2021,全县,14.85,8.1", "注：单位为万亩"), (9900, 5400)),
        ((IRRIGATION, "2021,全县,14.85,8.1", "单位：万亩"), (9900, 5400)),
        ((IRRIGATION, "2021,全县,14.85,8.1", "说明：面积均以万亩计"), (9900, 5400)),
        ((IRRIGATION, "2021,全县,14.85,8.1", "表中面积单位均为“万亩”"), (9900, 5400)),
        ((f"{IRRIGATION},计量单位", "2021,全县,14.85,8.1,万亩"), (9900, 5400)),
        (
            ("年份,区域,灌溉面积（万亩）,", ",,有效灌溉面积,节水灌溉面积", "2021,全县,14.85,8.1"),
            (9900, 5400),
        ),
        (
            ("年份,区域,有效灌溉面积,单位,节水灌溉面积,单位", "2021,全县,12.3,千公顷,15000,亩"),
            (12300, 1000),
        ),
        (
            ("年份,区域,单位,有效灌溉面积,单位,节水灌溉面积", "2021,全县,千公顷,12.3,亩,15000"),
            (12300, 1000),
        ),
        ((IRRIGATION, "2021,全县,12.3,8.1"), (12.3, 8.1)),
        (("单位：万亩", f"{IRRIGATION}（公顷）", "2021,全县,14.85,8100"), (9900, 8100)),
    ],
)
def test_a_unit_is_found_wherever_it_stands(
    tmp_path: Path, lines: tuple[str, ...], values: tuple[float, float]
) -> None:
    found = table(tmp_path, *lines)
    assert stored(found, *AREAS) == [pytest.approx(values, rel=1e-12)]
    assert codes(found) == []
    assert found.rows_read == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("单位：千磅", IRRIGATION, "2021,全县,12.3,8.1"), "千磅"),
        (("单位：万元", IRRIGATION, "2021,全县,12.3,8.1"), "万元"),
        (("单位：亩、公顷", IRRIGATION, "2021,全县,12.3,8.1"), "几种写法"),
        (("单位：亩", "单位：公顷", IRRIGATION, "2021,全县,12.3,8.1"), "几种写法"),
        ((IRRIGATION, ",,千磅,公顷", "2021,全县,12.3,8.1"), "千磅"),
        (("年份,区域,有效灌溉面积（千磅）", "2021,全县,12.3"), "千磅"),
        (("年份,区域,有效灌溉面积（亩/月）", "2021,全县,12.3"), "每月"),
        (("年份,区域,有效灌溉面积（亩）", ",,公顷", "2021,全县,12.3"), "几种写法"),
        (("年份,区域,有效灌溉面积（亩）（公顷）", "2021,全县,12.3"), "亩、公顷"),
        ((IRRIGATION, "2021,全县,12.3,8.1", "注：单位为千磅"), "千磅"),
    ],
)
def test_a_unit_that_is_not_clear_refuses_a_required_column(
    tmp_path: Path, lines: tuple[str, ...], words: str
) -> None:
    found = table(tmp_path, *lines)
    assert (found.reason_code, stored(found, AREAS[0])) == ("required_column_unit", [])
    assert words in str(found.reason_zh)


@pytest.mark.parametrize("remark", ["上年同期", "累计", "计划", "比上年增减", "目标值"])
def test_a_remark_that_changes_what_is_counted_is_not_passed_over(
    tmp_path: Path, remark: str
) -> None:
    found = table(tmp_path, f"{IRRIGATION},有效灌溉面积（{remark}）", "2021,全县,1,2,3")
    assert stored(found, *AREAS) in ([], [(1.0, 2.0)]), "the figure of another time or kind"
    found = table(tmp_path, f"年份,区域,有效灌溉面积（{remark}）", "2021,全县,3")
    assert stored(found, AREAS[0]) == []


def test_values_of_which_a_part_has_a_unit_are_asked_about(tmp_path: Path) -> None:
    found = table(tmp_path, IRRIGATION, "2021,全县,12.3千公顷,", "2022,全县,13.1,")
    assert stored(found, AREAS[0]) == [(12300.0,), (13.1,)]
    assert codes(found) == ["units_in_part"]


def test_values_that_all_name_a_unit_leave_nothing_to_ask(tmp_path: Path) -> None:
    found = table(tmp_path, IRRIGATION, "2021,全县,12.3千公顷,", "2022,全县,13100公顷,")
    assert stored(found, AREAS[0]) == [(12300.0,), (13100.0,)]
    assert codes(found) == []
    assert [(c["unit_found"], c["count"]) for c in found.converted_values] == [("千公顷", 1)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("0.4663", "0.4650"), ["looks_like_fraction"]),
        (("0.4663", "46.5", "47.1"), ["fractions_among_percents"]),
        (("46.63", "46.5", "0"), []),
        (("0.9", "2.1", "46.5"), []),  # all sizes occur
        (("0.05", "46.5", "47.1"), []),  # 5 % is not among the others
    ],
)
def test_percentages_that_look_like_shares_are_asked_about(
    tmp_path: Path, values: tuple[str, ...], expected: list[str]
) -> None:
    rows = [f"{2010 + n},全县,{value}" for n, value in enumerate(values)]
    found = table(tmp_path, "年份,区域,森林覆盖率（%）", *rows, department="forestry")
    assert stored(found, "reported_rate") == [(float(value),) for value in values]
    assert codes(found) == expected


def test_times_within_the_hour_of_an_hourly_table_are_asked_about(tmp_path: Path) -> None:
    rows = ("甲站,2022-05-01 07:00,42", "甲站,2022-05-01 07:30,42", "甲站,2022-05-01 24:00,42")
    found = table(tmp_path, "站点名称,监测时间,PM2.5", *rows, department="ecology")
    assert found.rows_accepted == 3
    assert codes(found) == ["off_the_hour"]
    assert "第 3 行" in str(found.findings[0]["message_zh"])


def test_a_column_of_units_that_contradicts_the_header_is_asked_about(tmp_path: Path) -> None:
    header = "年份,区域,有效灌溉面积（公顷）,计量单位"
    found = table(tmp_path, header, "2020,全县,15,万亩", "2021,全县,16,hm2")
    assert stored(found, "year", AREAS[0]) == [(2021, 16.0)]
    assert found.rejected["reason_code"].to_list() == ["unit_differs"]


def test_a_column_that_may_be_left_out_is_left_out_and_asked_about(tmp_path: Path) -> None:
    found = table(tmp_path, f"{IRRIGATION}（千磅）", "2021,全县,12.3,8.1")
    assert stored(found, *AREAS) == [(12.3, None)]
    assert (codes(found), found.findings[0]["severity"]) == (["column_unit"], "verify")


@pytest.mark.parametrize(
    ("unit", "reason"),
    [("千磅", "unknown_unit"), ("万元", "unit_dimension"), ("亩/月", "unit_dimension")],
)
def test_a_column_of_units_is_read_row_by_row(tmp_path: Path, unit: str, reason: str) -> None:
    found = table(
        tmp_path,
        "年份,区域,有效灌溉面积,计量单位",
        "2020,全县,150000,亩",
        f"2021,全县,12,{unit}",
        "2022,全县,13,",
        "2023,全县,—,亩",
    )
    assert stored(found, "year", AREAS[0]) == [(2020, 10000.0), (2022, 13.0)]
    assert found.rejected["reason_code"].to_list() == [reason, "required_missing"]
    [converted] = found.converted_values
    assert (converted["unit_found"], converted["count"], converted["factor"]) == ("亩", 1, "1/15")


@pytest.mark.parametrize(
    ("lines", "volume"),
    [
        (("污水处理厂名称,年月,处理水量（m³/月）", "甲厂,2023-01,310000"), 31),
        (("污水处理厂名称,年月,处理水量（m³，保留整数）", "甲厂,2023-01,310000"), 31),
        (("污水处理厂名称,年月,处理水量（万吨）", "甲厂,2023-01,31"), 31),
        (("污水处理厂名称,年月,处理水量", "甲厂,2023-01,31万吨"), 31),
        (("污水处理厂名称,年月,处理水量", "甲厂,2023-01,310000m³/月"), 31),
    ],
)
def test_water_by_mass_and_amounts_per_period(
    tmp_path: Path, lines: tuple[str, ...], volume: float
) -> None:
    found = table(tmp_path, *lines, department="housing")
    assert stored(found, "treated_volume") == [(volume,)]


def test_a_line_of_units_does_not_concern_rates(tmp_path: Path) -> None:
    found = table(
        tmp_path, "单位：万元", "年份,区域,污水处理率", "2023,全县,80", department="housing"
    )
    assert stored(found, "reported_rate") == [(80.0,)]
    assert codes(found) == ["unit_not_used"]


@pytest.mark.parametrize(
    ("form", "title", "number", "value", "said"),
    [
        ("#,##0,", "有效灌溉面积（千公顷）", 12345, 12345.0, ["number_format_scaled"]),
        ("0!.0000", "有效灌溉面积（万亩）", 150000, 10000.0, ["number_format_scaled"]),
        ('0.0"万亩"', "有效灌溉面积", 15, 10000.0, []),
        ('#,##0.00 "hm2"', "有效灌溉面积", 12.5, 12.5, []),
        ('0.00,,"百万"', "有效灌溉面积（亩）", 15_000_000, 1_000_000.0, ["number_format_scaled"]),
        ("#,##0.00_);(#,##0.00)", "有效灌溉面积", 12.5, 12.5, []),
        ("0.00E+00", "有效灌溉面积（亩）", 150000, 10000.0, []),
        ("#,##0,", "有效灌溉面积", 12345, None, "required_column_unit"),
        ("#,##0,", "有效灌溉面积（公顷）", 12345, None, "required_column_unit"),
        ("0!.0000", "有效灌溉面积（千公顷）", 12345, None, "required_column_unit"),
        ('0"件"', "有效灌溉面积", 5, None, "all_rows_rejected"),
    ],
)
def test_number_formats_that_scale_or_carry_a_unit(
    tmp_path: Path, form: str, title: str, number: float, value: float | None, said: object
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["年份", "区域", title])
    sheet.append([2021, "全县", number])
    sheet["C2"].number_format = form
    workbook.save(tmp_path / "x.xlsx")
    [found] = read_file(
        tmp_path / "x.xlsx", file_name="x.xlsx", department=WATER, contracts=CONTRACTS
    )
    if value is None:
        assert (found.reason_code, found.rows_accepted) == (said, 0)
    else:
        assert stored(found, AREAS[0]) == [(value,)]
        assert codes(found) == said


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("总磷（以P计）", []),
        ("总磷（以P计，mg/L）", []),
        ("氟化物（以F-计）", []),
        ("总磷（以PO4计）", ["column_unit"]),
        ("总磷（mg/L，以PO43-计）", ["column_unit"]),
        ("氨氮（以NH3计）（mg/L）", ["column_unit"]),
    ],
)
def test_a_substance_in_another_form_is_not_taken(
    tmp_path: Path, header: str, asked: list[str]
) -> None:
    lines = (f"断面名称,监测时间,化学需氧量,{header}", "甲断面,2022-01-09 08:00,12,0.3")
    found = table(tmp_path, *lines, department="ecology")
    names = {"总": "total_phosphorus", "氟": "fluoride", "氨": "ammonia_nitrogen"}
    taken = found.accepted[names[header[0]]].to_list()
    assert (taken == [0.3]) == (not asked)
    assert codes(found) == asked


@pytest.mark.parametrize(
    "header",
    ["有效灌溉面积（公顷）（快报数）", "有效灌溉面积（预计）（公顷）", "有效灌溉面积（计划）"],
)
def test_a_remark_beside_a_unit_is_not_passed_over(tmp_path: Path, header: str) -> None:
    assert stored(table(tmp_path, f"年份,区域,{header}", "2021,全县,3"), AREAS[0]) == []
