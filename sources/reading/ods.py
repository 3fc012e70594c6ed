"""OpenDocument spreadsheets (ISO/IEC 26300-1, 9 and 19): the content part read as a stream.

A cell keeps its value and the text that the sheet shows of it. Numbers are taken from the value,
in full, and shown by the cell's data style: percentages, scaled numbers, units; dates as such.
"""

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import IO, NamedTuple

import polars as pl

from sources.limits import Limits
from sources.reading.cells import Cells, numbers_shown
from sources.reading.grid import Grid, read_grid
from sources.reading.number_formats import GENERAL, NUMBER, YEAR, Format, Section
from sources.reading.ods_styles import Style, Styles
from sources.reading.package import Package, damage
from sources.reading.raw import RawTable, Refusal
from sources.reading.styled_text import Runs, struck
from sources.reading.xlsx import DAMAGE
from sources.reading.xml_parts import parse_xml, plain_attributes

_TEXT = -1
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "Err:")
_NUMBERS = ("float", "percentage", "currency")
_SKIPPED = ("annotation", "shapes", "frame", "tracked-changes", "object")
_LONGEST_TEXT = 1 << 20


def read_ods(package: Package, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a spreadsheet; a sheet that cannot be read is yielded as its Refusal.

    Raises Refusal when the document cannot be opened, is encrypted or would not fit into memory.
    """
    try:
        package.check(limits)
        if any(
            n == "encryption-data" for n, _ in package.elements("META-INF/manifest.xml", limits)
        ):
            raise Refusal("password_protected")
        styles = Styles(limits)
        if "styles.xml" in package:
            with package.open("styles.xml") as part:
                parse_xml(part, limits, start=styles.start, end=styles.end, text=styles.text)
        with package.open("content.xml") as part:
            document = _read(part, styles, limits)
    except DAMAGE as error:
        raise Refusal("damaged_spreadsheet", detail=damage(error)) from error
    yield from document.tables(prefix, "ods")


def read_flat_ods(data: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a spreadsheet that is one XML file (.fods), as `read_ods` does."""
    try:
        document = _read(io.BytesIO(data), Styles(limits), limits, encoding="utf-8")
    except DAMAGE as error:
        raise Refusal("damaged_spreadsheet", detail=damage(error)) from error
    yield from document.tables(prefix, "ods")


def _read(
    part: IO[bytes], styles: Styles, limits: Limits, encoding: str | None = None
) -> "_Document":
    document = _Document(styles, limits)
    parse_xml(
        part,
        limits,
        start=document.start,
        end=document.end,
        text=document.text,
        encoding=encoding,
    )
    return document


class _Meaning:
    """Kinds of cells: a style's number; `_TEXT` for what is text already."""

    def __init__(self, forms: list[Format]) -> None:
        self._forms = forms

    def form(self, kind: int) -> Format | None:
        return None if kind == _TEXT else self._forms[kind]

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        return raw if kind == _TEXT else numbers_shown(raw, self._forms[kind], date1904=False)


class _Sheet(NamedTuple):
    name: str
    grid: Grid | Refusal
    hidden: bool


class _Document:
    """Handlers of the content's elements."""

    def __init__(self, styles: Styles, limits: Limits) -> None:
        self._styles = styles
        self._limits = limits
        self._forms: list[Format] = []
        self._kinds: dict[str, int] = {}
        self._sheets: list[_Sheet] = []
        self._date1904 = False
        self._skipping = 0
        self._depth = 0  # of tables: one inside a cell is none of its own
        self._in_body = False
        self._cell: dict[str, str] | None = None

    def tables(self, prefix: str, form: str) -> Iterator[RawTable | Refusal]:
        """Yield the sheets that were read."""
        for sheet in self._sheets:
            name = prefix + sheet.name
            try:
                if isinstance(sheet.grid, Refusal):
                    raise sheet.grid
                sheet.grid.date1904 = self._date1904
                yield read_grid(sheet.grid, name, form, self._limits, hidden=sheet.hidden)
            except Refusal as refusal:
                refusal.values["sheet"] = name
                yield refusal

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._skipping or name in _SKIPPED:
            self._skipping += 1
        elif self._cell is not None:
            self._start_text(name, attributes)
        elif name in ("table-cell", "covered-table-cell"):
            self._start_cell(name, plain_attributes(attributes))
        elif name == "table-row":
            self._start_row(plain_attributes(attributes))
        elif name == "table-column":
            self._start_column(plain_attributes(attributes))
        elif name == "table":
            self._start_table(plain_attributes(attributes))
        elif name == "null-date":
            day = plain_attributes(attributes).get("date-value", "")
            self._date1904 = day.startswith("1904")
        else:
            self._styles.start(name, attributes)

    def _start_table(self, attributes: dict[str, str]) -> None:
        if len(self._sheets) >= self._limits.max_sheets:
            raise Refusal("spreadsheet_too_large", detail=f"超过 {len(self._sheets)} 个工作表")
        self._name = attributes.get("name", "")
        self._hidden = self._styles.hides(attributes.get("style-name", ""))
        self._cells = Cells(self._limits, _Meaning(self._forms))
        self._row = self._next_row = 0
        self._column = self._next_column = 0
        self._column_styles: list[tuple[int, str]] = []
        self._hidden_rows: list[tuple[int, int]] = []
        self._hidden_columns: set[int] = set()
        self._merged: list[tuple[int, int, int, int]] = []
        self._blank_formulas: list[int] = []

    def _start_column(self, attributes: dict[str, str]) -> None:
        first = self._next_column
        self._next_column += _count(attributes.get("number-columns-repeated"))
        self._column_styles.append(
            (self._next_column, attributes.get("default-cell-style-name", ""))
        )
        if attributes.get("visibility", "visible") != "visible":
            last = min(self._next_column, self._limits.max_columns)
            self._hidden_columns.update(range(first, last))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row = self._next_row
        self._next_row += _count(attributes.get("number-rows-repeated"))
        self._next_column = 0
        self._row_style = attributes.get("default-cell-style-name", "")
        if attributes.get("visibility", "visible") != "visible":
            self._hidden_rows.append((self._row, self._next_row))

    def _start_cell(self, name: str, attributes: dict[str, str]) -> None:
        self._column = self._next_column
        self._next_column += _count(attributes.get("number-columns-repeated"))
        self._cell = attributes
        self._covered = name != "table-cell"
        self._runs = Runs()
        self._paragraphs = 0
        self._length = 0
        self._spans: list[Style] = []
        self._in_paragraph = 0

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        plain = plain_attributes(attributes)
        if name in ("p", "h"):
            if self._paragraphs:
                self._runs.add("\n")
            self._paragraphs += 1
            self._in_paragraph += 1
        elif name == "s":
            self._runs.add(" " * min(_count(plain.get("c")), 1_000))
        elif name == "tab":
            self._runs.add("\t")
        elif name == "line-break":
            self._runs.add("\n")
        self._spans.append(self._styles.text_style(plain.get("style-name", "")))

    def text(self, data: str) -> None:
        if self._cell is None:
            self._styles.text(data)
        elif not self._skipping and self._in_paragraph:
            self._length += len(data)
            if self._length > _LONGEST_TEXT:
                raise Refusal("spreadsheet_too_large", detail="有一个单元格的内容过长")
            superscript = any(s.superscript for s in self._spans)
            self._runs.add(data, superscript=superscript, strike=any(s.struck for s in self._spans))

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif self._cell is not None and name in ("table-cell", "covered-table-cell"):
            self._end_cell(self._cell)
            self._cell = None
        elif self._cell is not None:
            self._spans.pop()
            self._in_paragraph -= name in ("p", "h")
        elif name == "table":
            self._end_table()
        elif name != "table-row":
            self._styles.end(name)

    def _end_table(self) -> None:
        grid: Grid | Refusal
        try:
            columns = self._cells.columns()
            height = self._cells.height
            grid = Grid(
                columns,
                hidden_rows=[
                    row
                    for first, last in self._hidden_rows
                    for row in range(first, min(last, height))
                ],
                merged=[m for m in self._merged if m[0] < height],
                hidden_columns=sorted(c for c in self._hidden_columns if c < len(columns)),
                shown_as=self._cells.shown_as,
                blank_formulas=self._blank_formulas,
            )
        except Refusal as refusal:
            grid = refusal
        self._sheets.append(_Sheet(self._name, grid, self._hidden))

    def _end_cell(self, cell: dict[str, str]) -> None:
        style = self._styles.cell_style(cell.get("style-name") or self._default_style())
        raw, kind = self._value(cell, style)
        if raw == "" or self._covered:  # a covered cell is not seen
            return
        if style.struck and kind == _TEXT:
            raw = struck(raw)
        rows, columns = self._next_row - self._row, self._next_column - self._column
        self._cells.check(self._next_column, self._next_row)
        for row in range(self._row, self._row + rows):
            for column in range(self._column, self._column + columns):
                self._cells.add(row, column, raw, kind)
        down, across = (
            _count(cell.get("number-rows-spanned")),
            _count(cell.get("number-columns-spanned")),
        )
        if down > 1 or across > 1:
            self._merged.append(
                (self._row, self._row + down - 1, self._column, self._column + across - 1)
            )

    def _value(self, cell: dict[str, str], style: Style) -> tuple[str, int]:
        """Return the raw text and the kind of a cell's value."""
        shown, kind = self._runs.text(), cell.get("value-type", "")
        if kind in _NUMBERS and not shown.strip().startswith(_ERRORS):
            return cell.get("value", ""), self._kind(style, percentage=kind == "percentage")
        if kind == "date":
            return _date(cell.get("date-value", ""), style.form), _TEXT
        if kind == "time":
            return _time(cell.get("time-value", "")) or shown, _TEXT
        if kind == "boolean":
            return cell.get("boolean-value", "").upper(), _TEXT
        if not kind and not shown and "formula" in cell:
            self._blank_formulas.append(self._row)
        return shown or cell.get("string-value", ""), _TEXT

    def _default_style(self) -> str:
        if self._row_style:
            return self._row_style
        return next((name for end, name in self._column_styles if self._column < end), "")

    def _kind(self, style: Style, *, percentage: bool) -> int:
        form = style.form
        if form.kind != NUMBER:
            form = GENERAL
        if percentage and form.plain:
            form = Format("0%", NUMBER, (Section(factor=Fraction(100), after="%"),))
        number = self._kinds.setdefault(f"{form!r}", len(self._forms))
        if number == len(self._forms):
            self._forms.append(form)
        return number


def _count(text: str | None) -> int:
    """Return how often something is repeated, once where nothing is said. Raises ValueError."""
    return max(1, min(int(text), 1 << 24)) if text else 1


def _date(value: str, form: Format) -> str:
    if form.kind == YEAR and value[:4].isdigit():
        return f"{value[:4]}年"
    day = value.replace("T", " ").partition(".")[0].removesuffix("Z")
    return day.removesuffix(" 00:00:00")


def _time(value: str) -> str:
    """Return a duration such as PT08H30M00S as a time of day; empty where it is none."""
    rest = value.removeprefix("PT")
    parts = []
    for letter in "HMS":
        number, found, after = rest.partition(letter)
        if found:
            rest = after
        parts.append(int(float(number)) if found and number else 0)
    return "{:02d}:{:02d}:{:02d}".format(*parts) if value.startswith("PT") else ""
