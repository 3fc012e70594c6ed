"""Every container that is read gives the same table; what is not read is named; bounds hold."""

import io
from pathlib import Path

import msoffcrypto.format.ooxml as ooxml
import openpyxl
import pytest
import python_calamine
from containers import (
    HEADER,
    ROWS,
    changed,
    containers,
    html,
    package_of,
    parts_of,
    xlsx,
    xlsx_forms,
)
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from sources.limits import Limits
from sources.reading.files import read_tables
from sources.reading.raw import STRUCK, RawTable, Refusal

EXPECTED = [HEADER, *ROWS]


def tables(tmp_path: Path, data: bytes, limits: Limits = Limits()) -> list[RawTable | Refusal]:  # noqa: B008
    path = tmp_path / "file.et"  # a name that fits none of them
    path.write_bytes(data)
    try:
        return list(read_tables(path, lambda text: text in HEADER, limits))
    except Refusal as refusal:
        return [refusal]


def one(tmp_path: Path, data: bytes) -> RawTable:
    (found,) = tables(tmp_path, data)
    assert isinstance(found, RawTable), (found.code, found.values)
    return found


def refused(tmp_path: Path, data: bytes) -> Refusal:
    (found,) = tables(tmp_path, data)
    assert isinstance(found, Refusal)
    return found


@pytest.mark.parametrize(("form", "data"), containers().items())
def test_every_container_gives_the_same_table(tmp_path: Path, form: str, data: bytes) -> None:
    found = one(tmp_path, data)
    assert found.encoding == form
    assert [row.cells for row in found.head] == EXPECTED
    assert [row.line for row in found.head] == [1, 2, 3]


