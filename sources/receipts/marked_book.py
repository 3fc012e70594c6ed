"""Writing the sender's tables into a spreadsheet with cells marked: plain values only.

XlsxWriter takes a fifth of openpyxl's time for what these spreadsheets have: many cells, two fills
and a comment on each cell that is to be mended.
"""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import xlsxwriter  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from sources.reading.raw import EXPLANATION_MARK
from sources.receipts.workbooks import AUTHOR, FORMULA_STARTS, LONGEST_CELL, sheet_name

Mark = Literal["rejected", "flagged"]
_FILLS: dict[Mark, str] = {"rejected": "#FFC7CE", "flagged": "#FFEB9C"}
MOST_COMMENTS = 5_000
MOST_LINES = 1_048_576  # of a sheet
_LONGEST_COMMENT = 4_000
_COLUMN_WIDTH, _EXPLANATION_WIDTH = 16, 100
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,14})?")


class MarkedBook:
    """A spreadsheet that is being written. `moment` is written as its time of creation."""

    def __init__(self, moment: datetime) -> None:
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, {"in_memory": True})
        self._book.set_properties({"author": AUTHOR, "created": moment.replace(tzinfo=None)})
        self._formats: dict[tuple[Mark | None, bool], xlsxwriter.format.Format] = {}

    @property
    def sheet_names(self) -> list[str]:
        """The names of its sheets."""
        return list(self._book.sheetnames)

    def sheet(self, title: str) -> "MarkedSheet":
        """Add a sheet whose name is that title as far as a spreadsheet allows."""
        return MarkedSheet(self, self._book.add_worksheet(sheet_name(title, self.sheet_names)))

    def style(self, mark: Mark | None, *, quoted: bool) -> xlsxwriter.format.Format | None:
        """Return the format of cells with a mark; `quoted` ones are texts, never formulas."""
        if mark is None and not quoted:
            return None
        found = self._formats.get((mark, quoted))
        if found is None:
            found = self._formats[mark, quoted] = self._book.add_format()
            if mark is not None:
                found.set_bg_color(_FILLS[mark])
            if quoted:
                found.set_quote_prefix()
        return found

    def explain(self, lines: Iterable[str]) -> None:
        """Add the page that explains, which intake leaves alone. Its first line is the mark."""
        page = self._book.add_worksheet(EXPLANATION_MARK)
        wrapped = {"text_wrap": True, "valign": "top"}
        title = self._book.add_format({**wrapped, "bold": True, "font_size": 14})
        page.write_string(0, 0, EXPLANATION_MARK, title)
        plain = self._book.add_format(wrapped)
        for number, line in enumerate(lines, start=1):
            page.write_string(number, 0, line, plain)
        page.set_column(0, 0, _EXPLANATION_WIDTH)

    def content(self) -> bytes:
        """Finish it; return it as XLSX, the same bytes for the same content."""
        self._book.close()
        return self._bytes.getvalue()


class MarkedSheet:
    """A sheet of it; lines and columns count from 1."""

    def __init__(self, book: MarkedBook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        self._book = book
        self._sheet = sheet
        self._comments = 0

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._sheet.get_name())

    def put(
        self,
        line: int,
        column: int,
        text: str | None,
        mark: Mark | None = None,
        comments: Sequence[str] = (),
    ) -> None:
        """Write a cell as it was read: a number where that loses nothing, else text."""
        row, column = line - 1, column - 1
        number = _number(text) if text else None
        if number is not None:
            self._sheet.write_number(row, column, number, self._book.style(mark, quoted=False))
        elif text:
            quoted = text.startswith(FORMULA_STARTS)
            plain = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL]
            self._sheet.write_string(row, column, plain, self._book.style(mark, quoted=quoted))
        elif mark is not None:
            self._sheet.write_blank(row, column, None, self._book.style(mark, quoted=False))
        if comments and self._comments < MOST_COMMENTS:
            self._comments += 1
            self._comment(row, column, "\n".join(comments))

    def _comment(self, row: int, column: int, text: str) -> None:
        """Put a comment on a cell, large enough to be read."""
        height = 40 + 20 * (len(text) // 20 + text.count("\n"))
        note = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST_COMMENT]
        size = {"author": AUTHOR, "width": 320, "height": height}
        self._sheet.write_comment(row, column, note, size)

    def keep_in_view(self, lines: int, columns: int) -> None:
        """Keep the lines above in view, and make the columns wide enough to be read."""
        self._sheet.freeze_panes(lines, 0)
        self._sheet.set_column(0, columns - 1, _COLUMN_WIDTH)


def _number(text: str) -> int | float | None:
    """Return the number that a text is, None where it is another text than the number's own."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if f"{number:.15g}" != text:
        return None
    return number if "." in text else int(text)
