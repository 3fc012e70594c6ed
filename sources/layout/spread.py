"""A table that is spread over columns, or over a line for each item, as one record a row.

How it is to be read is settled before (`axes`); here each value gets its keys, values of one object
come into one row, and for each value it is kept in which cell of the file it stands.
"""

from dataclasses import dataclass, replace

import polars as pl

from sources.contracts import Field
from sources.contracts.model import PERIOD
from sources.layout.axes import Axes
from sources.layout.cells import Cells
from sources.layout.compose import period_texts
from sources.layout.lines import BodyLines, body_lines
from sources.layout.notes import spread_notes
from sources.layout.periods import PART_NAMES
from sources.layout.records import LINE, Origin, RecordTable, column_letters, table_of
from sources.layout.vocabulary import Vocabulary
from sources.limits import Limits
from sources.reading.raw import EXTRA, ROW_NUMBER, HeadRow, RawTable, Refusal, cell

_HEADER_NO_UNIT = ("/", "-", "--", "—", "——", "无", "无量纲")


_NO_UNIT = ("/", "-", "--", "—", "——", "无", "无量纲")


@dataclass(frozen=True)
class _Values:
    """All values of a table, one a row, and what is not understood of them."""

    frame: pl.DataFrame
    """_line, _column, _value, _measure, _unit, extra; `k_<field>` for each key field, `a_<field>`
    for each field that is no measure."""
    unknown_items: tuple[str, ...]


def spread(
    source: RawTable, sheet: str, cells: Cells, axes: Axes, vocabulary: Vocabulary, limits: Limits
) -> RecordTable:
    """Return a table with one record a row.

    `cells` are the lines of the table with its titles, `sheet` the name that it gets. Raises
    Refusal `no_data_rows` where no line has a value.
    """
    stubs = axes.stubs.positions
    cells = cells.unmerged(axes.last + 1, stubs)
    lines = body_lines(cells, axes, vocabulary.index.contracts.units)
    if not source.grid:
        cells = _with_overflow(cells, axes)
    values = _values(cells, lines, axes, vocabulary)
    if not values.frame.height:
        raise Refusal("no_data_rows")
    records, measures, units = _records(values.frame, axes)
    header, table = _table(records, axes, measures, units, cells.lines[axes.last])
    above = [cells.head_row(i) for i in range(axes.first)]
    return RecordTable(
        table=table_of(source, sheet, above, [header], table, limits),
        dataset=axes.contract.dataset,
        origin=_origin(records, axes, measures, cells, header.line),
        notes=tuple(spread_notes(cells, lines, axes, values.unknown_items, records.height)),
        aside=lines.aside,
        data_lines=frozenset(cells.lines[i] for i in lines.data),
        left_out=tuple((h.position + cells.left, h.header) for h in axes.left_out),
        details={
            "kind": "spread",
            "across": list(axes.across),
            "items": axes.stubs.items is not None,
            "records": records.height,
        },
    )


def _with_overflow(cells: Cells, axes: Axes) -> Cells:
    """Return a delimited text's lines with what stands beyond the header in `extra`."""
    lines = [cells.row(i) for i in range(axes.first, axes.last + 1)]
    width = max(p + 1 for line in lines for p, text in enumerate(line) if text)
    beyond = [pl.col(name) for name in cells.names[width:]]
    if not beyond:
        return cells
    text = pl.concat_str(*beyond, pl.col(EXTRA), separator=",", ignore_nulls=True)
    found = pl.when((text != "") & (pl.int_range(pl.len()) > axes.last)).then(text)
    return replace(cells, frame=cells.frame.with_columns(found.alias(EXTRA)))


# -- values -----------------------------------------------------------------------------------


def _values(cells: Cells, lines: BodyLines, axes: Axes, vocabulary: Vocabulary) -> _Values:
    """Return each value with its keys, its measure and its unit."""
    body = cells.frame.with_row_index("_row")[lines.data].with_columns(
        pl.col("_row").cast(pl.UInt32)
    )
    names = [cell(c.position) for c in axes.values]
    melted = (
        body.select("_row", *names)
        .unpivot(on=names, index="_row", variable_name="_name", value_name="_value")
        .drop_nulls("_value")
    )
    values = melted.join(_column_facts(axes, lines), on="_name").sort("_row", "_column")
    facts, unknown = _line_facts(body, axes, vocabulary)
    values = values.join(facts, on="_row", how="left", maintain_order="left")
    values = values.with_columns(
        _measure=pl.coalesce("_measure", "_item", pl.lit(axes.measure, pl.String)),
        _unit=pl.coalesce("_unit", "_line_unit", "_row_unit", pl.lit(axes.unit, pl.String)),
    )
    values = values.filter(pl.col("_measure").is_not_null())
    keys = [_key_texts(values, f, axes) for f in axes.contract.key_fields]
    return _Values(values.with_columns(keys), unknown)


