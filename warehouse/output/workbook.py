"""指标一览.xlsx, the indicators for people who work in Excel, and its first sheet as a CSV file.

`workbook.yml` declares the sheets. Texts are written as texts (a baseline `12.2%` as printed stays
one), numbers as numbers with the decimals of their indicator. Every sheet prints one page wide.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter  # type: ignore[import-untyped]
import yaml
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from warehouse.home.clock import county_time
from warehouse.output.cells import safe_cell
from warehouse.output.metrics import Figure
from warehouse.output.public import records
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Column, Mart

NAME = "指标一览"
_SHEETS = Path(__file__).with_name("workbook.yml")
_LONGEST = 32_000  # a cell of Excel holds 32,767 characters
_HEAD_ROWS = 3
_YEAR_WIDTH = 9
_DECIMALS = {"%": 1, "百分点": 1}


@dataclass(frozen=True)
class Sheet:
    """A sheet as `workbook.yml` declares it; columns are {column of the mart: width}."""

    name: str
    title: str
    query: str
    mart: str
    columns: Mapping[str, int]
    years: bool = False
    after_years: Mapping[str, int] = field(default_factory=dict)
    status: tuple[str, str] | None = None


@dataclass(frozen=True)
class _Heading:
    """A column of a sheet: its key among the values of a row, title, width and unit."""

    key: str
    title: str
    width: int
    column: Column | None = None


@cache
def sheets() -> tuple[Sheet, ...]:
    """Return the sheets in order."""
    return tuple(Sheet(**each) for each in yaml.safe_load(_SHEETS.read_text(encoding="utf-8")))


def _years(connection: duckdb.DuckDBPyConnection) -> tuple[list[int], dict[tuple[str, int], float]]:
    """Return the plan's years and those with values, and the values by indicator and year."""
    found = connection.execute(
        "select v.indicator_id, v.year, v.value from indicator_values as v "
        "inner join dim_area as a on v.area = a.area where a.kind = 'county'"
    ).fetchall()
    values = {(indicator, year): value for indicator, year, value in found}
    planned = connection.execute("select distinct year from indicator_annual").fetchall()
    return sorted({year for _, year in values} | {year for (year,) in planned}), values


def _headings(sheet: Sheet, mart: Mart, years: Sequence[int]) -> list[_Heading]:
    def declared(columns: Mapping[str, int]) -> list[_Heading]:
        public = mart.public_columns(columns)
        return [_Heading(n, mart.columns[n].title_zh, columns[n], mart.columns[n]) for n in public]

    of_years = [_Heading(str(year), f"{year}年", _YEAR_WIDTH) for year in years]
    return [
        *declared(sheet.columns),
        *(of_years if sheet.years else []),
        *declared(sheet.after_years),
    ]


class _Book:
    """A workbook with the formats that its sheets share."""

    def __init__(self, path: Path, manifest: PublicationManifest, publisher: str) -> None:
        self.book = xlsxwriter.Workbook(str(path), {"in_memory": True})
        moment = datetime.fromisoformat(manifest.built_at).astimezone(UTC).replace(tzinfo=None)
        self.book.set_properties({"title": NAME, "author": publisher, "created": moment})
        self.subtitle = f"{publisher}　数据发布于 {county_time(manifest.built_at)}"
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties, made once."""
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        key = tuple(sorted({**base, **properties}.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(dict(key))
        return self._formats[key]

    def cell(self, **properties: Any) -> Format:
        """Return the format of a cell of a table."""
        return self.format(border=1, border_color="#BFBFBF", **properties)

    def head(self, sheet: Worksheet, title: str, headings: Sequence[_Heading]) -> None:
        """Write title and header of a table and set up how the sheet is seen and printed."""
        sheet.write_string(0, 0, title, self.format(bold=True, font_size=14))
        sheet.write_string(1, 0, self.subtitle, self.format(font_color="#595959"))
        header = self.cell(bold=True, bg_color="#DDEBF7", text_wrap=True, align="center")
        for position, heading in enumerate(headings):
            sheet.write_string(_HEAD_ROWS - 1, position, heading.title, header)
            sheet.set_column(position, position, heading.width)
        sheet.set_row(_HEAD_ROWS - 1, 32)
        sheet.freeze_panes(_HEAD_ROWS, 0)
        sheet.repeat_rows(_HEAD_ROWS - 1)
        self.page(sheet)

    def page(self, sheet: Worksheet) -> None:
        """Let a sheet be printed on A4, one page wide, with page numbers."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&A&C第 &P 页，共 &N 页")

    def write(self, sheet: Worksheet, row: int, position: int, value: Any, **look: Any) -> None:
        """Write a value in its own type; a text is never read as a number or a formula."""
        if value is None:
            sheet.write_blank(row, position, None, self.cell(**look))
        elif isinstance(value, bool):
            sheet.write_string(row, position, "是" if value else "否", self.cell(**look))
        elif isinstance(value, int | float):
            sheet.write_number(row, position, value, self.cell(**look))
        elif isinstance(value, date):
            sheet.write_datetime(row, position, value, self.cell(num_format="yyyy-mm-dd", **look))
        else:
            text = str(value)[:_LONGEST]
            sheet.write_string(row, position, text, self.cell(text_wrap=True, **look))


