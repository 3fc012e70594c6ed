"""XML Spreadsheet 2003, which programs save as .xml or .xls: one XML file, read as a stream."""

import io
from collections.abc import Iterator

import polars as pl

from sources.limits import Limits
from sources.reading.cells import Cells, numbers_shown, struck_column
from sources.reading.grid import Grid, read_grid
from sources.reading.number_formats import YEAR, Format, format_of
from sources.reading.package import damage
from sources.reading.raw import RawTable, Refusal
from sources.reading.styled_text import Runs
from sources.reading.xlsx import DAMAGE
from sources.reading.xlsx_styles import Style, is_true
from sources.reading.xml_parts import parse_xml, plain_attributes

_NAMED_FORMATS = {
    **{"Percent": "0.00%", "Fixed": "0.00", "Standard": "#,##0.00", "Scientific": "0.00E+00"},
    **{"General Date": "yyyy-m-d h:mm", "Short Date": "yyyy-m-d", "Medium Date": "d-mmm-yy"},
    **{"Long Date": "yyyy年m月d日", "Short Time": "h:mm", "Medium Time": "h:mm AM/PM"},
    **{"Long Time": "h:mm:ss", "Currency": "¥#,##0.00", "Euro Currency": "€#,##0.00"},
    **{"Yes/No": "General", "True/False": "General", "On/Off": "General"},
}
_NUMBER_KIND, _TEXT_KIND, _DATE_KIND = range(3)
_KINDS = 3
_MOST = 1 << 24
_LONGEST_TEXT = 1 << 20


