"""Workbooks and archives: what a spreadsheet shows is what is read; hostile ones are refused."""

import io
import stat
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlwt
from openpyxl.comments import Comment

from sources.contracts import load_contracts
from sources.limits import Limits
from sources.read_file import read_file
from sources.reading.number_formats import format_of, shown_text
from sources.summary import TableResult

CONTRACTS = load_contracts()
HEADER = ("年份", "区域", "污水产生量(万m³)", "污水处理量(万m³)", "污水处理率(%)")
CSV = "年份,区域,污水处理率\n2020,全县,5\n"


def read(
    tmp_path: Path,
    content: bytes,
    department: str = "housing",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> list[TableResult]:
    path = tmp_path / "file"
    path.write_bytes(content)
    return read_file(
        path, file_name="file", department=department, contracts=CONTRACTS, limits=limits
    )


def xlsx(*sheets: list[tuple], names: tuple[str, ...] = ()) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(names[number] if names else f"表{number + 1}")
        for row in rows:
            sheet.append(row)
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def zipped(**members: bytes | str) -> bytes:
    return zipped_from(members)


def zipped_from(members: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_every_sheet_is_a_table(tmp_path):
    content = xlsx(
        [HEADER, (2020, "全县", 10, 9, 90)],
        [],
        [("年份", "区域", "有效灌溉面积（万亩）"), (2020, "全县", 1.5)],
        [("随便", "什么"), (1, 2)],
        names=("污水", "空", "灌溉", "其他"),
    )
    found = {r.sheet: r for r in read(tmp_path, content)}
    assert set(found) == {"污水", "灌溉", "其他"}
    assert found["污水"].status == "accepted"
    assert found["灌溉"].reason_code == "department_not_allowed"
    assert found["其他"].reason_code in ("no_header", "unknown_dataset")
    assert [f["code"] for f in found["污水"].findings] == ["sheet_skipped"]


def test_cells_are_read_as_the_sheet_shows_them(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["火灾编号", "起火时间", "乡镇", "过火面积", "受害森林面积", "起火原因"])
    sheet.append([20230001234567, datetime(2023, 3, 1, 8, 30), "凤城", 0.1 + 0.2, "'12.5", True])
    sheet.append(["00123", date(2023, 3, 1), "北留镇", "1,234.5", 1e-7, time(8, 30)])
    (result,) = read(tmp_path, saved(workbook), "forestry")
    assert result.status == "accepted"
    first, second = result.accepted.to_dicts()
    assert first["fire_id"] == "20230001234567"
    assert first["started_at"] == datetime(2023, 3, 1, 8, 30)
    assert (first["burned_area"], first["damaged_forest_area"]) == (0.3, 12.5)
    assert first["cause"] == "TRUE"
    assert second["fire_id"] == "00123"
    assert second["started_at"] == datetime(2023, 3, 1)
    assert (second["burned_area"], second["damaged_forest_area"]) == (1234.5, 1e-7)
    assert second["cause"] == "08:30:00"


def test_a_percentage_is_what_the_cell_shows(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (HEADER, (2020, "全县", 10, 9, 0.466), (2021, "全县", 10, 9, 46.6)):
        sheet.append(row)
    sheet["E2"].number_format = "0.00%"
    (result,) = read(tmp_path, saved(workbook))
    assert result.accepted["reported_rate"].to_list() == [46.6, 46.6]
    old = xlwt.Workbook()
    page = old.add_sheet("数据")
    for column, title in enumerate(HEADER):
        page.write(0, column, title)
    for column, value in enumerate((2020, "全县", 10, 9)):
        page.write(1, column, value)
    page.write(1, 4, 0.466, xlwt.easyxf(num_format_str="0.0%"))
    (result,) = read(tmp_path, saved(old))
    assert (result.encoding, result.accepted["reported_rate"].to_list()) == ("xls", [46.6])


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", 0.1 + 0.2, "0.3"),
        ("0.00%", 0.4663, "46.63%"),
        ('0"约"%', 0.466, "46.6约%"),
        ('0"%"', 5, "5%"),
        (r"0\%", 5, "5%"),
        ("0.00", 1.23456, "1.23456"),
        ("0!.0000", 12345, "1.2345"),
        ("0!.0,", 12345, "1.2345"),
        ("#,##0,", 12345678, "12345.678"),
        ('0.0,,"百万"', 5_500_000, "5.5百万"),
        ('0.0"万吨"', 1.2, "1.2万吨"),
        ("0.0E+00", 12345, "12345"),
        ('[>=10000]0!.0,"万";0"元"', 20, "20元"),
        ('[>=10000]0!.0,"万";0"元"', 123456, "12.3456万"),
        ('[=0]"未检出";0.00', 0, "未检出"),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, "0"),
        ("0;[Red]-0", -5, "-5"),
        ("#,##0.00_);(#,##0.00)", -5, "-5"),
        ("￥#,##0.00", 12, "12"),
        ("00000", 123, "00123"),
        ('0000"年"00"月"', 202303, "2023年03月"),
        ('0.000"L"', 0.01, "0.01L"),
        ('yyyy"年"', 38718, "2006年"),
        ('m"月"', 44256, "2021-03-01"),
        ("[$-804]aaaa;@", 44986, "2023-03-01"),
        ("yyyy/m/d h:mm", 44986.354166667, "2023-03-01 08:30:00"),
        ("h:mm", 0.354166667, "08:30:00"),
        ("yyyy-mm-dd", -1, "-1"),
        ("yyyy-mm-dd", 59, "1900-02-28"),
    ],
)
def test_a_number_is_what_its_format_shows(code: str, number: float, shown: str) -> None:
    assert shown_text(pl.Series([number], dtype=pl.Float64), format_of(code)).to_list() == [shown]


