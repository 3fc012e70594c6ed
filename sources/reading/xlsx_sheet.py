"""One sheet of an XLSX workbook: its part read as a stream into a grid."""

from collections.abc import Sequence
from typing import IO

import polars as pl

from sources.limits import Limits
from sources.reading.cells import Cells, ColumnNumbers, numbers_shown, spans, struck_column
from sources.reading.grid import Grid
from sources.reading.number_formats import Format
from sources.reading.raw import Refusal
from sources.reading.styled_text import unescaped_column
from sources.reading.xlsx_styles import PLAIN, Style, is_true
from sources.reading.xlsx_text import LONGEST_TEXT, RichText
from sources.reading.xml_parts import parse_xml

_NUMBER, _SHARED, _TEXT, _BOOLEAN, _ERROR, _DATE, _FORMULA = range(7)
_KINDS = 8
_TYPES = {
    **{"n": _NUMBER, "s": _SHARED, "str": _TEXT, "inlineStr": _TEXT, "b": _BOOLEAN},
    **{"e": _ERROR, "d": _DATE},
}


def read_sheet(
    part: IO[bytes],
    styles: Sequence[Style],
    strings: pl.Series,
    limits: Limits,
    *,
    date1904: bool,
) -> Grid:
    """Return a sheet's grid; `strings` are the workbook's shared ones.

    Raises Refusal beyond a limit, and for a damaged part ExpatError, ValueError, KeyError or
    polars' errors.
    """
    cells = Cells(limits, _Meaning(styles, strings, date1904=date1904))
    sheet = _Sheet(cells, len(styles))
    parse_xml(part, limits, start=sheet.start, end=sheet.end, text=sheet.text)
    columns = cells.columns()
    return Grid(
        columns,
        hidden_rows=sorted(r for r in sheet.hidden_rows if r < cells.height),
        merged=[m for m in spans(sheet.merged) if m[0] < cells.height],
        hidden_columns=sorted(c for c in sheet.hidden_columns if c < len(columns)),
        shown_as=cells.shown_as,
        date1904=date1904,
    )


class _Meaning:
    """Kinds of cells: the style's number times `_KINDS` plus the cell's type."""

    def __init__(self, styles: Sequence[Style], strings: pl.Series, *, date1904: bool) -> None:
        self._styles = styles or [PLAIN]
        self._strings = strings
        self._date1904 = date1904

    def form(self, kind: int) -> Format | None:
        style, code = divmod(kind, _KINDS)
        return self._styles[style].form if code == _NUMBER else None

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        style, code = divmod(kind, _KINDS)
        texts = self._plain(raw, self._styles[style].form, code)
        return struck_column(texts) if self._styles[style].struck else texts

    def _plain(self, raw: pl.Series, form: Format, code: int) -> pl.Series:
        if code == _NUMBER:
            return numbers_shown(raw, form, date1904=self._date1904)
        if code == _SHARED:
            index = raw.cast(pl.UInt32)  # an InvalidOperationError is damage
            if len(index) and int(index.max()) >= len(self._strings):  # type: ignore[arg-type]
                raise ValueError("no such shared string")
            return self._strings.gather(index)
        if code == _BOOLEAN:
            return raw.str.strip_chars().replace({"1": "TRUE", "0": "FALSE"})
        if code == _DATE:
            day = raw.str.replace("T", " ", literal=True).str.replace(r"(\.\d+)?Z?$", "")
            return day.str.strip_suffix(" 00:00:00")
        return unescaped_column(raw) if code == _TEXT else raw


class _Sheet:
    """Handlers of a sheet's elements."""

    def __init__(self, cells: Cells, styles: int) -> None:
        self._add = cells.add
        self._cells = cells
        self._styles = styles
        self._columns = ColumnNumbers()
        self._row = -1
        self._row_text = ""
        self._column = -1
        self._kind = ""
        self._style = 0
        self._value: str | None = None
        self._formula: str | None = None
        self._buffer: list[str] | None = None
        self._length = 0
        self._rich: RichText | None = None
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[int] = set()
        self.merged: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif self._rich is not None:
            self._rich.start(name, attributes)
        elif name == "v" or name == "f":
            self._buffer, self._length = [], 0
        elif name == "row":
            self._start_row(attributes)
        elif name == "is":
            self._rich = RichText()
        elif name == "mergeCell":
            self.merged.append(attributes.get("ref", "A1"))
            self._cells.check(1, len(self.merged))
        elif name == "col":
            self._column_of(attributes)

    def _column_of(self, attributes: dict[str, str]) -> None:
        if is_true(attributes.get("hidden")) or attributes.get("width") in ("0", "0.0"):
            first, last = int(attributes["min"]), int(attributes["max"])
            self.hidden_columns.update(range(first - 1, min(last, 1 << 14)))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            self._column = self._columns[letters]
            if (number := reference[len(letters) :]) != self._row_text:
                self._row, self._row_text = int(number) - 1, number
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s") or 0)
        self._value = self._formula = None

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else int(number) - 1
        self._row_text = number or str(self._row + 1)
        self._column = -1
        if is_true(attributes.get("hidden")) or attributes.get("ht") in ("0", "0.0"):
            self.hidden_rows.append(self._row)

    def text(self, data: str) -> None:
        if self._rich is not None:
            self._rich.text(data)
        elif self._buffer is not None:
            self._buffer.append(data)
            self._length += len(data)
            if self._length > LONGEST_TEXT:
                raise Refusal("spreadsheet_too_large", detail="有一个单元格的内容过长")

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif self._rich is not None:
            if name == "is":
                self._value, self._rich = self._rich.taken(), None
            else:
                self._rich.end(name)
        elif name == "v":
            self._value, self._buffer = "".join(self._buffer or ()), None
        elif name == "f":
            self._formula, self._buffer = "".join(self._buffer or ()), None

    def _end_cell(self) -> None:
        value, kind = self._value, self._kind
        if not value:
            # A formula that came to an empty text has a type; one that was never computed has none.
            if self._formula is not None and kind != "str":
                self._put("=" + self._formula, _FORMULA)
            return
        if kind not in _TYPES:
            raise ValueError(f"cell type {kind[:10]}")
        self._put(value, _TYPES[kind])

    def _put(self, raw: str, code: int) -> None:
        style = self._style if self._style < self._styles else 0
        if self._row < 0 or style < 0:
            raise ValueError("no such row or style")
        self._add(self._row, self._column, raw, style * _KINDS + code)
