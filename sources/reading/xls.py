"""XLS workbooks (BIFF) by xlrd, which knows number formats, fonts, hidden rows and merged cells.

WPS workbooks (.et) that are BIFF inside read alike, and the bare records without a container that
old export programs write. Where a workbook older than BIFF8 names no code page, its text is GBK.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from sources.limits import Limits
from sources.reading.cells import Cells, numbers_shown, struck_column
from sources.reading.foreign import not_a_table
from sources.reading.grid import Grid, read_grid
from sources.reading.number_formats import GENERAL, Format, built_in, format_of
from sources.reading.raw import RawTable, Refusal
from sources.reading.styled_text import Runs, struck

_OPEN_AND_SAVE = "请用 Excel 或 WPS 打开，核对无误后另存为 XLSX 上传"
_BIFF8 = 80
_CHINESE = "gb18030"
_LATIN = (1252, 28591, 367, 437)
_SUPERSCRIPT = 1


def read_xls(data: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a workbook; a sheet that cannot be read is yielded as its Refusal.

    Raises Refusal when the workbook cannot be opened (damaged, encrypted, another OLE file).
    """
    if data.startswith(b"\x09\x08") and data[4:6] == b"\0\0":
        # Records without a container whose first one leaves out the version: how the others are
        # laid out and in which encoding their texts are would be guesses.
        raise not_a_table("导出程序写的旧式 .xls，没有注明格式版本和文字编码", _OPEN_AND_SAVE)
    book = _opened(data)
    names = book.sheet_names()
    if len(names) > limits.max_sheets:
        raise Refusal("spreadsheet_too_large", detail=f"{len(names)} 个工作表")
    styles = _styles(book)
    for index, sheet_name in enumerate(names):
        name = prefix + sheet_name
        try:
            sheet = book.sheet_by_index(index)
            grid = _grid(book, sheet, styles, limits)
            yield read_grid(grid, name, "xls", limits, hidden=sheet.visibility != 0)
            book.unload_sheet(index)
        except Refusal as refusal:
            refusal.values["sheet"] = name
            yield refusal
        except Exception as error:  # xlrd lets whatever a damaged sheet provokes through
            damaged = _refusal(error)
            damaged.values["sheet"] = name
            yield damaged


def _opened(data: bytes) -> Any:
    """Open a workbook; where it names no code page for its bytes of Chinese, as GB18030."""
    try:
        book = _open(data, None)
    except Exception as error:
        raise _refusal(error) from error
    if book.biff_version >= _BIFF8 or book.codepage not in (None, 0, *_LATIN):
        return book
    try:
        return _open(data, _CHINESE)
    except Exception:  # it is no GB18030 either; what it says of itself has to do
        return book


def _open(data: bytes, encoding: str | None) -> Any:
    import xlrd

    book = xlrd.open_workbook(
        file_contents=data,
        formatting_info=True,
        on_demand=encoding is None,
        ragged_rows=True,
        encoding_override=encoding,
        logfile=io.StringIO(),
    )
    return book


def _refusal(error: Exception) -> Refusal:
    text = str(error)
    if "encrypted" in text.lower():
        return Refusal("password_protected")
    if "Can't find workbook" in text:
        return not_a_table(
            "Word 等其他 Office 文件，或内部格式不认识的 WPS 文件",
            "请用 Excel 或 WPS 打开，另存为 XLSX 后上传",
        )
    return Refusal("damaged_spreadsheet", detail="内容与格式不符")


class _Style:
    """What of a cell's style matters to its text."""

    def __init__(self, form: Format, struck: bool) -> None:
        self.form = form
        self.struck = struck


def _styles(book: Any) -> list[_Style]:
    """Return the styles of a workbook, by their number."""
    fonts = [bool(f.struck_out) for f in book.font_list]
    styles = []
    for style in book.xf_list:
        found = book.format_map.get(style.format_key)
        form = format_of(found.format_str) if found is not None else built_in(style.format_key)
        font = style.font_index
        styles.append(_Style(form, font < len(fonts) and fonts[font]))
    return styles


class _Meaning:
    """Kinds of cells: the style's number, -1 for what is text already."""

    def __init__(self, styles: Sequence[_Style], *, date1904: bool) -> None:
        self._styles = styles
        self._date1904 = date1904

    def form(self, kind: int) -> Format | None:
        return None if kind < 0 else self._style(kind).form

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        if kind < 0:
            return raw
        style = self._style(kind)
        shown = numbers_shown(raw, style.form, date1904=self._date1904)
        return struck_column(shown) if style.struck else shown

    def _style(self, kind: int) -> _Style:
        return self._styles[kind] if kind < len(self._styles) else _Style(GENERAL, False)


def _grid(book: Any, sheet: Any, styles: Sequence[_Style], limits: Limits) -> Grid:
    import xlrd

    numbers = {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}
    date1904 = book.datemode == 1
    cells = Cells(limits, _Meaning(styles, date1904=date1904))
    blank: list[int] = []
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind in numbers:
                cells.add(row, column, repr(value), sheet.cell_xf_index(row, column))
            elif kind == xlrd.XL_CELL_TEXT and value == "":
                blank.append(row)
            elif text := _text(book, sheet, row, column, styles):
                cells.add(row, column, text, -1)
    columns = cells.columns()
    rows = {r for r, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0}
    hidden = {c for c, info in sheet.colinfo_map.items() if info.hidden or info.width == 0}
    return Grid(
        columns,
        hidden_rows=sorted(r for r in rows if r < cells.height),
        merged=[(r1, r2 - 1, c1, c2 - 1) for r1, r2, c1, c2 in sheet.merged_cells],
        hidden_columns=sorted(c for c in hidden if c < len(columns)),
        shown_as=cells.shown_as,
        date1904=date1904,
        blank_formulas=blank,
    )


def _text(book: Any, sheet: Any, row: int, column: int, styles: Sequence[_Style]) -> str:
    """Return the text of a cell that is no number; empty for an empty cell."""
    import xlrd

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    style = sheet.cell_xf_index(row, column)
    strike = style < len(styles) and styles[style].struck
    if kind == xlrd.XL_CELL_TEXT:
        if runs := sheet.rich_text_runlist_map.get((row, column)):
            return _rich(book, runs, value, strike=strike)
        text = value
    elif kind == xlrd.XL_CELL_BOOLEAN:
        text = "TRUE" if value else "FALSE"
    elif kind == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(value, "#N/A")
    else:
        return ""
    return struck(text) if strike else text


def _rich(book: Any, runs: Sequence[tuple[int, int]], text: str, *, strike: bool) -> str:
    """Return a rich text; `runs` are (offset, font) of each change from the cell's own font."""
    found = Runs()
    ends = [offset for offset, _ in runs[1:]] + [len(text)]
    found.add(text[: runs[0][0]], strike=strike)
    for (offset, number), end in zip(runs, ends, strict=True):
        font = book.font_list[number] if number < len(book.font_list) else None
        found.add(
            text[offset:end],
            superscript=font is not None and font.escapement == _SUPERSCRIPT,
            strike=font is not None and bool(font.struck_out),
        )
    return found.text()
