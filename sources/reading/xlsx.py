"""XLSX workbooks: values by calamine; what it does not tell, from the parts themselves.

A spreadsheet shows 46.6 % and stores 0.466; it hides rows; a formula may have no cached value and
a cell may hold an error: calamine gives neither. And it allots memory for a sheet's whole used
range, so that two cells far apart would exhaust it: the range is known here before it is asked.
"""

import io
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from xml.parsers import expat

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from sources.limits import Limits
from sources.reading.grid import Grid, percent_text, read_grid, text_column
from sources.reading.raw import RawTable, Refusal

# What the libraries raise for a damaged workbook.
_DAMAGE = (
    *(CalamineError, zipfile.BadZipFile, zlib.error, expat.ExpatError, OSError, EOFError),
    *(ValueError, KeyError, IndexError, NotImplementedError, RuntimeError),
)
_BLOCK = 1 << 22
_BATCH = 50_000
_LONGEST_ROW = 1 << 26
_WORKBOOK = "xl/workbook.xml"
_PERCENT_IDS = {9, 10}  # the built-in formats 0% and 0.00%
_TAG = rb"<(?:\w+:)?%s\b"
_ROW = re.compile(_TAG % b"row" + rb"([^>]*)>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER = re.compile(rb'\br="(\d+)"')
_REF = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_FILLED = re.compile(_TAG % b"c" + rb'[^>]*?\br="([A-Z]{1,3})\d+"[^>/]*>')
_ERROR = re.compile(
    _TAG % b"c" + rb'((?=[^>]*\bt="e")[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<', re.S
)
_FORMULA = re.compile(
    _TAG % b"c"
    + rb"([^>/]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"
    + rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGE = re.compile(_TAG % b"mergeCell" + rb'[^>]*\bref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')


def read_xlsx(data: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield every sheet of a workbook; a sheet that cannot be read is yielded as its Refusal.

    `prefix` comes before a sheet's name (the archive member it is from). Raises Refusal when the
    workbook cannot be opened or would not fit into memory.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        _check_size(package, limits)
        paths = _sheet_paths(package)
        percent = _percent_styles(package)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [m for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    except Refusal:
        raise
    except _DAMAGE as error:
        raise Refusal("damaged_spreadsheet", detail=_short(error)) from error
    if len(sheets) > limits.max_sheets:
        raise Refusal("spreadsheet_too_large", detail=f"{len(sheets)} 个工作表")
    for sheet in sheets:
        name = prefix + sheet.name
        try:
            facts = _facts(package, paths.get(sheet.name), percent, limits)
            grid = _grid(workbook, sheet.name, facts, limits)
            hidden = sheet.visible != SheetVisibleEnum.Visible
            yield read_grid(grid, name, "xlsx", limits, hidden=hidden)
        except Refusal as refusal:
            refusal.values["sheet"] = name
            yield refusal
        except _DAMAGE as error:
            yield Refusal("damaged_spreadsheet", detail=_short(error), sheet=name)


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__


def _check_size(package: zipfile.ZipFile, limits: Limits) -> None:
    parts = package.infolist()
    total = sum(p.file_size for p in parts)
    if total > limits.max_spreadsheet_bytes:
        raise Refusal("spreadsheet_too_large", detail=f"解压后 {total // 2**20} MB")
    if any(p.flag_bits & 1 for p in parts):
        raise Refusal("password_protected")


@dataclass
class _Elements:
    """Names and attributes of an XML part's elements, namespaces dropped; no entities allowed."""

    found: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes) -> "_Elements":
        elements = cls()
        parser = expat.ParserCreate()
        parser.StartElementHandler = elements._start
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.Parse(data, True)
        return elements

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        plain = {k.rpartition(":")[2]: v for k, v in attributes.items()}
        self.found.append((name.rpartition(":")[2], plain))

    def named(self, name: str) -> Iterator[dict[str, str]]:
        return (a for n, a in self.found if n == name)


def _no_doctype(*_: object) -> None:
    raise Refusal("damaged_spreadsheet", detail="含有不允许的 DOCTYPE 声明")


def _sheet_paths(package: zipfile.ZipFile) -> dict[str, str]:
    """Map sheet names to the parts that hold them."""
    relations = {
        r["Id"]: r["Target"]
        for r in _Elements.of(package.read("xl/_rels/workbook.xml.rels")).named("Relationship")
        if "Id" in r and "Target" in r
    }
    paths = {}
    for sheet in _Elements.of(package.read(_WORKBOOK)).named("sheet"):
        target = relations.get(sheet.get("id", ""), "")
        paths[sheet.get("name", "")] = (
            target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        )
    return paths


def _percent_styles(package: zipfile.ZipFile) -> set[int]:
    """Return the cell styles that show a number as a percentage."""
    if "xl/styles.xml" not in package.namelist():
        return set()
    elements = _Elements.of(package.read("xl/styles.xml"))
    codes = {f.get("numFmtId"): f.get("formatCode", "") for f in elements.named("numFmt")}
    styles: set[int] = set()
    inside, number = False, 0
    for name, attributes in elements.found:
        if name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif inside and name == "xf":
            identity = attributes.get("numFmtId", "0")
            if is_percent(codes.get(identity, "")) or int(identity) in _PERCENT_IDS:
                styles.add(number)
            number += 1
    return styles


def is_percent(code: str) -> bool:
    """Tell whether a number format shows percentages: a % that is neither quoted nor escaped."""
    return "%" in re.sub(r'"[^"]*"|\\.|_.|\*.', "", code)


@dataclass
class _Facts:
    """What a sheet's part says beside its values; rows and columns from 0."""

    rows: int = 0
    columns: int = 0
    hidden_rows: int = 0
    percent: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _blocks(package: zipfile.ZipFile, path: str, limits: Limits) -> Iterator[bytes]:
    """Yield a part in blocks that end where a row or the sheet ends."""
    with package.open(path) as part:
        rest = b""
        read = 0
        while block := part.read(_BLOCK):
            read += len(block)
            if read > limits.max_spreadsheet_bytes:
                raise Refusal("spreadsheet_too_large", detail="工作表解压后过大")
            block = rest + block
            cut = max(block.rfind(b"</row>"), block.rfind(b":row>"))
            if cut < 0 and len(block) > _LONGEST_ROW:
                raise Refusal("spreadsheet_too_large", detail="有一行的内容过大")
            cut += 6 if cut >= 0 else 1
            yield block[:cut]
            rest = block[cut:]
        yield rest


def _facts(package: zipfile.ZipFile, path: str | None, percent: set[int], limits: Limits) -> _Facts:
    facts = _Facts()
    if path is None or path not in package.namelist():
        return facts
    style = None
    if percent:
        numbers = b"|".join(str(s).encode() for s in sorted(percent))
        style = re.compile(_TAG % b"c" + rb'((?=[^>]*\bs="(?:' + numbers + rb')")[^>]*)>')
    for block in _blocks(package, path, limits):
        if b"<!DOCTYPE" in block:
            raise Refusal("damaged_spreadsheet", detail="含有不允许的 DOCTYPE 声明")
        for row in _ROW.findall(block):
            if number := _NUMBER.search(row):
                facts.rows = max(facts.rows, int(number[1]))
            if _HIDDEN.search(row):
                facts.hidden_rows += 1
        for letters in set(_FILLED.findall(block)):
            facts.columns = max(facts.columns, _column(letters) + 1)
        if style is not None:
            for attributes in style.findall(block):
                kind = re.search(rb'\bt="(\w+)"', attributes)
                if (at := _REF.search(attributes)) and (kind is None or kind[1] == b"n"):
                    facts.percent[_column(at[1])].append(int(at[2]) - 1)
        if b't="e"' in block:
            facts.texts += _cells(_ERROR.findall(block), "")
        if b"<f" in block or b":f" in block:
            facts.texts += _cells(
                (m for m in _FORMULA.findall(block) if b't="str"' not in m[0]), "="
            )
        for c1, r1, c2, r2 in _MERGE.findall(block):
            facts.merged.append((int(r1) - 1, int(r2) - 1, _column(c1), _column(c2)))
    cells = facts.rows * facts.columns
    if cells > limits.max_spreadsheet_cells:
        raise Refusal("spreadsheet_too_large", detail=f"{facts.rows} 行 × {facts.columns} 列")
    if facts.columns > limits.max_columns:
        raise Refusal("too_many_columns", columns=facts.columns, limit=limits.max_columns)
    return facts


def _cells(found: Iterable[tuple[bytes, bytes]], before: str) -> Iterator[tuple[int, int, str]]:
    for attributes, text in found:
        if at := _REF.search(attributes):
            value = before + text.decode("utf-8", errors="replace")
            yield int(at[2]) - 1, _column(at[1]), value


def _grid(workbook: CalamineWorkbook, name: str, facts: _Facts, limits: Limits) -> Grid:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.start is None or sheet.end is None:
        return Grid([])
    left, right = sheet.start[1], sheet.end[1]
    if right >= limits.max_columns:
        raise Refusal("too_many_columns", columns=right + 1, limit=limits.max_columns)
    batches: list[list[pl.Series]] = []
    rows = sheet.iter_rows()
    while batch := list(islice(rows, _BATCH)):
        batches.append([text_column(values) for values in zip(*batch, strict=True)])
    height = sum(len(b[0]) for b in batches)
    columns = [pl.Series([None], dtype=pl.String).new_from_index(0, height)] * left
    columns += [pl.concat([b[i] for b in batches]) for i in range(right - left + 1)]
    for column, at in facts.percent.items():
        if column < len(columns):
            columns[column] = percent_text(columns[column], at)
    for row, column, text in facts.texts:
        if row < height and column < len(columns):
            columns[column] = columns[column].scatter(row, text)
    return Grid(columns, facts.hidden_rows, facts.merged)
