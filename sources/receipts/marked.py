"""The sender's own table given back as a spreadsheet, with the cells to mend marked.

Corrected in place and dropped again it is accepted: title, unit and header rows are as they were,
rows that were in order are there too and change nothing when they come twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from openpyxl.utils import coordinate_to_tuple

from sources.cleaning.table import Cleaner
from sources.contracts import Contracts
from sources.contracts.stored_rows import SOURCE_CELLS
from sources.layout.arrange import arrange
from sources.layout.records import RecordTable
from sources.limits import Limits
from sources.reading.files import FileSource, read_tables
from sources.reading.raw import EXTRA, ROW_NUMBER, RawTable, Refusal, Rows, cell
from sources.receipts.marked_book import MOST_LINES, Mark, MarkedBook, MarkedSheet
from sources.receipts.workbooks import EPOCH
from sources.recognise.headers import OPERATION_ZH, OVERFLOW_ZH, header_index
from sources.recognise.layout import Layout, recognise

MOST_CELLS = 60_000  # a larger table comes back with the rows to mend only: as many as fit
_NOTES = (
    "红色单元格的行没有入库，黄色单元格的行已入库但请核实；批注里写明了原因和修改办法。",
    "请在表中直接修改，保存后把本文件放回报送文件夹即可；没有标色的行可以保留，不会重复计算。",
    "本页不参与入库。",
)
_PACKED = "表太大，这里只列出需要修改的行；行号与原文件不同，回执里的行号是原文件的行号。"
_MORE = "需要修改的有 {all} 行，这里列出前 {shown} 行；其余的请在原文件中修改后重新上传。"


@dataclass
class _Marks:
    """What to say of a table's cells: row number -> column position -> texts."""

    rejected: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    flagged: dict[int, dict[int, list[str]]] = field(default_factory=dict)

    @property
    def rows(self) -> set[int]:
        return {*self.rejected, *self.flagged}

    def of_row(self, row: int) -> dict[int, tuple[Mark, list[str]]]:
        """Return what to say of the cells of a row, by column position."""
        flagged: dict[int, tuple[Mark, list[str]]] = {
            at: ("flagged", texts) for at, texts in self.flagged.get(row, {}).items()
        }
        return flagged | {
            at: ("rejected", texts) for at, texts in self.rejected.get(row, {}).items()
        }


