"""The lines below a header that is spread over columns: which hold values, which are totals.

Each line comes into exactly one class; what is no data is listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from sources.contracts import Field, Units, fold
from sources.contracts.unit_text import read_unit
from sources.layout.axes import Axes
from sources.layout.cells import Cells
from sources.layout.records import Aside
from sources.reading.raw import cell
from sources.recognise.words import TOTAL, is_numbering, is_total

_NEAR = 2  # so many lines below the header the units or the numbers of the columns may stand
_SHOWN = 80
_BLANKS = ("", "单位", "计量单位", "/", "-", "—")
_NAMES = ("名称", "编号", "代码", "文号")


@dataclass(frozen=True)
class BodyLines:
    """The lines below the header, by index into the cells: those with values, the others named."""

    data: list[int]
    totals: list[int]
    aside: tuple[Aside, ...]
    units: dict[int, str] = field(default_factory=dict)
    """column -> unit, where a line below the header gives units"""


def body_lines(cells: Cells, axes: Axes, units: Units) -> BodyLines:
    """Sort the lines below the header of a table that is spread over columns."""
    begin, aside, found = _below_header(cells, axes, units)
    valued = pl.any_horizontal(pl.col(cell(c.position)).is_not_null() for c in axes.values)
    totals = pl.any_horizontal(_is_total(cell(p)) for p in sorted(_named(axes)))
    kinds = cells.frame.select(
        data=valued & ~totals, total=valued & totals, note=~valued
    ).with_row_index("at")
    kinds = kinds.filter(pl.col("at") >= begin)
    picked = {kind: kinds.filter(kind)["at"].to_list() for kind in ("data", "total", "note")}
    aside += [
        Aside(cells.lines[at], kind, cells.text(at)[:_SHOWN])
        for kind in ("total", "note")
        for at in picked[kind]
    ]
    return BodyLines(picked["data"], picked["total"], tuple(aside), found)


def _below_header(
    cells: Cells, axes: Axes, units: Units
) -> tuple[int, list[Aside], dict[int, str]]:
    """Return where the values begin, lines of the header beside its last, and a line of units."""
    aside = [Aside(cells.lines[i], "header", "") for i in range(axes.first, axes.last)]
    found: dict[int, str] = {}
    begin = axes.last + 1
    for at in range(begin, min(cells.height, begin + _NEAR)):
        row = cells.row(at)
        line_units = _unit_line(row, axes, units)
        if not line_units and not is_numbering(row):
            return at, aside, found
        found |= line_units
        kind = "unit" if line_units else "header"
        aside.append(Aside(cells.lines[at], kind, cells.text(at)[:_SHOWN]))
    return min(cells.height, begin + _NEAR), aside, found


def _named(axes: Axes) -> set[int]:
    """Return the stubs in which a total can be named; the first column where there is none."""
    stubs = axes.stubs
    values = {p for name, p in stubs.fields.items() if may_be_total(axes.contract.field(name))}
    return stubs.positions - values - {stubs.units} or {0}


def may_be_total(declared: Field) -> bool:
    """Tell whether 合计 is a value of this field: a listed one, or free text that sorts things.

    A species or a waste type may be 合计; the name of an enterprise or a section may not.
    """
    if declared.type == "enum":
        return any(is_total(value) for value in declared.values)
    return declared.type == "string" and not declared.title_zh.endswith(_NAMES)


def _is_total(name: str) -> pl.Expr:
    text = pl.col(name).str.replace_all(r"\s", "").str.replace(r"[(（][^()（）]*[)）]$", "")
    return text.str.contains(f"^(?:{TOTAL})$").fill_null(False)


def _unit_line(row: Sequence[str], axes: Axes, units: Units) -> dict[int, str]:
    """Return the units of a line that holds nothing but units, by column; else nothing."""
    found: dict[int, str] = {}
    positions = {c.position for c in axes.values}
    for position, text in enumerate(row):
        if fold(text).strip(":()") in _BLANKS:
            continue
        stated = read_unit(text, units)
        if position not in positions or stated is None:
            return {}
        found[position] = stated.text
    return found
