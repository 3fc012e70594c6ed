"""Tables of one sheet or file that touch each other: further headers, contradicting cells."""

from pathlib import Path

import openpyxl
import pytest

from sources.contracts import load_contracts
from sources.limits import Limits
from sources.read_file import read_file
from sources.summary import TableResult

CONTRACTS = load_contracts()
HEADER = "年份,区域,有效灌溉面积(公顷),节水灌溉面积(公顷)"
OTHER = "年份,区域,节水灌溉面积(公顷),有效灌溉面积(公顷)"


def read(path: Path, limits: Limits = Limits()) -> list[TableResult]:  # noqa: B008 - frozen
    return read_file(
        path,
        file_name=path.name,
        department="water_affairs",
        contracts=CONTRACTS,
        limits=limits,
    )


def long_file(folder: Path) -> Path:
    """Sixty rows, a header in another order, one row below it."""
    rows = [f"{1950 + n},凤城镇,900,500" for n in range(60)]
    path = folder / "long.csv"
    path.write_text("\n".join([HEADER, *rows, OTHER, "2020,北留镇,300,700"]), encoding="utf-8")
    return path


def test_a_header_far_below_begins_a_table_of_its_own(tmp_path: Path) -> None:
    first, second = read(long_file(tmp_path))
    assert (first.rows_accepted, second.rows_accepted) == (60, 1)
    assert second.accepted["effective_irrigated_area"].to_list() == [700]
    assert second.accepted["row_number"].to_list() == [63]


def test_below_a_header_in_a_table_too_large_to_be_looked_at_all_goes_back(tmp_path: Path) -> None:
    (result,) = read(long_file(tmp_path), Limits(layout_cells=10))
    assert (result.rows_read, result.rows_accepted, result.rows_rejected) == (62, 60, 2)
    last = result.rejected.filter(result.rejected["row_number"] == 63)
    assert last["reason_code"].to_list() == ["second_header"]
    assert "第 62 行" in last["reason_zh"][0]


def workbook(folder: Path, *figures: int) -> Path:
    """Two sheets with years across; the second differs in the figures given for 2020."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, value in zip(("甲", "乙"), figures, strict=True):
        sheet = book.create_sheet(name)
        for row in (
            ["各乡镇有效灌溉面积（公顷）"],
            ["乡镇", "2019年", "2020年"],
            ["凤城镇", 900, value],
            ["北留镇", 800, 810],
        ):
            sheet.append(row)
    path = folder / "across.xlsx"
    book.save(path)
    return path


def test_one_contradicting_cell_of_a_line_goes_back_alone(tmp_path: Path) -> None:
    """Several records stand on one line: only the one that is contradicted is given back."""
    for result in read(workbook(tmp_path, 910, 999)):
        assert (result.rows_read, result.rows_accepted, result.rows_rejected) == (4, 3, 1)
        assert result.rejected["reason_code"].to_list() == ["other_sheet_differs"]
        assert result.rejected["source_cells"].to_list() == ["effective_irrigated_area=C3"]
        kept = result.accepted.select("year", "area").rows()
        assert (2019, "凤城镇") in kept and (2020, "凤城镇") not in kept


def test_sheets_that_agree_are_both_taken(tmp_path: Path) -> None:
    assert [r.rows_accepted for r in read(workbook(tmp_path, 910, 910))] == [4, 4]


@pytest.mark.parametrize(("cell", "line"), [("坏", 3), ("-5", 3)])
def test_a_reason_names_the_cell(tmp_path: Path, cell: str, line: int) -> None:
    path = tmp_path / "across.csv"
    path.write_text(
        f"各乡镇有效灌溉面积（公顷）,,\n乡镇,2019年,2020年\n凤城镇,900,{cell}\n", encoding="utf-8"
    )
    (result,) = read(path)
    (row,) = result.rejected.rows(named=True)
    assert row["row_number"] == line
    assert row["reason_zh"].startswith(f"（单元格 C{line}）")
