"""The same small table in every container that is read, made by other programs' writers or by hand.

`HEADER` and `ROWS` are what a reader must find. Workbooks of XLSX are also written in forms that
export programs use: without cell addresses, with apostrophes, with prefixes, in strict namespaces.
"""

import io
import re
import struct
import zipfile
from base64 import b64encode
from collections.abc import Callable

import openpyxl
import xlwt
from odf.namespaces import TABLENS
from odf.number import Number, PercentageStyle
from odf.number import Text as NumberText
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TextProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P, Span

HEADER = ("年份", "区域", "森林面积(万m³)", "森林覆盖率(%)")
ROWS = (("2020", "全县", "90000", "46.63%"), ("2021", "全县", "90001.5", "46.7%"))
VALUES = ((2020, "全县", 90000, 0.4663), (2021, "全县", 90001.5, 0.467))
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx() -> bytes:
    """The table as openpyxl writes it."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "数据"
    for row in (HEADER, *VALUES):
        sheet.append(row)
    for row in (2, 3):
        sheet.cell(row, 4).number_format = "0.0%"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def package_of(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def changed(data: bytes, pattern: str, change: Callable[[str], str]) -> bytes:
    """Return a package with the text of some parts changed; `pattern` finds their names."""
    return package_of(
        {
            name: change(content.decode()).encode() if re.search(pattern, name) else content
            for name, content in parts_of(data).items()
        }
    )


def _apostrophes(text: str) -> str:
    return re.sub(r'="([^"\']*)"', r"='\1'", text)


def _prefixed(text: str) -> str:
    text = re.sub(r"<(/?)(?![?!])(\w+)", r"<\1x:\2", text)
    return text.replace(f'xmlns="{_MAIN}"', f'xmlns:x="{_MAIN}"')


def _strict(text: str) -> str:
    text = text.replace(_MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    return text.replace(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    )


def xlsx_forms() -> dict[str, bytes]:
    """The workbook as export programs write it."""
    plain = xlsx()
    sheets = r"worksheets/sheet\d+\.xml$"
    without_r = changed(plain, sheets, lambda t: re.sub(r' r="[A-Z]*\d+"', "", t))
    moved = {name.replace("xl/", "XL\\"): content for name, content in parts_of(plain).items()}
    return {
        "plain": plain,
        "without addresses": without_r,
        "apostrophes": changed(plain, r"xl/.*\.xml$", _apostrophes),
        "apostrophes without addresses": changed(without_r, r"xl/.*\.xml$", _apostrophes),
        "prefixes": changed(plain, r"xl/(?:worksheets/sheet|workbook|styles).*\.xml$", _prefixed),
        "strict": changed(plain, r"\.(?:xml|rels)$", _strict),
        "other slashes and case": package_of(moved),
        "wrong dimension": changed(
            plain, sheets, lambda t: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1"', t)
        ),
        "comments and blanks": changed(
            plain, sheets, lambda t: t.replace("<row ", "<!-- <c r='Z9'/> -->\n <row ")
        ),
    }


def xls() -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    percent = xlwt.easyxf(num_format_str="0.0%")
    for column, title in enumerate(HEADER):
        sheet.write(0, column, title)
    for number, row in enumerate(VALUES, start=1):
        for column, value in enumerate(row):
            sheet.write(number, column, value, *([percent] if column == 3 else []))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods() -> bytes:
    document = OpenDocumentSpreadsheet()
    percent = PercentageStyle(name="N1")
    percent.addElement(Number(decimalplaces=1, minintegerdigits=1))
    percent.addElement(NumberText(text="%"))
    document.automaticstyles.addElement(percent)
    document.automaticstyles.addElement(
        Style(name="percent", family="table-cell", datastylename="N1")
    )
    raised = Style(name="raised", family="text")
    raised.addElement(TextProperties(textposition="super 58%"))
    document.automaticstyles.addElement(raised)
    table = Table(name="数据")
    document.spreadsheet.addElement(table)
    table.addElement(TableColumn(numbercolumnsrepeated=16_384))
    row = TableRow()
    table.addElement(row)
    for title in HEADER:
        cell = TableCell(valuetype="string")
        text = P(text=title.removesuffix("³)"))
        if title.endswith("³)"):
            text.addElement(Span(stylename=raised, text="3"))
            text.addText(")")
        cell.addElement(text)
        row.addElement(cell)
    for values in VALUES:
        row = TableRow()
        table.addElement(row)
        for column, value in enumerate(values):
            if isinstance(value, str):
                cell = TableCell(valuetype="string")
            elif column == 3:
                cell = TableCell(valuetype="percentage", value=value, stylename="percent")
            else:
                cell = TableCell(valuetype="float", value=value)
            cell.addElement(P(text=f"{value:.0%}" if column == 3 else str(value)))
            row.addElement(cell)
    empty = TableRow()
    empty.setAttrNS(TABLENS, "number-rows-repeated", "1048000")
    empty.addElement(TableCell(numbercolumnsrepeated=16_384))
    table.addElement(empty)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _record(kind: int, content: bytes) -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, sizes = len(content), b""
    while True:
        size, low = size >> 7, size & 0x7F
        sizes += bytes([low | (0x80 if size else 0)])
        if not size:
            return number + sizes + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb() -> bytes:
    """The table as records by hand (MS-XLSB)."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        "{}</Relationships>"
    )
    one = '<Relationship Id="{}" Type="' + office + '/{}" Target="{}"/>'
    styles = (
        _record(44, struct.pack("<H", 164) + _wide("0.0%"))
        + _record(617, b"\x02\0\0\0")
        + _record(47, struct.pack("<HHHHHH", 0, 0, 0, 0, 0, 0) + b"\0" * 4)
        + _record(47, struct.pack("<HHHHHH", 0, 164, 0, 0, 0, 0) + b"\0" * 4)
        + _record(618, b"")
    )
    rows = [_record(0, struct.pack("<IIHBBB", 0, 0, 300, 0, 0, 0) + b"\0" * 4)]
    for column, title in enumerate(HEADER):
        rows.append(_record(6, struct.pack("<II", column, 0) + _wide(title)))
    for number, (year, area, forest, share) in enumerate(VALUES, start=1):
        rows.append(_record(0, struct.pack("<IIHBBB", number, 0, 300, 0, 0, 0) + b"\0" * 4))
        rows.append(_record(2, struct.pack("<IIi", 0, 0, year << 2 | 2)))
        rows.append(_record(6, struct.pack("<II", 1, 0) + _wide(area)))
        rows.append(_record(5, struct.pack("<IId", 2, 0, forest)))
        rows.append(_record(5, struct.pack("<IId", 3, 1, share)))
    workbook = _record(153, b"\0" * 8) + _record(
        156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("数据")
    )
    return package_of(
        {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": relation.format(
                one.format("rId1", "officeDocument", "xl/workbook.bin")
            ).encode(),
            "xl/_rels/workbook.bin.rels": relation.format(
                one.format("rId1", "worksheet", "worksheets/sheet1.bin")
                + one.format("rId2", "styles", "styles.bin")
            ).encode(),
            "xl/workbook.bin": workbook,
            "xl/styles.bin": styles,
            "xl/worksheets/sheet1.bin": b"".join(rows),
        }
    )