def read_xml_spreadsheet(text: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a workbook given as UTF-8. Raises Refusal for a damaged one."""
    if len(text) > limits.max_markup_bytes * 8:
        size, limit = len(text) >> 20, limits.max_markup_bytes * 8 >> 20
        raise Refusal("file_too_large", size=f"{size} MB", limit=f"{limit} MB")
    book = _Book(limits)
    try:
        parse_xml(
            io.BytesIO(text),
            limits,
            start=book.start,
            end=book.end,
            text=book.text,
            encoding="utf-8",
        )
    except DAMAGE as error:
        raise Refusal("damaged_spreadsheet", detail=damage(error)) from error
    for sheet in book.sheets:
        try:
            sheet.grid.date1904 = book.date1904
            yield read_grid(sheet.grid, prefix + sheet.name, "xml", limits, hidden=sheet.hidden)
        except Refusal as refusal:
            refusal.values["sheet"] = prefix + sheet.name
            yield refusal


class _Sheet:
    """One sheet while it is read and after."""

    def __init__(self, name: str, cells: Cells) -> None:
        self.name = name
        self.cells = cells
        self.hidden = False
        self.row = self.column = -1
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[int] = set()
        self.merged: list[tuple[int, int, int, int]] = []
        self.grid = Grid([])

    def finish(self) -> None:
        columns = self.cells.columns()
        self.grid = Grid(
            columns,
            hidden_rows=[r for r in self.hidden_rows if r < self.cells.height],
            merged=[m for m in self.merged if m[0] < self.cells.height],
            hidden_columns=sorted(c for c in self.hidden_columns if c < len(columns)),
            shown_as=self.cells.shown_as,
        )


class _Book:
    """Handlers of a workbook's elements."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._styles: dict[str, Style] = {}
        self._numbers: dict[str, int] = {}
        self._order: list[Style] = [Style()]
        self._style = ""
        self._sheet: _Sheet | None = None
        self._cell: dict[str, str] | None = None
        self._kind = "String"
        self._column = 0
        self._filled = False
        self._runs: Runs | None = None
        self._length = 0
        self._raised = self._struck = 0
        self._word: list[str] | None = None
        self.sheets: list[_Sheet] = []
        self.date1904 = False

    # -- kinds of cells, see `sources.reading.cells.Kinds`

    def form(self, kind: int) -> Format | None:
        return self._order[kind // _KINDS].form if kind % _KINDS == _NUMBER_KIND else None

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        style = self._order[kind // _KINDS]
        if kind % _KINDS == _NUMBER_KIND:
            raw = numbers_shown(raw, style.form, date1904=self.date1904)
        elif kind % _KINDS == _DATE_KIND:
            day = raw.str.replace("T", " ", literal=True).str.replace(r"\.\d+Z?$|Z$", "")
            raw = day.str.strip_suffix(" 00:00:00")
            if style.form.kind == YEAR:
                raw = raw.str.slice(0, 4) + "年"
        return struck_column(raw) if style.struck else raw

    # -- elements

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._runs is not None:
            self._raised += name == "Sup"
            self._struck += name == "S"
        elif name == "Cell":
            self._start_cell(plain_attributes(attributes))
        elif name == "Data" and self._cell is not None:
            self._kind = plain_attributes(attributes).get("Type", "String")
            self._runs, self._length, self._raised, self._struck = Runs(), 0, 0, 0
        elif name == "Row":
            self._start_row(plain_attributes(attributes))
        elif name == "Worksheet":
            self._start_sheet(plain_attributes(attributes).get("Name", ""))
        elif name == "Column":
            self._start_column(plain_attributes(attributes))
        elif name in ("Style", "NumberFormat", "Font"):
            self._start_style(name, plain_attributes(attributes))
        elif name in ("Visible", "Date1904"):
            self._word = []

    def _start_style(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Style":
            self._style = attributes.get("ID", "")
            if len(self._styles) >= self._limits.max_part_elements:
                raise Refusal("spreadsheet_too_large", detail=f"样式超过 {len(self._styles)} 项")
            self._styles[self._style] = self._styles.get(attributes.get("Parent", ""), Style())
        elif (known := self._styles.get(self._style)) is not None:
            code = attributes.get("Format", "")
            if name == "NumberFormat" and code:
                form = format_of(_NAMED_FORMATS.get(code, code))
                self._styles[self._style] = Style(form, known.struck)
            elif name == "Font":
                struck = is_true(attributes.get("StrikeThrough"))
                self._styles[self._style] = Style(known.form, struck)

    def _start_sheet(self, name: str) -> None:
        if len(self.sheets) >= self._limits.max_sheets:
            raise Refusal("spreadsheet_too_large", detail=f"超过 {len(self.sheets)} 个工作表")
        self._sheet = _Sheet(name, Cells(self._limits, self))
        self.sheets.append(self._sheet)

    def _start_column(self, attributes: dict[str, str]) -> None:
        sheet = self._inside()
        first = _position(attributes.get("Index"), sheet.column)
        sheet.column = first + _more(attributes.get("Span"))
        if is_true(attributes.get("Hidden")) or attributes.get("Width") == "0":
            sheet.hidden_columns.update(
                range(first, min(sheet.column, self._limits.max_columns) + 1)
            )

    def _start_row(self, attributes: dict[str, str]) -> None:
        sheet = self._inside()
        first = _position(attributes.get("Index"), sheet.row)
        sheet.row, sheet.column = first + _more(attributes.get("Span")), -1
        if is_true(attributes.get("Hidden")) or attributes.get("Height") == "0":
            sheet.hidden_rows.append(first)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        sheet = self._inside()
        self._cell = attributes
        column = _position(attributes.get("Index"), sheet.column)
        across, down = _more(attributes.get("MergeAcross")), _more(attributes.get("MergeDown"))
        if across or down:
            sheet.merged.append((sheet.row, sheet.row + down, column, column + across))
            sheet.cells.check(1, len(sheet.merged))
        self._column, sheet.column = column, column + across
        self._filled, self._kind = False, "String"

    def _inside(self) -> _Sheet:
        if self._sheet is None:
            raise ValueError("a row outside of any sheet")
        return self._sheet

    def text(self, data: str) -> None:
        if self._runs is not None:
            self._length += len(data)
            if self._length > _LONGEST_TEXT:
                raise Refusal("spreadsheet_too_large", detail="有一个单元格的内容过长")
            self._runs.add(data, superscript=self._raised > 0, strike=self._struck > 0)
        elif self._word is not None:
            self._word.append(data)

    def end(self, name: str) -> None:
        if self._runs is not None and name == "Data":
            self._put(self._runs.text())
            self._runs = None
        elif self._runs is not None:
            self._raised -= name == "Sup"
            self._struck -= name == "S"
        elif name == "Cell":
            self._end_cell()
        elif name == "Worksheet":
            self._inside().finish()
            self._sheet = None
        elif name in ("Visible", "Date1904"):
            self._end_word(name, "".join(self._word or ()).strip())

    def _end_word(self, name: str, word: str) -> None:
        self._word = None
        if name == "Date1904":
            self.date1904 = word != "0"
        elif self._sheet is not None:
            self._sheet.hidden = word in ("SheetHidden", "SheetVeryHidden")

    def _end_cell(self) -> None:
        if self._cell is not None and not self._filled and "Formula" in self._cell:
            self._put("=" + self._cell["Formula"].lstrip("="))
        self._cell = None

    def _put(self, raw: str) -> None:
        self._filled = True
        if not raw or self._cell is None:
            return
        kind = _TEXT_KIND
        if self._kind == "Number":
            kind = _NUMBER_KIND
        elif self._kind == "DateTime":
            kind = _DATE_KIND
        elif self._kind == "Boolean":
            raw = "TRUE" if is_true(raw) else "FALSE"
        sheet = self._inside()
        if sheet.row < 0:
            raise ValueError("a cell outside of any row")
        sheet.cells.add(sheet.row, self._column, raw, self._number() * _KINDS + kind)

    def _number(self) -> int:
        assert self._cell is not None
        name = self._cell.get("StyleID", "Default")
        if name not in self._numbers:
            self._numbers[name] = len(self._order)
            self._order.append(self._styles.get(name, Style()))
        return self._numbers[name]


def _position(index: str | None, before: int) -> int:
    """Return a position (from 0): given from 1, else the one behind the last. Raises ValueError."""
    position = before + 1 if index is None else int(index) - 1
    if not 0 <= position < _MOST:
        raise ValueError(f"position {position}")
    return position


def _more(text: str | None) -> int:
    return max(0, min(int(text), _MOST)) if text else 0