def marked_workbook(
    file: FileSource,
    *,
    file_name: str,
    department: str,
    contracts: Contracts,
    tables: Sequence[tuple[Mapping[str, Any], pl.DataFrame]],
    moment: datetime = EPOCH,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> bytes | None:
    """Return the tables of a file that need mending as one XLSX, None when there are none.

    `file` holds the bytes as received. `tables` are its submissions (manifests) with their
    rejected rows as quarantine keeps them. `moment` is written as the workbook's time. Tables
    whose header was not understood are left out: there is no cell to mark.
    """
    wanted: dict[str, tuple[Mapping[str, Any], pl.DataFrame]] = {}
    for submission, rejected in tables:
        flagged = _detail(submission, "flagged")
        if submission.get("dataset") and (rejected.height or flagged):
            wanted[str(submission.get("sheet") or "")] = (submission, rejected)
    if not wanted:
        return None
    workbook = MarkedBook(moment)
    notes = list(_NOTES)
    reader = _Tables(file, file_name, department, contracts, limits)
    for source, record in reader.wanted(wanted):
        table = record.table
        submission, rejected = wanted[table.sheet]
        title = table.sheet.rpartition("/")[2] or contracts[str(submission["dataset"])].title_zh
        sheet = workbook.sheet(title)
        if record.origin is not None:
            _write_source(sheet, source, _source_marks(rejected, submission))
            continue
        layout = recognise(
            table.head,
            header_index(contracts),
            department=department,
            hints=(file_name, table.sheet),
            candidates=record.candidates,
            dataset=record.dataset,
        )
        marks = _marks(rejected, _detail(submission, "flagged"), layout)
        skipped = dict(_detail(submission, "skipped_counts"))
        rows = int(submission["rows_read"]) + sum(skipped.values())
        most = max(1, MOST_CELLS // max(len(layout.headers), 1))
        packed = rows > most or max(marks.rows) > MOST_LINES
        shown = _write(sheet, table, layout, contracts, marks, most, packed=packed)
        if packed:
            notes.append(f"“{sheet.name}”：{_PACKED}")
            if shown < len(marks.rows):
                notes.append(f"“{sheet.name}”：{_MORE.format(all=len(marks.rows), shown=shown)}")
    if not workbook.sheet_names:
        return None
    workbook.explain(notes)
    return workbook.content()


@dataclass(frozen=True)
class _Tables:
    """The tables of a file as intake took them apart."""

    file: FileSource
    file_name: str
    department: str
    contracts: Contracts
    limits: Limits

    def wanted(self, names: Iterable[str]) -> Iterator[tuple[RawTable, RecordTable]]:
        """Yield the tables of those names, each with the sheet that it is of."""
        names = set(names)
        for source in read_tables(self.file, header_index(self.contracts).known, self.limits):
            if isinstance(source, Refusal):
                continue
            own = {
                n for n in names if n == source.sheet or n.startswith(f"{source.sheet} 第".strip())
            }
            if own:
                yield from ((source, r) for r in self._of(source, own) if r.table.sheet in own)

    def _of(self, source: RawTable, own: set[str]) -> list[RecordTable]:
        found = self._arranged(source, whole=False)
        if own - {r.table.sheet for r in found}:
            return self._arranged(source, whole=True)
        return found

    def _arranged(self, source: RawTable, *, whole: bool) -> list[RecordTable]:
        return arrange(
            source,
            header_index(self.contracts),
            department=self.department,
            file_name=self.file_name,
            limits=self.limits,
            whole=whole,
        )


def _source_marks(
    rejected: pl.DataFrame, submission: Mapping[str, Any]
) -> dict[tuple[int, int], tuple[Mark, list[str]]]:
    """Return what to say of the cells of a sheet whose table was converted, by line and column."""
    marks: dict[str, tuple[Mark, list[str]]] = {}
    rows = rejected if SOURCE_CELLS in rejected.columns else rejected.clear()
    for line, name, text, cells in rows.select(
        ROW_NUMBER, "field", "reason_zh", SOURCE_CELLS
    ).iter_rows():
        places = dict(part.split("=") for part in (cells or "").split(";") if part)
        place = places.get(name) or next(iter(places.values()), f"A{line}")
        marks.setdefault(place, ("rejected", []))[1].append(text)
    for note in _detail(submission, "flagged"):
        marks.setdefault(f"A{note['line']}", ("flagged", []))[1].append(str(note["message_zh"]))
    return {coordinate_to_tuple(name): found for name, found in marks.items()}


def _write_source(
    sheet: MarkedSheet,
    source: RawTable,
    marks: Mapping[tuple[int, int], tuple[Mark, list[str]]],
) -> None:
    """Write a sheet as it stands, as many lines as fit, with its cells marked."""
    width = max(len(row.cells) for row in source.head)
    names = [cell(i) for i in range(width)]
    most = max(1, MOST_CELLS // width)
    left = dict(marks)
    for rows in source.rows(-1, width):
        frame = rows.frame().select(ROW_NUMBER, *names).head(most)
        most -= frame.height
        for line, *cells in frame.iter_rows():
            for position, text in enumerate(cells, start=1):
                mark, texts = left.pop((line, position), (None, ()))
                sheet.put(line, position, text, mark, texts)
    for (line, position), (mark, texts) in left.items():
        sheet.put(line, position, None, mark, texts)


def _detail(submission: Mapping[str, Any], name: str) -> Any:
    return submission.get(name) or (submission.get("details") or {}).get(name) or ()


def _marks(rejected: pl.DataFrame, flagged: Sequence[Mapping[str, Any]], layout: Layout) -> _Marks:
    places = {c.field.field: c.position for c in layout.columns}
    if layout.operation is not None:
        places[OPERATION_ZH] = layout.operation
    # A reason that speaks of the whole row stands at the first column of its key.
    whole = min((c.position for c in layout.columns if c.field.key), default=0)
    marks = _Marks()
    for row, name, text in rejected.select("row_number", "field", "reason_zh").iter_rows():
        place = places.get(name, whole)
        marks.rejected.setdefault(row, {}).setdefault(place, []).append(text)
    for note in flagged:
        place = places.get(str(note.get("field")), whole)
        cells = marks.flagged.setdefault(int(note["line"]), {})
        cells.setdefault(place, []).append(str(note["message_zh"]))
    return marks


def _picked(rows: Rows, wanted: pl.Series, cleaner: Cleaner) -> pl.DataFrame:
    """Return the rows of these lines that are in a piece; of plain text no others are parsed."""
    if rows.plain is not None:
        with suppress(pl.exceptions.ComputeError, pl.exceptions.SchemaError):  # a row is too long
            return rows.plain.lines(wanted).with_columns(pl.lit(None, pl.String).alias(EXTRA))
    frame = cleaner.unmerged(rows.frame())
    return frame.filter(pl.col(ROW_NUMBER).is_in(wanted.implode()))


def _write(
    sheet: MarkedSheet,
    table: RawTable,
    layout: Layout,
    contracts: Contracts,
    marks: _Marks,
    most: int,
    *,
    packed: bool,
) -> int:
    """Write a table with its marks, `packed`: the rows to mend only; at most so many rows.

    Returns the number of rows written.
    """
    width = len(layout.headers)
    for row in table.head[: layout.last + 1]:
        for position, text in enumerate(row.cells):
            sheet.put(row.line, position + 1, text)
    header_line = table.head[layout.last].line
    cleaner = Cleaner(
        layout=layout,
        contracts=contracts,
        header_rows=[],
        header_line=header_line,
        merged=table.merged,
    )
    wanted = pl.Series(sorted(marks.rows), dtype=pl.Int64)
    names = [cell(i) for i in range(width)]
    line, written = header_line, 0
    for rows in table.rows(layout.last, width):
        if packed:
            frame = _picked(rows, wanted, cleaner)
        else:
            frame = cleaner.unmerged(rows.frame())
            frame = frame.filter(pl.any_horizontal(pl.col(*names, EXTRA).is_not_null()))
        for values in frame.select(ROW_NUMBER, *names, EXTRA).head(most - written).iter_rows():
            number, *cells, extra = values
            line = line + 1 if packed else number
            written += 1
            said = marks.of_row(number)
            for position, text in enumerate(cells):
                if text or position in said:
                    sheet.put(line, position + 1, text, *said.get(position, ()))
            if extra:
                sheet.put(header_line, width + 1, OVERFLOW_ZH)
                sheet.put(line, width + 1, extra)
    sheet.keep_in_view(header_line, width)
    return written
