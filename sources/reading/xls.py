"""XLS workbooks (BIFF) by xlrd, which knows number formats, hidden rows and merged cells."""

import io
from collections.abc import Iterator
from typing import Any

from sources.limits import Limits
from sources.reading.grid import Grid, percent_text, read_grid, text_column
from sources.reading.raw import RawTable, Refusal
from sources.reading.xlsx import is_percent


def read_xls(data: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a workbook; a sheet that cannot be read is yielded as its Refusal.

    Raises Refusal when the workbook cannot be opened (damaged, encrypted, another OLE file).
    """
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, on_demand=True, logfile=io.StringIO()
        )
        names = book.sheet_names()
    except Exception as error:  # xlrd lets whatever a damaged file provokes through
        raise _refusal(error) from error
    if len(names) > limits.max_sheets:
        raise Refusal("spreadsheet_too_large", detail=f"{len(names)} 个工作表")
    for index, sheet_name in enumerate(names):
        name = prefix + sheet_name
        try:
            sheet = book.sheet_by_index(index)
            grid = _grid(book, sheet, limits)
            yield read_grid(grid, name, "xls", limits, hidden=sheet.visibility != 0)
            book.unload_sheet(index)
        except Refusal as refusal:
            refusal.values["sheet"] = name
            yield refusal
        except Exception as error:
            refusal = _refusal(error)
            refusal.values["sheet"] = name
            yield refusal


def _refusal(error: Exception) -> Refusal:
    text = str(error)
    if "encrypted" in text.lower():
        return Refusal("password_protected")
    if "Can't find workbook" in text:
        return Refusal("not_a_table_file", kind="Word 等其他 Office 文件")
    return Refusal("damaged_spreadsheet", detail=(text or type(error).__name__)[:120])


def _grid(book: Any, sheet: Any, limits: Limits) -> Grid:
    import xlrd

    if sheet.nrows * sheet.ncols > limits.max_spreadsheet_cells:
        raise Refusal("spreadsheet_too_large", detail=f"{sheet.nrows} 行 × {sheet.ncols} 列")
    percent = {
        index
        for index, style in enumerate(book.xf_list)
        if (form := book.format_map.get(style.format_key)) and is_percent(form.format_str)
    }

    def value(kind: int, raw: Any) -> Any:
        if kind == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(raw, book.datemode)
        if kind == xlrd.XL_CELL_BOOLEAN:
            return bool(raw)
        if kind == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(raw, "#N/A")
        return raw

    plain = {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER}
    columns = []
    blank: list[int] = []
    for position in range(sheet.ncols):
        values = _padded(sheet.col_values(position), sheet.nrows, "")
        kinds = _padded(sheet.col_types(position), sheet.nrows, xlrd.XL_CELL_EMPTY)
        if not set(kinds) <= plain:
            values = [value(k, v) for k, v in zip(kinds, values, strict=True)]
        if xlrd.XL_CELL_TEXT in kinds and "" in values:
            cells = zip(kinds, values, strict=True)
            blank += [r for r, (k, v) in enumerate(cells) if k == xlrd.XL_CELL_TEXT and v == ""]
        column = text_column(values)
        if percent:
            styles = [sheet.cell_xf_index(r, position) for r in range(sheet.nrows)]
            shown = [
                r
                for r, (style, kind) in enumerate(zip(styles, kinds, strict=True))
                if style in percent and kind == xlrd.XL_CELL_NUMBER
            ]
            if shown:
                column = percent_text(column, shown)
        columns.append(column)
    hidden = sum(1 for info in sheet.rowinfo_map.values() if info.hidden)
    merged = [(r1, r2 - 1, c1, c2 - 1) for r1, r2, c1, c2 in sheet.merged_cells]
    return Grid(columns, hidden, merged, blank)


def _padded(values: list[Any], length: int, blank: Any) -> list[Any]:
    return list(values) + [blank] * (length - len(values))