def html(encoding: str = "gb18030") -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in (HEADER, *ROWS)
    )
    rows = rows.replace("m³", "m<sup>3</sup>")
    page = f'<html><head><meta charset="gb2312"></head><body><table>{rows}</table></body></html>'
    return page.encode(encoding)


def mhtml() -> bytes:
    content = b64encode(html("utf-8").replace(b"gb2312", b"utf-8"))
    return (
        b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"
        b'Content-Type: multipart/related; boundary="=_b"\r\n\r\n--=_b\r\n'
        b"Content-Location: file:///C:/x/sheet001.htm\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Type: text/html; charset="utf-8"\r\n\r\n' + content + b"\r\n--=_b--\r\n"
    )


def xml_spreadsheet() -> bytes:
    def cell(value: object, style: str = "") -> str:
        kind = "String" if isinstance(value, str) else "Number"
        text = str(value).replace("m³", "m<html:Sup>3</html:Sup>")
        return f'<Cell{style}><ss:Data ss:Type="{kind}">{text}</ss:Data></Cell>'

    body = "<Row>" + "".join(map(cell, HEADER)) + "</Row>"
    for row in VALUES:
        body += "<Row>" + "".join(map(cell, row[:3])) + cell(row[3], ' ss:StyleID="p"') + "</Row>"
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:html="http://www.w3.org/TR/REC-html40"><Styles><Style ss:ID="p">'
        '<NumberFormat ss:Format="Percent"/></Style></Styles><Worksheet ss:Name="数据">'
        f"<Table>{body}</Table></Worksheet></Workbook>"
    ).encode()


def containers() -> dict[str, bytes]:
    """Every container, by the form that a reader names it by."""
    return {
        "xlsx": xlsx(),
        "xls": xls(),
        "ods": ods(),
        "xlsb": xlsb(),
        "html": html(),
        "mhtml": mhtml(),
        "xml": xml_spreadsheet(),
    }
