"""Writing spreadsheets that people get from us: plain values only, nothing that runs.

A text that begins with = + - @ is written as text with the mark that keeps a spreadsheet from
taking it for a formula when the cell is edited. The same content gives the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from sources.reading.raw import EXPLANATION_MARK

EPOCH = datetime(2020, 1, 1)
AUTHOR = "生态指标数据仓库"
LONGEST_CELL = 32_767
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_THIN = Side(style="thin", color="BFBFBF")

HEADER_FONT = Font(bold=True)
HEADER_FILL = PatternFill("solid", fgColor="D9E2F3")
REQUIRED_FILL = PatternFill("solid", fgColor="FCE4D6")
EXAMPLE_FONT = Font(italic=True, color="808080")
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
FRAME = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def new_workbook(moment: datetime = EPOCH) -> Workbook:
    """Return a workbook without sheets. `moment` is written as its time of creation."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator = AUTHOR
    workbook.properties.created = workbook.properties.modified = moment.replace(tzinfo=None)
    return workbook


def _units(text: str, part: slice) -> str:
    """Return a part of a text in units of UTF-16, in which spreadsheets count."""
    units = memoryview(text.encode("utf-16-le")).cast("H")[part]
    return units.tobytes().decode("utf-16-le", errors="ignore")


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """Return a name that a spreadsheet allows: 31 characters, none of []:*?/\\, not yet taken."""
    base = re.sub(r"[\[\]:*?/\\]", "_", ILLEGAL_CHARACTERS_RE.sub("", wanted)).strip("'")
    base = _units(base, slice(-31, None)).strip("'") or "数据"
    used = {name.casefold() for name in taken}
    name, number = base, 2
    while name.casefold() in used:
        name = f"{_units(base, slice(30 - len(str(number))))}~{number}"
        number += 1
    return name


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Return a cell of a sheet of our own, where none is merged; both count from 1."""
    found = sheet.cell(row, column)
    if not isinstance(found, Cell):
        raise TypeError(f"{found.coordinate} is merged")
    return found


def put_text(cell: Cell, text: str) -> None:
    """Write a text that no program runs."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL]
    cell.data_type = "s"  # openpyxl would take a leading = for a formula
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


def explanation_sheet(workbook: Workbook, lines: Iterable[str]) -> Worksheet:
    """Add the page that explains, which intake leaves alone. Its first line is the mark."""
    sheet = workbook.create_sheet(EXPLANATION_MARK)
    for number, line in enumerate([EXPLANATION_MARK, *lines], start=1):
        put_text(cell_at(sheet, number, 1), line)
        sheet.cell(number, 1).alignment = WRAPPED
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 24
    return sheet


def workbook_bytes(workbook: Workbook) -> bytes:
    """Return a workbook as XLSX, the same bytes for the same content."""
    first = io.BytesIO()
    moment = workbook.properties.modified
    workbook.save(first)
    fixed = io.BytesIO()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(fixed, "w") as target:
        for part in sorted(source.infolist(), key=lambda p: p.filename):
            content = source.read(part)
            if part.filename == "docProps/core.xml" and moment is not None:
                stamp = rb"\g<1>" + moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", stamp, content)
            entry = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return fixed.getvalue()