@pytest.mark.parametrize(("name", "data"), xlsx_forms().items())
def test_every_form_of_xlsx_reads_alike(tmp_path: Path, name: str, data: bytes) -> None:
    found = one(tmp_path, data)
    assert [row.cells for row in found.head] == EXPECTED
    if name != "other slashes and case":  # which the other reader does not open
        book = python_calamine.load_workbook(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python()
        assert [str(v).removesuffix(".0") for v in rows[1][:3]] == list(ROWS[0][:3])


def test_a_far_cell_behind_apostrophes_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "年份"
    workbook.active["XFD1048576"] = 1
    buffer = io.BytesIO()
    workbook.save(buffer)
    far = changed(
        buffer.getvalue(), r"worksheets/sheet", lambda t: t.replace('"', "'").replace("'", "'")
    )
    refusal = refused(tmp_path, far)
    assert (refusal.code, refusal.values["detail"]) == (
        "spreadsheet_too_large",
        "1048576 行 × 16384 列",
    )


def test_bounds_of_the_other_containers(tmp_path: Path) -> None:
    ods = containers()["ods"]
    many = changed(
        ods,
        "content.xml",
        lambda t: t.replace(
            'repeated="1048000"><table:table-cell ',
            'repeated="1048000"><table:table-cell office:value-type="float" office:value="1" ',
        ),
    )
    assert refused(tmp_path, many).code == "spreadsheet_too_large"
    wide = html().replace(b"<td>", b'<td colspan="65000" rowspan="60000">', 4)
    assert refused(tmp_path, wide).code in ("spreadsheet_too_large", "too_many_columns")
    xml = containers()["xml"].replace(b"<Cell>", b'<Cell ss:Index="16000000">', 1)
    assert refused(tmp_path, xml).code in ("spreadsheet_too_large", "too_many_columns")
    deep = b"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>" + b"<a>" * 10_000
    assert refused(tmp_path, deep).code == "damaged_spreadsheet"
    small = Limits(max_strings=2, max_part_elements=5)
    assert isinstance(tables(tmp_path, xlsx(), small)[0], Refusal)


_ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("form", ["xlsx", "ods", "xml"])
def test_entities_are_never_followed(tmp_path: Path, form: str) -> None:
    data = containers()[form]
    if form == "xml":
        hostile = data.replace(b"<Workbook ", _ENTITY.encode() + b"<Workbook ", 1)
        hostile = hostile.replace("全县".encode(), b"&a;")
    else:
        part = r"worksheets/sheet|content\.xml"
        hostile = changed(data, part, lambda t: t.replace("<worksheet", _ENTITY + "<worksheet", 1))
        hostile = changed(
            hostile,
            part,
            lambda t: t.replace(
                "<office:document-content", _ENTITY + "<office:document-content", 1
            ),
        )
    refusal = refused(tmp_path, hostile)
    assert (refusal.code, "DOCTYPE" in str(refusal.values)) == ("damaged_spreadsheet", True)


def test_a_page_brings_nothing_from_outside(tmp_path: Path) -> None:
    page = html("utf-8").replace(b"<html>", _ENTITY.replace("x [", "html [").encode() + b"<html>")
    page = page.replace("全县".encode(), b"&a;<script>1</script><!-- x --><img src='http://x/'>", 1)
    found = one(tmp_path, page)
    (cells,) = (row.cells for row in found.head if row.cells[0] == "2020")
    assert cells[1] in ("", "&a;")


def test_a_page_is_laid_out_as_a_spreadsheet_program_does(tmp_path: Path) -> None:
    page = (
        "<html><body><h3>灌溉面积</h3><p>单位：亩</p><table><tr><th rowspan=2>年份</th>"
        "<th colspan=2>面积</th></tr><tr><th>灌溉</th><th>节水<br>灌溉</th></tr>"
        "<tr style='display:none'><td>2019</td><td>1</td><td>2</td></tr>"
        "<tr><td>2020</td><td x:num='1234.567'>1,234.57</td><td><s>5</s> 6&nbsp;</td></tr></table>"
        "<p>注：快报数</p></body></html>"
    )
    found = one(tmp_path, page.encode())
    assert [row.cells for row in found.head] == [
        ("灌溉面积", "", ""),
        ("单位：亩", "", ""),
        ("年份", "面积", ""),
        ("", "灌溉", "节水\n灌溉"),
        ("2019", "1", "2"),
        ("2020", "1234.567", "6"),
        ("注：快报数", "", ""),
    ]
    assert found.hidden_rows == {5}
    assert [tuple(merge) for merge in found.merged] == [(3, 4, 0, 0), (3, 3, 1, 2)]


def test_a_protected_workbook_opens_and_one_with_a_password_does_not(tmp_path: Path) -> None:
    for password, readable in (("VelvetSweatshop", True), ("阳城2023", False)):
        locked = io.BytesIO()
        ooxml.OOXMLFile(io.BytesIO(xlsx())).encrypt(password, locked)
        (found,) = tables(tmp_path, locked.getvalue())
        if readable:
            assert isinstance(found, RawTable)
            assert [row.cells for row in found.head] == EXPECTED
        else:
            assert isinstance(found, Refusal) and found.code == "password_protected"


def test_rounds_of_a_password_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.reading.ole._MOST_ROUNDS", 99_999)
    locked = io.BytesIO()
    ooxml.OOXMLFile(io.BytesIO(xlsx())).encrypt("VelvetSweatshop", locked)
    assert refused(tmp_path, locked.getvalue()).code == "damaged_spreadsheet"


def test_what_a_sheet_shows_of_its_styles(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    raised, gone = InlineFont(vertAlign="superscript"), InlineFont(strike=True)
    sheet["A1"] = CellRichText("水量(m", TextBlock(raised, "3"), ")")
    sheet["A2"] = CellRichText("9890", TextBlock(raised, "1)"))
    sheet["A3"] = CellRichText(TextBlock(gone, "100"), "120")
    sheet["A4"], sheet["B4"] = 55, "x"
    sheet["A4"].font = Font(strike=True)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.merge_cells("A5:B6")
    sheet["A5"] = "合"
    buffer = io.BytesIO()
    workbook.save(buffer)
    found = one(tmp_path, buffer.getvalue())
    cells = [row.cells[0] for row in found.head]
    assert cells == ["水量(m³)", "9890¹⁾", "120", f"5{STRUCK}5{STRUCK}", "合"]
    assert {f["code"]: f["line"] for f in found.findings} == {
        "hidden_rows": None,
        "struck_text_left_out": 3,
    }
    assert (found.hidden_rows, found.hidden_columns) == ({3}, {1})
    assert [tuple(merge) for merge in found.merged] == [(5, 6, 0, 1)]


def test_shared_strings_and_their_escapes(tmp_path: Path) -> None:
    parts = parts_of(xlsx())
    name = "xl/worksheets/sheet1.xml"
    parts["xl/sharedStrings.xml"] = (
        "<sst><si><t>有效_x000D_\n灌溉</t></si><si><r><t>甲</t></r><r><rPr><strike/></rPr><t>乙</t></r>"
        "<rPh><t>jia</t></rPh></si></sst>"
    ).encode()
    parts[name] = (
        b"<worksheet><sheetData><row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='e'>"
        b"<v>#DIV/0!</v></c><c><f>1+1</f></c><c t='str'><f>\"\"</f><v></v></c><c t='b'><v>1</v>"
        b"</c><c t='d'><v>2023-03-01T08:30:00</v></c></row></sheetData></worksheet>"
    )
    (row,) = one(tmp_path, package_of(parts)).head
    assert row.cells == ("有效\r\n灌溉", "甲", "#DIV/0!", "=1+1", "", "TRUE", "2023-03-01 08:30:00")
    parts[name] = parts[name].replace(b"<v>1</v></c><c t='e'>", b"<v>7</v></c><c t='e'>")
    assert refused(tmp_path, package_of(parts)).code == "damaged_spreadsheet"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b'{"a": 1}', "JSON"),
        (b"\x00\x01\x00\x00Standard ACE DB\0", "Access"),
        (b"<?xml version='1.0'?><data/>", "XML"),
        (b"<html><frameset/></html>", "框架"),
        (b"\x09\x08\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x0a\x00\x00\x00", "旧式"),
        (package_of({"mimetype": b"application/x-text", "content.xml": b""}), "OpenDocument"),
        (package_of({"OFD.xml": b""}), "OFD"),
        (package_of({"Index/Document.iwa": b""}), "Numbers"),
        (package_of({"[Content_Types].xml": b"", "word/document.xml": b""}), "Word"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_do(tmp_path: Path, data: bytes, named: str) -> None:
    refusal = refused(tmp_path, data)
    assert refusal.code == "not_a_table_file"
    assert named in str(refusal.values["kind"])
    assert any(word in str(refusal.values["remedy"]) for word in ("另存为", "解压"))


def test_a_dbase_table_is_named_with_its_columns(tmp_path: Path) -> None:
    names = ("年份".encode("gbk"), "有效灌溉".encode("gbk"))
    fields = b"".join(name.ljust(11, b"\0") + b"C" + b"\0" * 20 for name in names)
    data = b"\x03\x7c\x01\x01" + b"\0" * 4 + (32 + len(fields) + 1).to_bytes(2, "little")
    data = data.ljust(32, b"\0") + fields + b"\r 1979 5"
    kind = str(refused(tmp_path, data).values["kind"])
    assert "dBase" in kind and "有效灌溉" in kind
