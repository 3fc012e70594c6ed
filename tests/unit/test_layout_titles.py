"""What the title of a table has to say of its figures, and what is asked where it does not."""

from pathlib import Path

import pytest

from sources.contracts import load_contracts
from sources.read_file import read_file
from sources.recognise.words import is_frame, other_kind, planned
from sources.summary import TableResult

CONTRACTS = load_contracts()
MONTHS = ("用电类别,1月,2月", "工业,28000,26000")
CROSS = ("用水类别,地表水,地下水", "农业,3000,500", "工业,800,900")
SOURCES = ("污染物,工业,生活", "化学需氧量,10,20", "氨氮,1,2")


def table(tmp_path: Path, title: str, lines: tuple[str, ...], department: str) -> TableResult:
    path = tmp_path / "file.csv"
    path.write_text("\n".join([title, *lines]) + "\n", encoding="utf-8")
    [found] = read_file(path, file_name="上报.csv", department=department, contracts=CONTRACTS)
    return found


@pytest.mark.parametrize(
    ("title", "lines", "department", "rows"),
    [
        ("2023年全社会用电量", MONTHS, "energy", 2),
        ("阳城县2023年分月用电量（万kWh）", MONTHS, "energy", 2),
        ("2023年", MONTHS, "energy", 2),
        ("2019年全县用水量（万m³）", CROSS, "water_affairs", 4),
        ("阳城县2019年用水总量情况表", CROSS, "water_affairs", 4),
        ("2020年主要污染物排放量（吨）", SOURCES, "ecology", 4),
    ],
)
def test_a_title_that_names_the_quantity_is_enough(
    tmp_path: Path, title: str, lines: tuple[str, ...], department: str, rows: int
) -> None:
    found = table(tmp_path, title, lines, department)
    assert (found.rows_accepted, found.reason_code) == (rows, None)
    assert "measure_by_title" in [f["code"] for f in found.findings]


@pytest.mark.parametrize(
    ("title", "lines", "department"),
    [
        ("2023年全县用水量（万m³）", MONTHS, "energy"),
        ("2023年用电户数", MONTHS, "energy"),
        ("2023年售电收入（万元）", MONTHS, "energy"),
        ("2023年计划用电量", MONTHS, "energy"),
        ("2023年用电量同比增长（%）", MONTHS, "energy"),
        ("2019年水资源费征收（万元）", CROSS, "water_affairs"),
        ("2019年全县用水计划", CROSS, "water_affairs"),
        ("2019年人均用水量", CROSS, "water_affairs"),
        ("2020年主要污染物减排量（吨）", SOURCES, "ecology"),
        ("2020年主要污染物许可排放量（吨）", SOURCES, "ecology"),
        ("2020年主要污染物产生量（吨）", SOURCES, "ecology"),
    ],
)
def test_figures_of_another_quantity_are_not_taken(
    tmp_path: Path, title: str, lines: tuple[str, ...], department: str
) -> None:
    found = table(tmp_path, title, lines, department)
    assert (found.rows_accepted, found.reason_code) == (0, "measure_unnamed")


def test_a_column_of_another_dataset_does_not_name_the_quantity(tmp_path: Path) -> None:
    lines = ("计量对象名称,用水类别,1月,2月", "甲厂,工业,1.2,1.3")
    found = table(tmp_path, "2023年", lines, "energy")
    assert (found.rows_accepted, found.reason_code) == (0, "measure_unnamed")


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("2010年各乡镇农业投入品计划用量", ["title_of_other_figures"]),
        ("2010年各乡镇农业投入品计划完成情况", []),
        ("2010年各乡镇农业投入品使用情况", []),
    ],
)
def test_a_title_of_other_figures_is_asked_about(
    tmp_path: Path, title: str, codes: list[str]
) -> None:
    lines = ("年份,区域,化肥施用量（吨）,农药使用量（吨）", "2010,凤城镇,100,1")
    found = table(tmp_path, title, lines, "agriculture")
    assert found.rows_accepted == 1
    assert [f["code"] for f in found.findings] == codes


def test_a_title_of_other_figures_is_what_a_dataset_of_plans_has(tmp_path: Path) -> None:
    lines = ("年份,区域,工程类别,计划面积（亩）,完成面积（亩）", "2021,凤城镇,退耕还林,100,90")
    found = table(tmp_path, "2021年造林绿化计划", lines, "forestry")
    assert "title_of_other_figures" not in [f["code"] for f in found.findings]


@pytest.mark.parametrize(
    "title", ["2023年1-6月", "阳城县2021年统计表", "填报单位：能源局", "附件2"]
)
def test_a_frame_says_nothing_of_the_figures(title: str) -> None:
    assert is_frame(title, ("阳城县",))
    assert not other_kind(title)


def test_words_of_plans() -> None:
    assert planned("2023年用水计划") == "计划"
    assert planned("2023年用水计划完成情况") is None
    assert not is_frame("2023年售电收入")