def test_days_of_both_date_systems() -> None:
    day = pl.Series([43524.0])
    assert shown_text(day, format_of("yyyy-m-d")).to_list() == ["2019-02-28"]
    assert shown_text(day, format_of("yyyy-m-d"), date1904=True).to_list() == ["2023-03-01"]


def test_a_table_under_titles_with_merged_headers_and_keys(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["B2"] = "阳城县2023年城乡污水处理情况"
    sheet.merge_cells("B2:F2")
    sheet["B3"], sheet["F3"] = "填报单位：住建局", "单位：亿立方米"
    for area in ("B5:B6", "C5:C6", "D5:E5", "G5:G6"):
        sheet.merge_cells(area)
    sheet["B5"], sheet["C5"], sheet["D5"], sheet["F5"] = "年份", "乡镇", "污水情况", "处理率"
    sheet["D6"], sheet["E6"], sheet["F6"] = "污水产生量", "污水处理量\n(万m³)", "污水处理率（%）"
    sheet["G5"] = "备注"
    for column, value in zip("BCDEF", ("甲", "乙", 1, 2, 3), strict=True):
        sheet[f"{column}7"] = value
    sheet["B8"] = 2023
    sheet.merge_cells("B8:B10")
    for row, (area, made, treated) in enumerate(
        (("凤城", 0.7715, 7000), ("北留镇", 1, 9000), ("润城镇", 2, 8000)), start=8
    ):
        sheet[f"C{row}"], sheet[f"D{row}"], sheet[f"E{row}"] = area, made, treated
    sheet.row_dimensions[10].hidden = True
    sheet["C11"], sheet["D11"], sheet["E11"] = "小计", 3.7715, 24000
    sheet["C12"], sheet["D12"], sheet["E12"] = "合计", 4, 24000
    sheet["B14"] = "注：本表为快报数，以年报为准"
    sheet["B15"], sheet["F15"] = "填表人：张三", "2024年1月5日"
    sheet["C9"].comment = Comment("注意", "x")
    (result,) = read(tmp_path, saved(workbook))
    assert (result.status, result.header_line) == ("accepted", 6)
    rows = result.accepted.select("year", "area", "sewage_generated", "row_number").rows()
    assert rows == [
        (2023, "凤城镇", 7715.0, 8),
        (2023, "北留镇", 10000.0, 9),
        (2023, "润城镇", 20000.0, 10),
    ]
    assert result.skipped_counts == {
        "title": 2,
        "column_numbers": 1,
        "total": 2,
        "note": 2,
        "empty": 1,
    }
    compared = {(t["line"], t["field"]): t["matches"] for t in result.control_totals}
    assert compared == {
        (11, "sewage_generated"): True,
        (11, "sewage_treated"): True,
        (12, "sewage_generated"): False,
        (12, "sewage_treated"): True,
    }
    assert {f["code"] for f in result.findings} == {"control_total", "hidden_rows"}
    total = next(f for f in result.findings if f["code"] == "control_total")
    assert "第 12 行“合计”中“污水产生量”为 40000，各行相加是 37715" in total["message_zh"]


def test_a_number_merged_over_rows_counts_once(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (HEADER, (2020, "凤城镇", 10, 9, 90), (2020, "北留镇", None, None, 80)):
        sheet.append(row)
    sheet.merge_cells("C2:C3")
    (result,) = read(tmp_path, saved(workbook))
    assert result.accepted["sewage_generated"].to_list() == [10.0, None]
    assert [f["code"] for f in result.findings] == ["merged_value"]


def test_formulas_and_errors(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (HEADER, (2020, "全县", "=1+1", 9, 90), (2021, "全县", 5, 4, 80)):
        sheet.append(row)
    sheet["D3"] = "#DIV/0!"
    sheet["D3"].data_type = "e"
    (result,) = read(tmp_path, saved(workbook))
    codes = dict(result.rejected.select("row_number", "reason_code").iter_rows())
    assert codes == {2: "formula_without_value", 3: "spreadsheet_error"}
    # The same formula with the value that a spreadsheet program stores beside it.
    content = saved(workbook)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {n: package.read(n) for n in package.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>")
    assert b"<v>2</v>" in parts[name]
    (result,) = read(tmp_path, zipped_from(parts))
    assert result.accepted["sewage_generated"].to_list() == [2.0]


def test_xls_with_dates_errors_and_hidden_sheets(tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("火灾")
    rows = [
        ["火灾编号", "起火时间", "乡镇", "过火面积", "受害森林面积"],
        ["A1", datetime(2023, 3, 1, 8, 30), "凤城镇", 1.5, 0.5],
        ["A2", "2023年3月2日", "北留", "3亩", 0.1],
    ]
    style = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, value, *([style] if isinstance(value, datetime) else []))
    hidden = book.add_sheet("选项")
    hidden.write(0, 0, "是")
    hidden.visibility = 1
    (result,) = read(tmp_path, saved(book), "forestry")
    assert result.accepted["started_at"].to_list() == [
        datetime(2023, 3, 1, 8, 30),
        datetime(2023, 3, 2),
    ]
    assert result.accepted["burned_area"].to_list() == [1.5, 0.2]
    # That 1.5 counts in the contract's unit beside 3亩 is an assumption, which is told.
    assert [f["code"] for f in result.findings] == ["units_in_part", "sheet_skipped"]


def test_a_formula_without_a_result_in_xls_is_told(tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("森林")
    for c, title in enumerate(("年份", "区域", "森林面积", "森林覆盖率")):
        sheet.write(0, c, title)
    for c, value in enumerate((2023, "全县", xlwt.Formula("1+1"), 46.6)):  # never computed
        sheet.write(1, c, value)
    (result,) = read(tmp_path, saved(book), "forestry")
    assert result.accepted["forest_area"].to_list() == [None]
    (told,) = result.findings
    assert (told["code"], told["line"]) == ("blank_formula", 2)


def test_damaged_protected_and_foreign_files(tmp_path):
    good = xlsx([HEADER, (2020, "全县", 10, 9, 90)])
    encrypted = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    encrypted += "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    cases = {
        "damaged_archive": (good[:-200], good[:100]),
        "password_protected": (encrypted,),
        "damaged_spreadsheet": (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 900,
            zipped_from({"[Content_Types].xml": "x", "xl/workbook.bin": "x"}),
        ),
        "not_a_table_file": (
            zipped_from({"[Content_Types].xml": "x", "word/document.xml": "x"}),
            zipped_from({"mimetype": "x", "content.xml": "x"}),
            b"Rar!\x1a\x07\x00abc",
            b"<html><body>no table</body></html>",
        ),
        "empty_archive": (zipped(), zipped_from({"__MACOSX/._a.csv": "x", "~$a.xlsx": "x"})),
    }
    for code, contents in cases.items():
        for content in contents:
            found = read(tmp_path, content)
            assert [r.reason_code for r in found] == [code], (code, content[:40])


def test_two_cells_far_apart_do_not_exhaust_memory(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "年份"
    workbook.active["XFD1048576"] = 1
    (result,) = read(tmp_path, saved(workbook))
    assert result.reason_code == "spreadsheet_too_large"
    workbook = openpyxl.Workbook()
    workbook.active["XFD1"] = 1
    (result,) = read(tmp_path, saved(workbook))
    assert result.reason_code == "too_many_columns"


def test_entities_in_a_workbook_are_refused(tmp_path):
    content = xlsx([HEADER, (2020, "全县", 10, 9, 90)])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {n: package.read(n) for n in package.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    for name in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"):
        changed = dict(parts)
        at = changed[name].find(b"?>") + 2 if changed[name].startswith(b"<?xml") else 0
        changed[name] = changed[name][:at] + bomb + changed[name][at:]
        (result,) = read(tmp_path, zipped_from(changed))
        assert result.reason_code == "damaged_spreadsheet", name


def test_an_archive_of_tables(tmp_path):
    content = zipped_from(
        {
            "一月/污水.csv": CSV.encode("gb18030"),
            "二月/污水.csv": CSV,
            "工作簿.xlsx": xlsx([HEADER, (2021, "全县", 10, 9, 90)], names=("污水",)),
            "说明.pdf": b"%PDF-1.7",
            "里层.zip": zipped_from({"a.csv": CSV}),
            "里层.gz": b"\x1f\x8b\x08" + b"\0" * 20,
            ".DS_Store": b"\0",
        }
    )
    found = {r.sheet: r for r in read(tmp_path, content)}
    assert {s: r.reason_code for s, r in found.items()} == {
        "一月/污水.csv": None,
        "二月/污水.csv": None,
        "工作簿.xlsx/污水": None,
        "说明.pdf": "not_a_table_file",
        "里层.zip": "archive_in_archive",
        "里层.gz": "archive_in_archive",
    }


def test_names_in_an_archive_as_windows_writes_them(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("x" * len("污水.csv".encode("gbk")))
        archive.writestr(info, CSV)
    content = buffer.getvalue().replace(info.filename.encode(), "污水.csv".encode("gbk"))
    (result,) = read(tmp_path, content)
    assert (result.sheet, result.status) == ("污水.csv", "accepted")


def test_members_of_one_name_stay_apart(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", CSV)
        with pytest.warns(UserWarning):
            archive.writestr("a.csv", CSV.replace("2020", "2021"))
    assert [r.sheet for r in read(tmp_path, buffer.getvalue())] == ["a.csv", "a.csv#2"]


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a"])
def test_paths_that_leave_the_folder(tmp_path, name):
    good, unsafe = read(tmp_path, zipped_from({"good.csv": CSV, name: CSV}))
    assert (good.sheet, good.status) == ("good.csv", "accepted")
    assert (unsafe.sheet, unsafe.reason_code) == (
        name.replace("\\", "/"),
        "unsafe_archive_member",
    )


def test_links_and_devices_in_an_archive(tmp_path):
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            info = zipfile.ZipInfo("a.csv")
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        (result,) = read(tmp_path, buffer.getvalue())
        assert result.reason_code == "unsafe_archive_member"


def test_bombs(tmp_path):
    zeros = zipped_from({"a.csv": b"0" * (40 * 2**20)})
    assert [r.reason_code for r in read(tmp_path, zeros)] == ["archive_too_large"]
    many = zipped_from({f"{i}.csv": CSV for i in range(20)})
    small = Limits(max_members=10)
    assert [r.reason_code for r in read(tmp_path, many, limits=small)] == ["archive_too_large"]
    small = Limits(max_archive_bytes=100)
    assert [r.reason_code for r in read(tmp_path, many, limits=small)] == ["archive_too_large"]
    small = Limits(max_bytes=10_000)
    large = zipped_from({"a.csv": CSV + "x" * 20_000, "b.csv": CSV})
    assert [r.reason_code for r in read(tmp_path, large, limits=small)] == ["file_too_large", None]
    small = Limits(max_spreadsheet_bytes=1_000)
    book = xlsx([HEADER, (2020, "全县", 10, 9, 90)])
    assert [r.reason_code for r in read(tmp_path, book, limits=small)] == ["spreadsheet_too_large"]


def test_a_member_that_lies_about_its_size(tmp_path):
    content = bytearray(zipped_from({"a.csv": CSV * 50}))
    size = len((CSV * 50).encode()).to_bytes(4, "little")
    for at in range(len(content) - 4):
        if content[at : at + 4] == size:
            content[at : at + 4] = (20).to_bytes(4, "little")
    (result,) = read(tmp_path, bytes(content))
    assert result.status == "refused"


def test_an_encrypted_member(tmp_path):
    content = bytearray(zipped_from({"a.csv": CSV, "b.csv": CSV}))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    found = read(tmp_path, bytes(content))
    assert [r.reason_code for r in found] == ["password_protected", None]


def test_a_format_that_scales_numbers_is_told(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (HEADER, (2020, "全县", 123456, 9, 90)):
        sheet.append(row)
    sheet["C2"].number_format = "0!.0000"
    (result,) = read(tmp_path, saved(workbook))
    assert result.accepted["sewage_generated"].to_list() == [12.3456]
    (told,) = (f for f in result.findings if f["code"] == "number_format_scaled")
    assert (told["line"], "“0!.0000”" in told["message_zh"]) == (2, True)
