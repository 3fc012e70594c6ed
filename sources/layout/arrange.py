"""The layout stage: a sheet as it stands in, its tables with one record a row out.

A table whose header is found at once, over lines that are its records, is handed on untouched. Of
others the whole sheet is looked at, if it is not too large: its tables are separated, and each is
converted where that leads to a table that some dataset asks for (`study`). What is understood of
none of them is left for recognising to refuse.
"""

from collections.abc import Sequence
from dataclasses import replace

from sources.layout.cells import Cells, cells_of_head, read_cells
from sources.layout.direct import read_direct
from sources.layout.records import Aside, RecordTable
from sources.layout.regions import Region, find_regions, header_lines
from sources.layout.study import Names, Study
from sources.limits import Limits
from sources.reading.raw import RawTable
from sources.reasons import finding
from sources.recognise.candidates import MOST_HEADER_LINES
from sources.recognise.headers import HeaderIndex

_MOST_ABOVE = 20  # title lines that are kept above a header
_SHOWN = 60


def arrange(
    table: RawTable,
    index: HeaderIndex,
    *,
    department: str,
    file_name: str,
    limits: Limits,
    whole: bool = False,
) -> list[RecordTable]:
    """Return the tables of a sheet, each with one record a row; at least one.

    A plain table comes back as it is. With `whole` it is looked at line by line all the same:
    further down lines were found that are no records.
    """
    if table.hidden_columns:
        table = _with_hidden_told(table)
    direct = read_direct(table, index, header_lines(index))
    if direct.plain and not whole:
        return [RecordTable(table, candidates=direct.candidates)]
    names = Names(table.sheet, file_name, department)
    cells = read_cells(table, limits)
    if cells is None and direct.plain:
        return [RecordTable(table, candidates=direct.candidates)]
    if cells is None:
        study = Study(table, cells_of_head(table), 0, names, index, limits)
        return [study.line_by_line() or RecordTable(table, candidates=direct.candidates)]
    found = _studies(table, cells, names, index, limits)
    tables = [t for study in found for t in study.tables()]
    if not any(study.understood for study in found):
        lying = Study(table, cells, 0, names, index, limits)
        turned = lying.on_its_side()
        tables = [turned] if turned is not None else _not_understood(table, found, tables)
    return _numbered(tables, table, cells)


def _with_hidden_told(table: RawTable) -> RawTable:
    """Return a table that lists its hidden columns that hold text."""
    texts = [_first_text(table, position) for position in sorted(table.hidden_columns)]
    headers = "、".join(f"“{text}”" for text in texts if text)
    if not headers:
        return table
    note = finding("hidden_columns_read", headers=headers)
    return replace(table, findings=(*table.findings, note))


def _first_text(table: RawTable, position: int) -> str:
    texts = (row.cells[position].strip() for row in table.head if position < len(row.cells))
    return next((text for text in texts if text), "")


def _studies(
    table: RawTable, cells: Cells, names: Names, index: HeaderIndex, limits: Limits
) -> list[Study]:
    """Return the studies of a sheet's tables.

    A line that only may be a header is taken for data where no table is understood below it.
    """
    but: frozenset[int] = frozenset()
    while True:
        regions = find_regions(cells, header_lines(index), but)
        found = [_study(table, r, regions, names, index, limits) for r in regions]
        doubtful = {
            study.cells.lines[study.header]
            for study, region in zip(found[1:], regions[1:], strict=True)
            if not (region.titled or region.foreign or study.understood)
        }
        if not doubtful:
            return found
        but |= doubtful


def _study(
    table: RawTable,
    region: Region,
    regions: Sequence[Region],
    names: Names,
    index: HeaderIndex,
    limits: Limits,
) -> Study:
    """Return the study of one table of a sheet."""
    cells, header = region.cells, region.header
    above: tuple[Aside, ...] = ()
    if header > _MOST_ABOVE:
        cut = header - _MOST_ABOVE
        above = tuple(Aside(cells.lines[i], "title", cells.text(i)[:_SHOWN]) for i in range(cut))
        cells, header = cells.part(cut, cells.height), _MOST_ABOVE
    dropped = tuple(Aside(line, "header", "") for line in region.dropped)
    in_head = header + MOST_HEADER_LINES < len(table.head) or cells.height <= len(table.head)
    whole = len(regions) == 1 and in_head and not above and not dropped
    heading = _main_title(regions) if region is not regions[0] else ""
    return Study(
        table,
        cells,
        header,
        names,
        index,
        limits,
        heading=heading,
        aside=(*above, *dropped),
        raw=table if whole else None,
        foreign=region.foreign,
    )


def _main_title(regions: Sequence[Region]) -> str:
    """Return the title of a whole sheet: the first of several lines above its first table."""
    first = regions[0]
    return first.cells.text(0) if first.header > 1 else ""


def _not_understood(
    table: RawTable, found: Sequence[Study], tables: list[RecordTable]
) -> list[RecordTable]:
    """Return what is to be refused: the tables with a question, else the sheet as one table."""
    asked = [t for t in tables if t.refusal is not None]
    if asked or (len(found) > 1 and len({s.header_text for s in found}) > 1):
        return tables
    return [RecordTable(table)]


def _numbered(tables: list[RecordTable], source: RawTable, cells: Cells) -> list[RecordTable]:
    """Return several tables of a sheet, each with a name of its own and a note that says so."""
    if len(tables) == 1:
        return tables
    numbered = []
    for part, table in enumerate(tables, start=1):
        sheet = source.sheet if part == 1 else f"{source.sheet} 第{part}张表".strip()
        raw = replace(
            table.table,
            sheet=sheet,
            findings=source.findings if part == 1 else (),
            open_end=source.open_end if part == len(tables) else None,
        )
        note = finding(
            "one_of_tables",
            line=table.first_line,
            count=len(tables),
            part=part,
            text=table.header_text[:_SHOWN],
        )
        own = table.lines or frozenset()
        numbered.append(
            replace(
                table,
                table=raw,
                part=part,
                notes=(note, *table.notes),
                elsewhere=cells.height - len(own),
            )
        )
    return numbered
