"""Blocks of lines under heading lines that give a part of the key: 凤城镇, then its years."""

import re
from dataclasses import dataclass, replace

import polars as pl

from sources.contracts import Field
from sources.contracts.model import PERIOD
from sources.layout.axes import Axes
from sources.layout.cells import Cells
from sources.layout.periods import read_period
from sources.layout.records import Aside
from sources.layout.vocabulary import Vocabulary
from sources.reading.raw import EXTRA, ROW_NUMBER, cell
from sources.reasons import finding
from sources.recognise.words import is_total

_NOTE = re.compile(r"^\s*[(（*※]?(?:注|说明|附注|备注|数据来源|资料来源|填表|制表|审核|填报|单位)")
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|\d+[、.．])"
)
_LISTED = 6


@dataclass(frozen=True)
class Filled:
    """Lines with a column more, which the headings filled, and the notes for the receipt."""

    cells: Cells
    aside: tuple[Aside, ...]
    note: dict[str, object]


def fill_headings(cells: Cells, axes: Axes, vocabulary: Vocabulary) -> Filled | None:
    """Return the lines with the missing part of the key taken from heading lines.

    Only where exactly one part is missing, a heading stands right below the header, and every
    heading names such a part and has lines below it. None otherwise.
    """
    keys = [f for f in axes.missing if f.key]
    if len(keys) != 1 or len(keys) != len(axes.missing):
        return None
    declared, begin = keys[0], axes.last + 1
    alone = [i for i in range(begin, cells.height) if cells.filled[i] == 1 and not cells.numbers[i]]
    values = {i: v for i in alone if (v := _value(cells.text(i), declared, vocabulary))}
    headings = list(values)
    if not headings or headings[0] != begin or not _all_have_lines(cells, headings, alone):
        return None
    if declared.type == "string" and len(headings) < 2:
        return None
    frame = cells.frame.with_row_index("_at")
    named = pl.DataFrame(
        {"_at": headings, "_text": list(values.values())},
        schema={"_at": frame["_at"].dtype, "_text": pl.String},
    )
    name = cell(cells.width)
    filled = frame.join(named, on="_at", how="left", maintain_order="left").with_columns(
        pl.col("_text").forward_fill().alias(name)
    )
    title = pl.when(pl.col("_at") == axes.last).then(pl.lit(declared.title_zh))
    filled = filled.with_columns(
        pl.when(pl.col("_at") > axes.last).then(pl.col(name)).otherwise(title).alias(name)
    )
    kept = filled.filter(~pl.col("_at").is_in(headings))
    order = [*cells.names, name, ROW_NUMBER, EXTRA]
    lines = "、".join(str(cells.lines[i]) for i in headings[:_LISTED])
    more = "等" if len(headings) > _LISTED else ""
    return Filled(
        cells=replace(cells, frame=kept.select(order)),
        aside=tuple(Aside(cells.lines[i], "heading", cells.text(i)) for i in headings),
        note=finding("headings_filled", title=declared.title_zh, lines=lines + more),
    )


def _value(text: str, declared: Field, vocabulary: Vocabulary) -> str | None:
    """Return the value of a key field that a heading names, None where it names none."""
    plain = _NUMBERED.sub("", re.sub(r"[:：]$", "", text.strip()))
    if not plain or _NOTE.match(plain) or is_total(plain):
        return None
    if declared.type in PERIOD:
        return plain if read_period(plain) is not None else None
    if declared.type == "string":
        return plain if vocabulary.title(plain) is None else None
    return dict(vocabulary.read(plain).keys).get(declared.field)


def _all_have_lines(cells: Cells, headings: list[int], alone: list[int]) -> bool:
    """Tell whether lines with several cells stand below each heading."""
    return all(i + 1 < cells.height and i + 1 not in alone for i in headings)
