"""HTML tables and single-file web pages (MHTML), as many systems save them under the name .xls.

A page is read as a spreadsheet program opens it: one sheet, texts and tables one under the other.
Nothing outside the file is ever fetched; scripts, styles and comments are left out.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import polars as pl
from lxml import etree  # type: ignore[import-untyped]

from sources.limits import Limits
from sources.reading.cells import Cells
from sources.reading.encoding import Text, decode
from sources.reading.foreign import not_a_table
from sources.reading.grid import Grid, read_grid
from sources.reading.number_formats import Format
from sources.reading.raw import RawTable, Refusal
from sources.reading.styled_text import LEFT_OUT, Runs

_SKIPPED = {"script", "style", "head", "noscript", "template", "select", "svg", "math", "title"}
_SUPERSCRIPTS, _STRUCK = {"sup"}, {"s", "strike", "del"}
_BLOCKS = {
    *("p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "tr", "pre"),
    *("center", "form", "section", "article", "header", "footer", "caption", "address", "dd", "dt"),
}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_LINE_THROUGH = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?(?:[Ee][+-]?\d+)?$")
_MOST_SPANNED = 1 << 16
_NAMED_SHEET = re.compile(r"<x:Name>([^<]*)</x:Name>", re.IGNORECASE)
_HIDDEN_SHEET = re.compile(r"<x:Visible>\s*Sheet(?:Very)?Hidden", re.IGNORECASE)
_MIME = re.compile(rb"^(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?MIME-Version\s*:", re.IGNORECASE)
# Encodings that a page may name and that are read although no other file may be in them.
_DECLARED = {"big5": "big5hkscs", "big5-hkscs": "big5hkscs"}


def is_single_file_page(start: bytes) -> bool:
    """Tell whether a file's first bytes are those of a web page in a single file (MHTML)."""
    return _MIME.match(start.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None


def read_page(data: bytes, sheet: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield the one sheet of a web page. Raises Refusal (`not_a_table_file`, `file_too_large`)."""
    text = _decoded(data)
    grid = _grid(text.data, limits)
    if grid is None:
        raise not_a_table(_no_table(data), "请用 Excel 或 WPS 打开，另存为 XLSX 后上传")
    yield read_grid(grid, sheet, "html", limits, hidden=False)


def read_single_file_page(data: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield a sheet for each page of an MHTML file that has a table."""
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    pages: list[tuple[str, bytes]] = []
    names: list[tuple[str, bool]] = []
    for part in message.walk():
        if not isinstance(part, EmailMessage) or part.get_content_type() != "text/html":
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        names = names or _sheet_names(_decoded(content).data.decode("utf-8", "replace"))
        pages.append((str(part.get("Content-Location", "")), content))
    tables = [
        grid for _, content in pages if (grid := _grid(_decoded(content).data, limits)) is not None
    ]
    if not tables:
        raise not_a_table("没有表格的单文件网页（MHTML）")
    if len(tables) > limits.max_sheets:
        raise Refusal("spreadsheet_too_large", detail=f"{len(tables)} 个工作表")
    if len(names) != len(tables):
        count = len(tables)
        names = [("" if count == 1 and not prefix else f"表{i + 1}", False) for i in range(count)]
    for (name, hidden), grid in zip(names, tables, strict=True):
        try:
            yield read_grid(grid, prefix + name, "mhtml", limits, hidden=hidden)
        except Refusal as refusal:
            refusal.values["sheet"] = prefix + name
            yield refusal


def _sheet_names(page: str) -> list[tuple[str, bool]]:
    """Return name and hiddenness of the sheets that a workbook's main page lists."""
    found = []
    for part in re.split(r"<x:ExcelWorksheet>", page, flags=re.IGNORECASE)[1:]:
        if (name := _NAMED_SHEET.search(part)) is not None:
            found.append((name[1].strip(), _HIDDEN_SHEET.search(part) is not None))
    return found


def _no_table(data: bytes) -> str:
    if b"<frameset" in data.lower():
        return "只有框架的网页，表格在旁边的文件夹里"
    return "没有表格的网页"


def _decoded(data: bytes) -> Text:
    """Return a page's text: by its bytes, and where these do not tell by what it declares."""
    try:
        return decode(data)
    except Refusal:
        declared = _CHARSET.search(data[:4096])
        name = _DECLARED.get(declared[1].decode().lower()) if declared else None
        if name is None:
            raise
        text = data.decode(name, errors="replace")
        return Text(text.encode(), name, text.count("\ufffd"))


def _grid(page: bytes, limits: Limits) -> Grid | None:
    """Return a page as one sheet, None where it has no table."""
    if len(page) > limits.max_markup_bytes:
        size, limit = len(page) >> 20, limits.max_markup_bytes >> 20
        raise Refusal("file_too_large", size=f"{size} MB", limit=f"{limit} MB")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(page, parser)
    except etree.LxmlError:
        return None
    if root is None:
        return None
    sheet = _Page(limits)
    sheet.walk(root)
    return sheet.grid() if sheet.has_table else None


class _Texts:
    """Cells of a page are text throughout."""

    def form(self, kind: int) -> Format | None:
        return None

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        return raw


class _Page:
    """A page laid out as a sheet: texts as rows of one cell, tables as rows."""

    def __init__(self, limits: Limits) -> None:
        self._cells = Cells(limits, _Texts())
        self._limits = limits
        self._row = 0
        self._loose: list[str] = []  # text outside of tables, up to the next block
        self._hidden_rows: list[int] = []
        self._merged: list[tuple[int, int, int, int]] = []
        self.has_table = False

    def grid(self) -> Grid:
        self._end_block()
        columns = self._cells.columns()
        return Grid(
            columns,
            hidden_rows=[r for r in self._hidden_rows if r < self._cells.height],
            merged=self._merged,
        )

    def walk(self, root: Any) -> None:
        """Go through the elements in order, without recursion."""
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            element, done = stack.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if done:
                if tag in _BLOCKS:
                    self._end_block()
                self._add_loose(element.tail)
            elif tag == "table" and _has_rows(element):
                self._end_block()
                self._table(element)
                self._add_loose(element.tail)
            elif tag in _SKIPPED or not tag or _is_hidden(element):
                self._add_loose(element.tail)
            else:
                if tag in _BLOCKS:
                    self._end_block()
                self._add_loose(element.text)
                stack.append((element, True))
                stack.extend((child, False) for child in reversed(element))

    def _add_loose(self, text: str | None) -> None:
        if text:
            self._loose.append(text)

    def _end_block(self) -> None:
        text = _tidy("".join(self._loose))
        self._loose.clear()
        if text:
            self._cells.add(self._row, 0, text, 0)
            self._row += 1

    def _table(self, table: Any) -> None:
        """Add a table's rows; tables inside its cells follow it."""
        inner: list[Any] = []
        taken: dict[int, int] = {}  # column -> rows that a cell above still spans
        for row in _rows(table):
            self.has_table = True
            if _is_hidden(row):
                self._hidden_rows.append(self._row)
            self._cells_of(row, taken, inner)
            taken = {c: left - 1 for c, left in taken.items() if left > 1}
            self._row += 1
        for nested in inner:
            self._table(nested)

    def _cells_of(self, row: Any, taken: dict[int, int], inner: list[Any]) -> None:
        column = 0
        for element in row:
            if element.tag not in ("td", "th"):
                continue
            while column in taken:
                column += 1
            across, down = _span(element, "colspan"), _span(element, "rowspan")
            self._cells.check(column + across, self._row + 1)
            text = _cell_text(element, inner)
            if text:
                self._cells.add(self._row, column, text, 0)
            if down > 1 or across > 1:
                bottom = self._row + down - 1
                self._merged.append((self._row, bottom, column, column + across - 1))
            if down > 1:
                taken.update(dict.fromkeys(range(column, column + across), down))
            column += across


def _rows(table: Any) -> Iterator[Any]:
    """Yield the rows of a table, those of its parts included, those of inner tables not."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _has_rows(table: Any) -> bool:
    return next(_rows(table), None) is not None


def _span(element: Any, name: str) -> int:
    text = (element.get(name) or "1").strip()
    return max(1, min(int(text), _MOST_SPANNED)) if text.isascii() and text.isdigit() else 1


def _is_hidden(element: Any) -> bool:
    return _HIDDEN.search(element.get("style") or "") is not None or "hidden" in element.attrib


def _cell_text(cell: Any, inner: list[Any]) -> str:
    """Return the text of a cell; tables with rows of their own inside it go to `inner`."""
    runs = Runs()
    stack: list[tuple[Any, bool, bool, bool]] = [(cell, False, False, False)]
    while stack:
        element, raised, strike, done = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if done:
            if tag in _BLOCKS:
                runs.add("\n")
            continue
        if element is not cell and element.tail:
            stack.append((_Tail(element.tail), raised, strike, False))
        if isinstance(element, _Tail):
            runs.add(_SPACE.sub(" ", element.text), superscript=raised, strike=strike)
            continue
        if tag in _SKIPPED or not tag or (element is not cell and _is_hidden(element)):
            continue
        if tag == "table" and element is not cell and _has_rows(element):
            inner.append(element)
            continue
        style = element.get("style") or ""
        raised = raised or tag in _SUPERSCRIPTS or _RAISED.search(style) is not None
        strike = strike or tag in _STRUCK or _LINE_THROUGH.search(style) is not None
        stack.append((element, raised, strike, True))
        stack.extend((child, raised, strike, False) for child in reversed(element))
        if element.text:
            stack.append((_Tail(element.text), raised, strike, False))
    text = runs.text()
    mark = LEFT_OUT if text.endswith(LEFT_OUT) else ""
    shown = _tidy(text.removesuffix(LEFT_OUT))
    return _exact(shown, cell.get("x:num") or cell.get("num")) + mark


class _Tail:
    """A text between elements, on the stack beside them."""

    tag = "#text"
    tail = None

    def __init__(self, text: str) -> None:
        self.text = text


def _tidy(text: str) -> str:
    text = text.replace("\u00a0", " ")
    return "\n".join(line for part in text.split("\n") if (line := part.strip(" \t\r\f")))


def _exact(shown: str, stored: str | None) -> str:
    """Return the number that a spreadsheet program stored beside the rounded one that it shows.

    Only where both are the same number but for rounding; else the sheet shows something else.
    """
    if (
        not stored
        or not _NUMBER.match(stored)
        or not _NUMBER.match(plain := shown.replace(",", ""))
    ):
        return shown
    decimals = len(plain.partition(".")[2])
    return stored if abs(float(stored) - float(plain)) <= 0.5001 * 10**-decimals else shown
