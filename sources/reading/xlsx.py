"""XLSX and XLSM workbooks (ECMA-376 part 1, 18): each part is read once, as a stream.

What a sheet shows is what is read: number formats, dates of both systems, superscripts and struck
text, hidden rows and columns, errors, formulas without a value. Cells need no addresses; attribute
quotes, prefixes and the strict namespaces make no difference, since expat reads the XML.
"""

import posixpath
import zlib
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile

import polars as pl

from sources.limits import Limits
from sources.reading.grid import read_grid
from sources.reading.package import Element, Package, damage
from sources.reading.raw import RawTable, Refusal
from sources.reading.xlsx_sheet import read_sheet
from sources.reading.xlsx_styles import is_true, read_styles
from sources.reading.xlsx_text import read_strings

# What the libraries raise for a damaged workbook.
DAMAGE = (
    *(BadZipFile, zlib.error, expat.ExpatError, OSError, EOFError, OverflowError),
    *(ValueError, LookupError, NotImplementedError, RuntimeError),
    pl.exceptions.PolarsError,
)


class _Sheet(NamedTuple):
    name: str
    part: str
    hidden: bool


def read_xlsx(package: Package, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a workbook; a sheet that cannot be read is yielded as its Refusal.

    `prefix` comes before a sheet's name (the archive member it is from). Raises Refusal when the
    workbook cannot be opened or would not fit into memory.
    """
    try:
        package.check(limits)
        part = workbook_part(package, limits)
        workbook = package.elements(part, limits)
        relations = relations_of(package, part, limits)
        sheets = _sheets(workbook, part, relations)
        if len(sheets) > limits.max_sheets:
            raise Refusal("spreadsheet_too_large", detail=f"{len(sheets)} 个工作表")
        styles = read_styles(
            package.elements(_related(relations, "styles", "xl/styles.xml"), limits)
        )
        strings = pl.Series([], dtype=pl.String)
        if (part := _related(relations, "sharedStrings", "xl/sharedStrings.xml")) in package:
            with package.open(part) as content:
                strings = read_strings(content, limits)
    except DAMAGE as error:
        raise Refusal("damaged_spreadsheet", detail=damage(error)) from error
    date1904 = any(n == "workbookPr" and is_true(a.get("date1904")) for n, a in workbook)
    for sheet in sheets:
        name = prefix + sheet.name
        try:
            with package.open(sheet.part) as content:
                grid = read_sheet(content, styles, strings, limits, date1904=date1904)
            yield read_grid(grid, name, "xlsx", limits, hidden=sheet.hidden)
        except Refusal as refusal:
            refusal.values["sheet"] = name
            yield refusal
        except DAMAGE as error:
            yield Refusal("damaged_spreadsheet", detail=damage(error), sheet=name)


def workbook_part(package: Package, limits: Limits) -> str:
    """Return the name of the workbook's own part."""
    for name, attributes in package.elements("_rels/.rels", limits):
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            return attributes.get("Target", "")
    return "xl/workbook.xml"


def relations_of(package: Package, part: str, limits: Limits) -> dict[str, tuple[str, str]]:
    """Return the relations of a part: id -> (type, name of the other part)."""
    folder, _, file = part.rpartition("/")
    found = {}
    for name, attributes in package.elements(f"{folder}/_rels/{file}.rels", limits):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, posixpath.normpath(whole))
    return found


def _related(relations: dict[str, tuple[str, str]], kind: str, otherwise: str) -> str:
    return next((part for k, part in relations.values() if k == kind), otherwise)


def _sheets(
    workbook: list[Element], part: str, relations: dict[str, tuple[str, str]]
) -> list[_Sheet]:
    """Return the worksheets in the workbook's order, charts and macro sheets left out."""
    sheets = []
    for name, attributes in workbook:
        if name != "sheet":
            continue
        kind, target = relations.get(attributes.get("id", ""), ("worksheet", ""))
        if kind == "worksheet":
            hidden = attributes.get("state", "visible") not in ("visible", "")
            sheets.append(_Sheet(attributes.get("name", ""), target, hidden))
    if not sheets:
        raise KeyError(part)
    return sheets
