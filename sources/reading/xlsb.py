"""XLSB workbooks (MS-XLSB): the parts of an XLSX workbook as binary records, read as a stream."""

import struct
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

import polars as pl

from sources.limits import Limits
from sources.reading.cells import Cells, numbers_shown, struck_column
from sources.reading.grid import Grid, read_grid
from sources.reading.number_formats import Format, built_in, format_of
from sources.reading.package import Package, damage
from sources.reading.raw import RawTable, Refusal
from sources.reading.styled_text import Runs
from sources.reading.xlsx import DAMAGE, relations_of, workbook_part
from sources.reading.xlsx_styles import PLAIN, Style

# Records by number (MS-XLSB 2.3.1).
_ROW, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = 0, 2, 3, 4, 5, 6, 7
_FORMULA_STRING, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR, _RICH = 8, 9, 10, 11, 62
_SHARED_ITEM, _FONT, _FORMAT, _STYLE, _COLUMN, _MERGED = 19, 43, 44, 47, 60, 176
_WORKBOOK, _SHEET, _STYLES_BEGIN, _STYLES_END = 153, 156, 617, 618
_CELLS = (_RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED, _RICH)
_FORMULAS = (_FORMULA_STRING, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR)
_ERRORS = {
    **{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?"},
    **{0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA"},
}
_LONGEST = 1 << 24
_NUMBER_KIND, _TEXT_KIND = 0, 1
_SUPERSCRIPT = 1


class _Font(NamedTuple):
    struck: bool
    superscript: bool


def read_xlsb(package: Package, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a workbook; a sheet that cannot be read is yielded as its Refusal.

    Raises Refusal when the workbook cannot be opened or would not fit into memory.
    """
    try:
        package.check(limits)
        part = workbook_part(package, limits)
        relations = relations_of(package, part, limits)
        by_kind = {kind: name for kind, name in relations.values()}
        date1904, sheets = _workbook(package, part)
        if len(sheets) > limits.max_sheets:
            raise Refusal("spreadsheet_too_large", detail=f"{len(sheets)} 个工作表")
        fonts, styles = _styles(package, by_kind.get("styles", ""))
        strings = _strings(package, by_kind.get("sharedStrings", ""), fonts, limits)
    except (*DAMAGE, struct.error) as error:
        raise Refusal("damaged_spreadsheet", detail=damage(error)) from error
    for identity, sheet_name, hidden in sheets:
        kind, target = relations.get(identity, ("", ""))
        if kind != "worksheet":
            continue
        name = prefix + sheet_name
        try:
            with package.open(target) as content:
                grid = _grid(content, styles, strings, fonts, limits, date1904=date1904)
            yield read_grid(grid, name, "xlsb", limits, hidden=hidden)
        except Refusal as refusal:
            refusal.values["sheet"] = name
            yield refusal
        except (*DAMAGE, struct.error) as error:
            yield Refusal("damaged_spreadsheet", detail=damage(error), sheet=name)


def _records(part: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record. Raises ValueError for a broken one."""

    def varying(most: int) -> int:
        number = shift = 0
        for _ in range(most):
            byte = part.read(1)
            if not byte:
                raise ValueError("cut off")
            number |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                break
        return number

    while first := part.read(1):
        kind = first[0]
        if kind >= 0x80:
            second = part.read(1)
            kind = (kind & 0x7F) | (second[0] & 0x7F) << 7
        size = varying(4)
        if size > _LONGEST:
            raise ValueError("record too long")
        content = part.read(size)
        if len(content) != size:
            raise ValueError("cut off")
        yield kind, content


def _wide(content: bytes, at: int) -> tuple[str, int]:
    """Return a string of two-byte characters and where it ends."""
    (count,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * count
    if end > len(content):
        raise ValueError("string too long")
    return content[at + 4 : end].decode("utf-16-le", errors="replace"), end


def _workbook(package: Package, part: str) -> tuple[bool, list[tuple[str, str, bool]]]:
    """Return whether days count from 1904, and relation, name and hiddenness of each sheet."""
    date1904 = False
    sheets = []
    with package.open(part) as content:
        for kind, record in _records(content):
            if kind == _WORKBOOK:
                date1904 = bool(record[0] & 1)
            elif kind == _SHEET:
                (state,) = struct.unpack_from("<I", record, 0)
                identity, at = _wide(record, 8)
                name, _ = _wide(record, at)
                sheets.append((identity, name, state != 0))
    return date1904, sheets


def _styles(package: Package, part: str) -> tuple[list[_Font], list[Style]]:
    fonts: list[_Font] = []
    codes: dict[int, str] = {}
    styles: list[Style] = []
    inside = False
    if part not in package:
        return fonts, styles
    with package.open(part) as content:
        for kind, record in _records(content):
            if kind == _FONT:
                _, flags, _, raised = struct.unpack_from("<HHHH", record, 0)
                fonts.append(_Font(bool(flags & 8), raised == _SUPERSCRIPT))
            elif kind == _FORMAT:
                codes[struct.unpack_from("<H", record, 0)[0]] = _wide(record, 2)[0]
            elif kind in (_STYLES_BEGIN, _STYLES_END):
                inside = kind == _STYLES_BEGIN
            elif kind == _STYLE and inside:
                _, number, font = struct.unpack_from("<HHH", record, 0)
                form = format_of(codes[number]) if number in codes else built_in(number)
                styles.append(Style(form, font < len(fonts) and fonts[font].struck))
    return fonts, styles


def _rich(record: bytes, at: int, fonts: Sequence[_Font]) -> str:
    """Return a rich string that begins at `at`."""
    flags = record[at]
    text, end = _wide(record, at + 1)
    if not flags & 1:
        return text
    (count,) = struct.unpack_from("<I", record, end)
    runs = [(0, 0), *struct.iter_unpack("<HH", record[end + 4 : end + 4 + 4 * count])]
    found = Runs()
    for index, (offset, font) in enumerate(runs):
        last = runs[index + 1][0] if index + 1 < len(runs) else len(text)
        look = fonts[font] if index and font < len(fonts) else _Font(False, False)
        found.add(text[offset:last], superscript=look.superscript, strike=look.struck)
    return found.text()


def _strings(package: Package, part: str, fonts: Sequence[_Font], limits: Limits) -> list[str]:
    found: list[str] = []
    if part in package:
        with package.open(part) as content:
            for kind, record in _records(content):
                if kind == _SHARED_ITEM:
                    found.append(_rich(record, 0, fonts))
                    if len(found) > limits.max_strings:
                        raise Refusal("spreadsheet_too_large", detail=f"文字超过 {len(found)} 条")
    return found


class _Meaning:
    """Kinds of cells: twice the style's number, plus `_TEXT_KIND` for texts."""

    def __init__(self, styles: Sequence[Style], *, date1904: bool) -> None:
        self._styles = styles or [PLAIN]
        self._date1904 = date1904

    def form(self, kind: int) -> Format | None:
        return None if kind % 2 else self._style(kind).form

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        style = self._style(kind)
        if kind % 2 == _NUMBER_KIND:
            raw = numbers_shown(raw, style.form, date1904=self._date1904)
        return struck_column(raw) if style.struck else raw

    def _style(self, kind: int) -> Style:
        return self._styles[kind // 2] if kind // 2 < len(self._styles) else PLAIN


def _grid(
    part: IO[bytes],
    styles: Sequence[Style],
    strings: Sequence[str],
    fonts: Sequence[_Font],
    limits: Limits,
    *,
    date1904: bool,
) -> Grid:
    cells = Cells(limits, _Meaning(styles, date1904=date1904))
    row = -1
    hidden_rows: list[int] = []
    hidden_columns: set[int] = set()
    merged: list[tuple[int, int, int, int]] = []
    for kind, record in _records(part):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", record, 0)
            if len(record) > 11 and record[11] & 0x10:
                hidden_rows.append(row)
        elif kind in _CELLS or kind in _FORMULAS:
            column, style = struct.unpack_from("<II", record, 0)
            raw, of = _value(kind, record, strings, fonts)
            if raw:
                cells.add(row, column, raw, (style & 0xFFFFFF) * 2 + of)
        elif kind == _COLUMN:
            first, last, width, _, flags = struct.unpack_from("<IIIIH", record, 0)
            if flags & 1 or width == 0:
                hidden_columns.update(range(first, min(last, limits.max_columns) + 1))
        elif kind == _MERGED:
            merged.append(struct.unpack_from("<IIII", record, 0))
            cells.check(1, len(merged))
    columns = cells.columns()
    return Grid(
        columns,
        hidden_rows=[r for r in hidden_rows if r < cells.height],
        merged=[m for m in merged if m[0] < cells.height],
        hidden_columns=sorted(c for c in hidden_columns if c < len(columns)),
        shown_as=cells.shown_as,
        date1904=date1904,
    )


def _value(
    kind: int, record: bytes, strings: Sequence[str], fonts: Sequence[_Font]
) -> tuple[str, int]:
    """Return the raw text of a cell and whether it is a number or a text."""
    if kind in (_REAL, _FORMULA_NUMBER):
        return repr(struct.unpack_from("<d", record, 8)[0]), _NUMBER_KIND
    if kind == _RK:
        return repr(_small_number(struct.unpack_from("<i", record, 8)[0])), _NUMBER_KIND
    if kind == _SHARED:
        return strings[struct.unpack_from("<I", record, 8)[0]], _TEXT_KIND
    if kind in (_BOOL, _FORMULA_BOOL):
        return "TRUE" if record[8] else "FALSE", _TEXT_KIND
    if kind in (_ERROR, _FORMULA_ERROR):
        return _ERRORS.get(record[8], "#N/A"), _TEXT_KIND
    if kind == _RICH:
        return _rich(record, 8, fonts), _TEXT_KIND
    return _wide(record, 8)[0], _TEXT_KIND


def _small_number(packed: int) -> float:
    """Return a number packed in four bytes (MS-XLSB 2.5.122, RkNumber)."""
    if packed & 2:
        number = float(packed >> 2)
    else:
        (number,) = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<i", packed & ~3))
    return number / 100 if packed & 1 else number