def _number_format(heading: _Heading, row: Mapping[str, Any]) -> str | None:
    """Return the number format of a cell: decimals of its unit, else those of the indicator."""
    if heading.column is not None and heading.column.data_type != "double":
        return None
    unit = heading.column.unit if heading.column else None
    decimals = _DECIMALS.get(unit or "", row.get("decimals"))
    if decimals is None:
        return None
    return f"0.{'0' * decimals}" if decimals else "0"


def _write_sheet(
    book: _Book,
    sheet: Sheet,
    headings: Sequence[_Heading],
    rows: Sequence[Mapping[str, Any]],
    colours: Mapping[str, str],
) -> None:
    page = book.book.add_worksheet(sheet.name)
    book.head(page, sheet.title, headings)
    for number, row in enumerate(rows, start=_HEAD_ROWS):
        for position, heading in enumerate(headings):
            look: dict[str, Any] = {}
            if number_format := _number_format(heading, row):
                look["num_format"] = number_format
            if sheet.status and heading.key == sheet.status[1]:
                look |= {"font_color": "#FFFFFF", "bg_color": colours[row[sheet.status[0]]]}
                look |= {"bold": True, "align": "center"}
            book.write(page, number, position, row[heading.key], **look)
    page.autofilter(_HEAD_ROWS - 1, 0, _HEAD_ROWS - 1 + len(rows), len(headings) - 1)


def _write_notes(
    book: _Book,
    connection: duckdb.DuckDBPyConnection,
    figures: Sequence[Figure],
    notes: Mapping[str, str],
) -> None:
    page = book.book.add_worksheet("说明")
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 22)
    page.set_column(2, 2, 70)
    book.page(page)
    page.write_string(0, 0, "说明", book.format(bold=True, font_size=14))
    page.write_string(1, 0, book.subtitle, book.format(font_color="#595959"))
    row = 3
    for label, text in notes.items():
        book.write(page, row, 0, label, bold=True)
        page.merge_range(row, 1, row, 2, "", book.cell(text_wrap=True))
        book.write(page, row, 1, text)
        row += 1
    row += 1
    statuses = connection.execute(
        "select status_zh, colour, indicators, text_targets, meaning_zh "
        "from indicator_statuses order by position"
    ).fetchall()
    for position, text in enumerate(("状态", "指标数（另有文本目标数）", "含义")):
        book.write(page, row, position, text, bold=True, bg_color="#DDEBF7")
    for status_zh, colour, indicators, text_targets, meaning_zh in statuses:
        row += 1
        look = {"font_color": "#FFFFFF", "bg_color": colour, "bold": True, "align": "center"}
        book.write(page, row, 0, status_zh, **look)
        book.write(page, row, 1, f"{indicators}（{text_targets}）")
        book.write(page, row, 2, meaning_zh)
    row += 2
    for position, text in enumerate(("统计量", "数值", "来源表")):
        book.write(page, row, position, text, bold=True, bg_color="#DDEBF7")
    for figure in figures:
        row += 1
        book.write(page, row, 0, figure.metric.title_zh)
        book.write(page, row, 1, figure.text)
        book.write(page, row, 2, figure.mart.title_zh)


def _write_csv(path: Path, headings: Sequence[_Heading], rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([heading.title for heading in headings])
        for row in rows:
            cells = (row[heading.key] for heading in headings)
            writer.writerow([safe_cell(c) if isinstance(c, str) else c for c in cells])


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    marts: Mapping[str, Mart],
    manifest: PublicationManifest,
    publisher: str,
    figures: Sequence[Figure],
    notes: Mapping[str, str],
) -> list[Path]:
    """Write 指标一览.xlsx and 指标一览.csv (every indicator with its years); return their paths.

    The connection has the views of `public.create_views`. `notes` are the lines of the sheet 说明
    by their labels.
    """
    workbook, table = folder / f"{NAME}.xlsx", folder / f"{NAME}.csv"
    colours = dict(connection.execute("select status, colour from indicator_statuses").fetchall())
    years, values = _years(connection)
    book = _Book(workbook, manifest, publisher)
    for sheet in sheets():
        mart = marts[sheet.mart]
        rows = records(connection, sheet.query)
        if sheet.years:
            for row in rows:
                row |= {str(year): values.get((row["indicator_id"], year)) for year in years}
            _write_csv(table, _headings(sheet, mart, years), rows)
        _write_sheet(book, sheet, _headings(sheet, mart, years), rows, colours)
    _write_notes(book, connection, figures, notes)
    book.book.close()
    return [workbook, table]
