"""Tables with one record a line that lack a part of the key, or say it in a way of their own.

The lines stay as they are and are still read piece by piece. Columns are added behind those of the
file: the year of the title, the moment of 日期 and 小时.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from sources.contracts import Field
from sources.contracts.model import PERIOD
from sources.layout.axes import Axes
from sources.layout.compose import period_texts
from sources.layout.notes import content_notes, given_notes
from sources.layout.records import RecordTable
from sources.reading.raw import HeadRow, RawTable, Rows, cell
from sources.reasons import finding
from sources.recognise.candidates import Candidate, read_parts
from sources.recognise.headers import HeaderIndex, Title, tidy


@dataclass(frozen=True)
class _Added:
    """A column added behind those of the file: its field and how its texts come about."""

    declared: Field
    columns: Mapping[str, str | None]
    """The file's columns that hold parts of the period, with the part; empty: a constant."""
    constant: str = ""


def rowwise(table: RawTable, axes: Axes, index: HeaderIndex) -> RecordTable:
    """Return a table with the columns that its axes ask for, without reading its lines."""
    # A column may be recognised by its content alone, beyond the titles.
    placed = axes.stubs.positions | {c.position for c in axes.values}
    titled = (len(r.cells) for r in table.head[axes.first : axes.last + 1])
    width = max(*titled, *(p + 1 for p in placed))
    added = list(_added(axes))
    used = {c for a in added for c in a.columns}

    def rows(after: int, columns: int) -> Iterator[Rows]:
        own = columns - len(added)
        for part in table.rows(after, own):
            yield Rows(partial(_extended, part, added, axes, own))

    return RecordTable(
        table=replace(table, head=_head(table, axes, width, added), rows=rows, added=len(added)),
        dataset=axes.contract.dataset,
        candidates=(_candidate(axes, index, width, added),),
        notes=tuple(_notes(axes, added)),
        used=frozenset(int(name[1:]) for name in used),
        details={"kind": "rowwise", "added": [a.declared.field for a in added]},
    )


def _added(axes: Axes) -> Iterator[_Added]:
    """Yield the columns that a table lacks."""
    for declared in axes.contract.key_fields:
        if declared.type in PERIOD:
            columns = _period_columns(axes, declared)
            if columns is not None:
                yield _Added(declared, columns)
        elif declared.field in axes.given:
            yield _Added(declared, {}, axes.given[declared.field].value)


def _period_columns(axes: Axes, declared: Field) -> dict[str, str | None] | None:
    """Return the columns that a period is put together from; None where one column has all."""
    direct = axes.stubs.fields.get(declared.field)
    columns = {} if direct is None else {cell(direct): axes.stubs.kinds.get(direct)}
    columns |= {cell(p): kind for kind, p in axes.stubs.parts.items()}
    if direct is not None and len(columns) == 1 and not axes.period.parts:
        return None
    return dict(sorted(columns.items(), key=lambda named: int(named[0][1:])))


def _candidate(axes: Axes, index: HeaderIndex, width: int, added: list[_Added]) -> Candidate:
    """Return the header as the axes have it."""
    joined = {name for column in added for name in column.columns}
    fields = {n: p for n, p in axes.stubs.fields.items() if cell(p) not in joined}
    fields |= {str(c.measure or axes.measure): c.position for c in axes.values}
    titles = {p: _title(axes, name, p, index) for name, p in fields.items()}
    for number, column in enumerate(added):
        fields[column.declared.field] = width + number
    headers = [*axes.headers[:width], *(a.declared.title_zh for a in added)]
    read = [index.read(text) for text in headers[:width]]
    return Candidate(
        contract=axes.contract,
        first=axes.first,
        last=axes.last,
        titles=titles,
        headers=tuple(headers),
        matched={name: [(0, position)] for name, position in fields.items()},
        operation=tuple(
            p for p, title in enumerate(read) if title is not None and index.is_operation(title)
        ),
    )


def _title(axes: Axes, name: str, position: int, index: HeaderIndex) -> Title:
    """Return the title of a column with what the header states of its unit."""
    for title in read_parts(list(axes.texts[position]), index)[0]:
        if (axes.contract.dataset, name) in {(d, f) for d, f, _ in index.fields(title)}:
            return title
    return Title(tidy(axes.contract.field(name).title_zh))


def _head(table: RawTable, axes: Axes, width: int, added: list[_Added]) -> tuple[HeadRow, ...]:
    """Return the head with cells for the added columns; their titles are in the header's last."""
    titles = tuple(a.declared.title_zh for a in added)
    head = []
    for number, row in enumerate(table.head):
        cells = tuple(row.cells[:width]) + ("",) * (width - len(row.cells))
        more = titles if number == axes.last else ("",) * len(titles)
        head.append(HeadRow(row.line, cells + more))
    return tuple(head)


def _extended(rows: Rows, added: list[_Added], axes: Axes, width: int) -> pl.DataFrame:
    """Return a piece with the added columns behind its own."""
    frame = rows.frame()
    for number, column in enumerate(added):
        name = cell(width + number)
        if column.declared.type in PERIOD:
            texts = period_texts(frame, column.declared.type, column.columns, axes.period)
        else:
            texts = pl.Series([column.constant]).new_from_index(0, frame.height)
        frame = frame.with_columns(texts.alias(name)).with_columns(
            pl.when(_is_record(width)).then(pl.col(name)).alias(name)
        )
    return frame


def _is_record(width: int) -> pl.Expr:
    """Tell which lines have more than the one cell that a note or a heading has."""
    filled = (pl.col(cell(i)).is_not_null().cast(pl.UInt32) for i in range(width))
    return pl.sum_horizontal(filled) >= min(2, width)


def _notes(axes: Axes, added: list[_Added]) -> Iterator[dict[str, object]]:
    yield from given_notes(axes)
    yield from content_notes(axes)
    for column in added:
        if len(column.columns) > 1:
            names = "、".join(axes.headers[int(name[1:])] for name in column.columns)
            yield finding("columns_joined", title=column.declared.title_zh, columns=names)
