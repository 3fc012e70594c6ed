"""Whole rows: which are no data, how names of things meet, and what is given back and why."""

import zipfile
from pathlib import Path

import pytest

from sources.contracts import load_contracts
from sources.limits import Limits
from sources.read_file import read_file
from sources.summary import TableResult

CONTRACTS = load_contracts()
PLANTS = "污水处理厂名称,年月,处理水量(万m³)"
SECTIONS = "断面名称,监测时间,化学需氧量"


def table(tmp_path: Path, *lines: str, department: str = "housing") -> TableResult:
    path = tmp_path / "file"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [found] = read_file(path, file_name="上报.csv", department=department, contracts=CONTRACTS)
    return found


def names(found: TableResult) -> list[str]:
    return found.accepted["plant_name"].to_list() if found.rows_accepted else []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(
            (n, "total")
            for n in (
                "合计",
                "全县合计",
                "全县合计（2座）",
                "城镇污水处理厂合计",
                "小计：",
                "总 计",
            )
        ),
        *((n, "total") for n in ("全县", "阳城县", "一厂二厂小计", "总数")),
        *(
            (n, "mean")
            for n in ("平均", "平均值", "全县平均", "均值", "最大值", "最小值", "标准差", "中位数")
        ),
    ],
)
def test_a_total_or_mean_under_any_name_is_no_plant(tmp_path: Path, name: str, kind: str) -> None:
    found = table(tmp_path, PLANTS, "一厂,2019-01,55", "二厂,2019-01,26", f"{name},2019-01,81")
    assert names(found) == ["一厂", "二厂"]
    assert found.skipped_counts == {kind: 1}
    assert [line["line"] for line in found.skipped_lines] == [4]
    assert (found.rows_read, found.rows_rejected) == (2, 0)
    if kind == "total":
        assert [(t["expected"], t["matches"]) for t in found.control_totals] == [(81.0, True)]


def test_the_county_is_a_station_where_its_own_row_is_delivered(tmp_path: Path) -> None:
    found = table(tmp_path, "站点名称,监测日期,PM2.5", "全县,2023-03-01,35", department="ecology")
    assert (found.dataset, found.accepted["station"].to_list()) == ("air_quality_daily", ["全县"])


def test_words_that_sort_things_may_be_totals(tmp_path: Path) -> None:
    lines = ("年份,区域,畜种,粪污产生量,粪污综合利用量", "2023,全县,合计,5,4", "2023,全县,猪,5,4")
    found = table(tmp_path, *lines, department="agriculture")
    assert found.accepted["species"].to_list() == ["合计", "猪"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (("沁河桥", "沁　河　桥", "沁 河 桥", "沁 河\u00a0桥"), {"沁河桥"}),
        (("申断面（左岸）", "申断面(左岸)", "申断面 (左岸)"), {"申断面(左岸)"}),
        (
            ("第一厂", "第一厂①", "第一厂②", "第一厂*", "第一厂¹", "第一厂[1]", "第一厂（注1）"),
            {"第一厂"},
        ),
        (("监测点①", "监测点②"), {"监测点1", "监测点2"}),
        (("陽城一廠", "阳城一厂"), {"阳城一厂"}),
        (("阳城昇华厂",), {"阳城昇华厂"}),
        (("Ｎｏ．１　站", "No.1站"), {"No.1站"}),
        (("1001.0", "1001"), {"1001"}),
        (("\ue81e家沟", "龴家沟"), {"龴家沟"}),
        (("甲\u200b厂", "甲厂", "<b>甲厂</b>", "甲厂&nbsp;"), {"甲厂"}),
        (("关注", "Plant A", "2号"), {"关注", "Plant A", "2号"}),
    ],
)
def test_one_thing_has_one_name(tmp_path: Path, written: tuple[str, ...], stored: set[str]) -> None:
    rows = [f"{name},2019-{month:02d},5" for month, name in enumerate(written, start=1)]
    found = table(tmp_path, PLANTS, *rows)
    assert found.rows_rejected == 0, found.rejected["reason_zh"].to_list()
    assert set(names(found)) == stored


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((n, "same_as_above") for n in ("同上", "〃", "″", "“")),
        ("第二厂①", "note_sign_unclear"),
        ("2.02314052200012e+19", "digits_lost"),
        ("2.02314E+11", "digits_lost"),
        ("\ue000厂", "private_character"),
        ("一̶厂̶", "struck_out"),
    ],
)
def test_a_name_that_is_not_sure_is_asked_about(tmp_path: Path, name: str, reason: str) -> None:
    found = table(tmp_path, PLANTS, "一厂,2019-01,5", f"{name},2019-02,5")
    assert names(found) == ["一厂"]
    assert found.rejected["reason_code"].to_list() == [reason]


def test_a_note_sign_is_told(tmp_path: Path) -> None:
    found = table(tmp_path, PLANTS, "一厂,2019-01,5", "一厂①,2019-02,12.5*")
    assert [(f["code"], f["value"]) for f in found.flagged] == [
        ("note_sign", "一厂①"),
        ("note_sign", "12.5*"),
    ]
    assert found.rows_flagged == 1


def test_the_same_key_twice_gets_no_advice_that_does_harm(tmp_path: Path) -> None:
    found = table(tmp_path, PLANTS, "一厂,2019-01,5", "一厂,2019-01,6")
    [text, _] = found.rejected["reason_zh"].to_list()
    assert "与第 3 行" in text and "“污水处理厂名称”、“年月”" in text
    assert "只保留正确的一行" not in text and "不是同一对象的" in text


@pytest.mark.parametrize("text", ["12\\n15", "3~5", "(12.5)", "12.5（预计）", "O.5", "同上"])
def test_a_value_that_is_not_sure_costs_its_row(tmp_path: Path, text: str) -> None:
    value = '"' + text.replace("\\n", "\n") + '"'
    found = table(
        tmp_path,
        SECTIONS,
        f"甲断面,2023-01-05 08:00,{value}",
        "乙断面,2023-01-05 08:00,12",
        department="ecology",
    )
    assert found.accepted["section_name"].to_list() == ["乙断面"]
    assert text.split("\\n")[0] in found.rejected["reason_zh"][0]


def test_names_of_a_large_file_are_read_together(tmp_path: Path) -> None:
    rows = [f"一厂,{1950 + n // 12}-{n % 12 + 1:02d},5" for n in range(600)]
    rows += [f"一厂①,{2010 + n // 12}-{n % 12 + 1:02d},{v}" for n, v in enumerate(("6", "7万m³"))]
    path = tmp_path / "file"
    path.write_text("\n".join([PLANTS, *rows]), encoding="utf-8")
    whole, quick = (
        read_file(path, file_name="x.csv", department="housing", contracts=CONTRACTS, limits=limits)
        for limits in (Limits(), Limits(quick_bytes=0))
    )
    assert whole[0].accepted.equals(quick[0].accepted)
    assert set(names(quick[0])) == {"一厂"}


def test_a_file_of_errors_keeps_one_reason_for_rows_of_its_further_tables(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2):
            archive.writestr(f"{number}.csv", f"{PLANTS}\n,2020-01,x\n一厂,2020-0{number + 1},5\n")
    first, second = read_file(
        path,
        file_name="x.zip",
        department="housing",
        contracts=CONTRACTS,
        limits=Limits(explained_rows=0),
    )
    assert (first.rejected.height, second.rejected.height) == (2, 1)
    assert first.rejected["raw_row"].null_count() == 0
    assert second.rejected["raw_row"].null_count() == 1
    assert sum(second.reason_counts.values()) == second.rows_rejected == first.rows_rejected == 1