def _column_facts(axes: Axes, lines: BodyLines) -> pl.DataFrame:
    """Return what the header says of each column of values."""
    rows = []
    for column in axes.values:
        row: dict[str, object] = {"_name": cell(column.position), "_column": column.position}
        row |= {"_measure": column.measure, "_unit": column.unit}
        row |= {"_row_unit": lines.units.get(column.position)}
        row |= {f"h_{part}": getattr(column.period, part) for part in PART_NAMES}
        row |= {f"c_{name}": column.keys.get(name) for name in _names_across(axes)}
        rows.append(row)
    texts = ["_measure", "_unit", "_row_unit", *(f"c_{name}" for name in _names_across(axes))]
    schema = {"_name": pl.String(), "_column": pl.UInt32()}
    schema |= dict.fromkeys(texts, pl.String()) | {f"h_{p}": pl.Int64() for p in PART_NAMES}
    return pl.DataFrame(rows, schema=schema)


def _names_across(axes: Axes) -> list[str]:
    return [name for name in axes.across if name != "period"]


def _line_facts(
    body: pl.DataFrame, axes: Axes, vocabulary: Vocabulary
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return what the stubs of each line say, and the items that are no fields."""
    stubs = axes.stubs
    columns = [
        pl.col("_row"),
        pl.col(ROW_NUMBER).alias("_line"),
        pl.col(EXTRA),
        *(pl.col(cell(p)).alias(f"s_{name}") for name, p in stubs.fields.items()),
        *(pl.col(cell(p)).alias(f"p_{part}") for part, p in stubs.parts.items()),
    ]
    unit = pl.col(cell(stubs.units)) if stubs.units is not None else pl.lit(None, pl.String)
    unit = unit.str.strip_chars()
    facts = body.select(*columns, pl.when(~unit.is_in(_NO_UNIT)).then(unit).alias("_line_unit"))
    if stubs.items is None:
        return facts.with_columns(_item=pl.lit(None, pl.String)), ()
    items = body[cell(stubs.items)]
    read = {text: vocabulary.title(text) for text in items.drop_nulls().unique().to_list()}
    known = {t: found for t, found in read.items() if found is not None and not found[0].key}
    names = pl.DataFrame(
        {
            "item": list(known),
            "_item": [found[0].field for found in known.values()],
            "_item_unit": [found[1] for found in known.values()],
        },
        schema=dict.fromkeys(("item", "_item", "_item_unit"), pl.String),
    )
    facts = facts.with_columns(items.alias("item")).join(
        names, on="item", how="left", maintain_order="left"
    )
    facts = facts.with_columns(_line_unit=pl.coalesce("_line_unit", "_item_unit"))
    return facts.drop("item", "_item_unit"), tuple(t for t in read if t not in known)


def _key_texts(values: pl.DataFrame, declared: Field, axes: Axes) -> pl.Series:
    """Return the text of a key field for each value."""
    name = declared.field
    if declared.type in PERIOD:
        texts = _periods(values, declared, axes)
    elif name in axes.given:
        texts = pl.Series([axes.given[name].value]).new_from_index(0, values.height)
    else:
        there = [c for c in (f"c_{name}", f"s_{name}") if c in values.columns]
        texts = values.select(pl.coalesce(there).alias(name))[name]
    return texts.alias(f"k_{name}")


def _periods(values: pl.DataFrame, declared: Field, axes: Axes) -> pl.Series:
    direct = axes.stubs.fields.get(declared.field)
    header = {p: f"h_{p}" for p in PART_NAMES if values[f"h_{p}"].null_count() < values.height}
    columns: dict[str, str | None] = {f"p_{part}": part for part in axes.stubs.parts}
    if direct is not None:
        columns = {f"s_{declared.field}": axes.stubs.kinds.get(direct), **columns}
        if len(columns) == 1 and not header and not axes.period.parts:
            return values[f"s_{declared.field}"]
    return period_texts(values, declared.type, columns, axes.period, header)


# -- records ----------------------------------------------------------------------------------


def _records(
    values: pl.DataFrame, axes: Axes
) -> tuple[pl.DataFrame, list[Field], dict[str, str | None]]:
    """Bring the values of one object into one row; return rows, measures and their units.

    Rows have `k_<field>`, `s_<field>` for attributes, `v_<field>` and `at_<field>` (the column of
    the value) and `ln_<field>` (its line) for measures, `_line` and `_column` of the first value.
    """
    contract = axes.contract
    found = set(values["_measure"].unique())
    measures = [f for f in contract.fields if f.field in found]
    units, values = _units(values)
    attributes = [
        name for name in axes.stubs.fields if not contract.field(name).key and name not in found
    ]
    keys = [f"k_{f.field}" for f in contract.key_fields]
    values, identity = _identified(values, axes, keys, attributes)
    taken = [
        pl.col(column).filter(pl.col("_measure") == f.field).first().alias(f"{prefix}_{f.field}")
        for f in measures
        for prefix, column in (("v", "_value"), ("at", "_column"), ("ln", "_line"))
    ]
    rows = values.group_by(identity, maintain_order=True).agg(
        *taken,
        *(pl.col(f"s_{name}").drop_nulls().first() for name in attributes),
        *(pl.col(k).first() for k in keys if k not in identity),
        pl.col("_line").first(),
        pl.col("_column").first(),
        pl.col(EXTRA).drop_nulls().first(),
    )
    return rows, measures, units


def _identified(
    values: pl.DataFrame, axes: Axes, keys: list[str], attributes: list[str]
) -> tuple[pl.DataFrame, list[str]]:
    """Return the values with the columns by which they belong to one record.

    With a line for each item: the same key, a repeated item makes a second record, which then
    contradicts the first. Else: the same line under the same words of the header.
    """
    if axes.stubs.items is None:
        across = [f"c_{name}" for name in _names_across(axes)]
        parts = [f"h_{part}" for part in PART_NAMES]
        return values, ["_row", *across, *parts]
    nth = pl.int_range(pl.len()).over([*keys, "_measure"]).alias("_nth")
    values = values.with_columns(nth)
    marks = []
    for name in attributes:
        # An attribute that differs between the lines of one object parts them.
        several = pl.col(f"s_{name}").drop_nulls().n_unique().over(keys) > 1
        marks.append(pl.when(several).then(pl.col(f"s_{name}")).alias(f"m_{name}"))
    return values.with_columns(marks), [*keys, "_nth", *(f"m_{name}" for name in attributes)]


def _units(values: pl.DataFrame) -> tuple[dict[str, str | None], pl.DataFrame]:
    """Return the unit of each measure; where it has several, each value gets its own behind it."""
    counted = values.group_by("_measure").agg(
        pl.col("_unit").n_unique().alias("count"), pl.col("_unit").first()
    )
    single = {m: unit for m, count, unit in counted.iter_rows() if count == 1}
    units = {m: single.get(m) for m in counted["_measure"]}
    own = pl.col("_unit").is_not_null() & ~pl.col("_measure").is_in(list(single))
    behind = pl.when(own).then(pl.col("_value") + pl.col("_unit")).otherwise("_value")
    return units, values.with_columns(_value=behind)


def _table(
    records: pl.DataFrame,
    axes: Axes,
    measures: list[Field],
    units: dict[str, str | None],
    header_line: int,
) -> tuple[HeadRow, pl.DataFrame]:
    """Return the header and the cells of the records."""
    contract = axes.contract
    titles: list[str] = []
    columns: list[pl.Expr] = []
    for declared in contract.fields:
        name = declared.field
        source = f"k_{name}" if declared.key else f"s_{name}"
        unit = None
        if declared in measures:
            source, unit = f"v_{name}", units[name]
        if source in records.columns:
            columns.append(pl.col(source).alias(cell(len(titles))))
            titles.append(f"{declared.title_zh}（{unit}）" if unit else declared.title_zh)
    number = pl.int_range(header_line + 1, header_line + 1 + records.height, dtype=pl.Int64)
    frame = records.select(*columns, EXTRA, number.alias(ROW_NUMBER))
    return HeadRow(header_line, tuple(titles)), frame


def _origin(
    records: pl.DataFrame, axes: Axes, measures: list[Field], cells: Cells, header_line: int
) -> Origin:
    """Return where each record's values stand in the file."""
    letters = {c.position: column_letters(cells.left + c.position) for c in axes.values}
    shown = pl.DataFrame(
        {"position": list(letters), "letters": list(letters.values())},
        schema={"position": pl.UInt32, "letters": pl.String},
    )
    number = pl.int_range(header_line + 1, header_line + 1 + records.height, dtype=pl.Int64)
    frame = records.select(number.alias(ROW_NUMBER), pl.col("_line").alias(LINE))
    position = 0
    for declared in axes.contract.fields:
        name = declared.field
        if declared in measures:
            places = records.select(
                pl.col(f"at_{name}").alias("position"), pl.col(f"ln_{name}").alias("line")
            ).join(shown, on="position", how="left", maintain_order="left")
            text = places.select(pl.col("letters") + pl.col("line").cast(pl.String))
            frame = frame.with_columns(text.to_series().alias(cell(position)))
        there = declared in measures or f"{'k' if declared.key else 's'}_{name}" in records.columns
        position += there
    return Origin(frame)
