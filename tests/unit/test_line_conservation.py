"""Every line of a sheet is counted in one class, and no line of values is a title or a note."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import KINDS
from test_layout_kinds import FORMS, read

from sources.contracts import load_contracts
from sources.limits import Limits
from sources.line_counts import OTHER
from sources.read_file import read_file
from sources.summary import TableResult

CONTRACTS = load_contracts()
AREAS = ("凤城镇", "北留镇", "润城镇", "全县")
COLUMNS = ("有效灌溉面积(公顷)", "节水灌溉面积(公顷)", "高效节水灌溉面积(公顷)")
TITLES = (
    "2020年灌溉面积",
    "阳城县统计表",
    "（内部资料）",
    "分乡镇",
    "续表",
    "凤城镇",
    "一、基本情况",
)
UNITS = ("单位：公顷", "填报单位：水利局", "计量单位：亩")
NOTES = ("注：本表为快报数", "填表人：张三", "说明：以年报为准", "审核人：李四")
FIGURES = ("1234.5", "12", "2000", "0")
TOTALS = ("合计", "小计", "平均值")
NOT_DATA = ("title", "note", "section_title")


@dataclass
class Sheet:
    """Lines of cells, and which of them (from 1) have numbers under a header."""

    rows: list[list[str]] = field(default_factory=list)
    values: set[int] = field(default_factory=set)

    def add(self, *cells: str) -> None:
        self.rows.append(list(cells))

    @property
    def filled(self) -> int:
        return sum(any(c.strip() for c in row) for row in self.rows)

    def text(self) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows(self.rows)
        return out.getvalue().encode()

    def workbook(self) -> bytes:
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in self.rows:
            book.active.append([c or None for c in row] or [None])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


def _plain(sheet: Sheet, draw: st.DrawFn) -> None:
    """Add a table with a record a line; it may lack its year, or repeat its header."""
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True))
    keys = draw(st.sampled_from((("年份", "区域"), ("区域",), ("年份",))))
    header = [*keys, *columns]
    sheet.add(*header)
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(("data",) * 6 + ("blank", "header", "total", "bad")))
        cells = ["2020" if k == "年份" else AREAS[number] for k in keys]
        if kind == "blank":
            sheet.add(*[""] * len(header))
        elif kind == "header":
            sheet.add(*header)
        elif kind == "total":
            label = draw(st.sampled_from(TOTALS))
            sheet.add(label, *[""] * (len(keys) - 1), *["5"] * len(columns))
        else:
            value = "坏" if kind == "bad" else draw(st.sampled_from(FIGURES))
            sheet.add(*cells, *[value] * len(columns))
            if kind == "data" and len(columns) > 1:
                sheet.values.add(len(sheet.rows))


def _across(sheet: Sheet, draw: st.DrawFn) -> None:
    """Add a cross-table of years or townships."""
    names = draw(st.sampled_from((("2019年", "2020年"), ("凤城镇", "北留镇"), ("1月", "2月"))))
    stub = draw(st.sampled_from(("乡镇", "指标", "用水类别", "")))
    sheet.add(stub, *names)
    labels = {"乡镇": AREAS, "用水类别": ("农业", "工业", "生活")}.get(stub, COLUMNS)
    for number in range(draw(st.integers(1, 3))):
        sheet.add(labels[number], *[draw(st.sampled_from(FIGURES))] * len(names))
        sheet.values.add(len(sheet.rows))


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Draw a sheet of titles, units, one to three tables, totals and notes."""
    sheet = Sheet()
    for _ in range(draw(st.integers(1, 3))):
        for title in draw(st.lists(st.sampled_from((*TITLES, *UNITS)), max_size=2)):
            sheet.add(title)
        (_plain if draw(st.booleans()) else _across)(sheet, draw)
        for note in draw(st.lists(st.sampled_from(NOTES), max_size=2)):
            sheet.add(note)
        if draw(st.booleans()):
            sheet.add("")
    return sheet


def _check(sheet: Sheet, results: list[TableResult]) -> None:
    for result in results:
        counted = sum(result.line_counts.values())
        assert counted == sheet.filled, (result.line_counts, result.reason_zh)
        listed = {s["line"]: s["kind"] for s in result.skipped_lines}
        wrong = {n: k for n, k in listed.items() if k in NOT_DATA and n in sheet.values}
        assert not wrong, wrong
    tables = [r for r in results if r.line_counts.get(OTHER, 0) < sheet.filled]
    claimed = sum(sheet.filled - r.line_counts.get(OTHER, 0) for r in tables)
    refused = any(r.status == "refused" and not r.rows_read for r in results)
    assert refused or claimed >= sheet.filled, "some line belongs to no table"


# Other examples in each run; of one that fails the blob is printed that draws it again.
@settings(
    max_examples=80,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(sheet=sheets(), form=st.sampled_from(("csv", "xlsx")), looked_at=st.sampled_from((2, 40)))
def test_each_line_of_a_sheet_is_counted_once(
    tmp_path: Path, sheet: Sheet, form: str, looked_at: int
) -> None:
    """`looked_at`: with few lines looked at for the header the rest is read as large files are."""
    path = tmp_path / f"报表.{form}"
    path.write_bytes(sheet.text() if form == "csv" else sheet.workbook())
    results = read_file(
        path,
        file_name=path.name,
        department="water_affairs",
        contracts=CONTRACTS,
        limits=Limits(head_rows=looked_at),
    )
    assert all(r.reason_code != "unreadable_content" for r in results)
    if sheet.filled:
        _check(sheet, results)


@pytest.mark.parametrize(("kind", "form"), FORMS, ids=[f"{k.name}-{f}" for k, f in FORMS])
def test_each_line_of_a_kind_of_layout_is_counted_once(kind, form, tmp_path) -> None:
    assert kind in KINDS
    for result in read(kind, form, tmp_path):
        sheet = next(iter(kind.sheets)) if form == "csv" else result.sheet.partition(" 第")[0]
        filled = sum(any(c not in (None, "") for c in row) for row in kind.sheets[sheet])
        assert sum(result.line_counts.values()) == filled, result.line_counts
