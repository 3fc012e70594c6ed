"""The outcome of reading one table (`TableResult`) and the summaries that it carries.

Belongs here: counts, column lists and skipped lines as manifests and receipts show them. Nothing
in here reads a file or decides about a row.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from sources.cleaning import special
from sources.cleaning.rejections import reason_text
from sources.cleaning.whole import Cleaned
from sources.contracts import Contract, Contracts, Field
from sources.contracts.stored_rows import REJECTED_SCHEMA
from sources.contracts.unit_text import conversion, period_of, read_unit
from sources.layout.periods import part_of_year
from sources.layout.records import RecordTable, in_file_line
from sources.limits import Limits
from sources.reading.raw import ROW_NUMBER, RawTable, Refusal
from sources.reasons import REASONS, finding
from sources.recognise.layout import Layout
from sources.recognise.units import BELOW, Column, UnitLine, unit_lines
from sources.recognise.words import planned, summed_up

TableStatus = Literal["accepted", "partial", "refused"]
ACCEPTED: TableStatus = "accepted"
PARTIAL: TableStatus = "partial"
REFUSED: TableStatus = "refused"
# The classes of lines that the layout stage leaves aside, as receipts name them.
_ASIDE_KINDS = {
    "title": "title",
    "unit": special.UNITS,
    "heading": special.SECTION,
    "total": special.TOTAL_ROW,
    "note": special.NOTE,
}
_NO_ROWS = pl.DataFrame(schema=REJECTED_SCHEMA)


@dataclass(frozen=True)
class TableResult:
    """Outcome of reading one table of a file.

    `accepted` has the lake's columns without `submission_id`, `rejected` the quarantine's without
    submission_id, file_name and sheet. Always rows_read == rows_accepted + rows_rejected +
    rows_duplicate, counted in rows.
    """

    sheet: str
    dataset: str | None
    status: TableStatus
    reason_code: str | None = None
    reason_zh: str | None = None
    encoding: str | None = None
    separator: str | None = None
    accepted: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    rejected: pl.DataFrame = field(default_factory=_NO_ROWS.clone, repr=False)
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    rows_withdrawn: int = 0
    rows_flagged: int = 0
    periods: list[str] = field(default_factory=list)
    header_line: int | None = None
    column_map: list[dict[str, Any]] = field(default_factory=list)
    converted_values: list[dict[str, Any]] = field(default_factory=list)
    unknown_columns: list[dict[str, Any]] = field(default_factory=list)
    missing_columns: list[dict[str, Any]] = field(default_factory=list)
    skipped_counts: dict[str, int] = field(default_factory=dict)
    skipped_lines: list[dict[str, Any]] = field(default_factory=list)
    missing_values: dict[str, int] = field(default_factory=dict)
    censored_values: int = 0
    reason_counts: dict[str, int] = field(default_factory=dict)
    control_totals: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    line_counts: dict[str, int] = field(default_factory=dict)
    """How many lines of the sheet are of each class (`sources.line_counts`)."""
    layout: dict[str, object] = field(default_factory=dict)
    """How the table was converted; empty where its lines were its records."""
    flagged: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        counted = self.rows_accepted + self.rows_rejected + self.rows_duplicate
        if self.rows_read != counted:
            raise AssertionError(f"{self.rows_read} rows read, {counted} accounted for")

    def summary(self) -> dict[str, Any]:
        """Return everything a manifest and a receipt need, as JSON-able data."""
        frames = ("accepted", "rejected")
        return {n: getattr(self, n) for n in self.__dataclass_fields__ if n not in frames}


def refusal_text(rows: int) -> tuple[str, str]:
    """Return code and text for a table of which no row is taken."""
    reason = REASONS["all_rows_rejected"]
    return reason.code, reason.text(rows=rows)


def size_zh(count: int) -> str:
    """Return a number of bytes in words."""
    size = float(count)
    for unit in ("字节", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def refused(refusal: Refusal, **more: Any) -> TableResult:
    """Return the result of a table that is not taken."""
    sheet = str(refusal.values.get("sheet", more.pop("sheet", "")))
    return TableResult(
        sheet=sheet,
        dataset=more.pop("dataset", None),
        status=REFUSED,
        reason_code=refusal.code,
        reason_zh=REASONS[refusal.code].text(**refusal.values),
        **more,
    )


def _filled(table: RawTable, layout: Layout, position: int) -> bool:
    """Tell whether a column without a header holds anything in the first rows below it."""
    below = table.head[layout.last + 1 :]
    return any(position < len(r.cells) and r.cells[position].strip() for r in below)


def column_summary(record: RecordTable, layout: Layout) -> dict[str, Any]:
    table = record.table
    taken = {c.field.field for c in layout.columns}
    left_out = [{"position": p + 1, "header": header} for p, header in record.left_out]
    return {
        "column_map": [
            {
                "position": c.position + record.left + 1,
                "header": c.header,
                "field": c.field.field,
                "title_zh": c.field.title_zh,
                "unit": c.field.unit,
                "unit_found": c.unit,
                "unit_from": c.unit_from,
                "factor": str(c.factor),
            }
            for c in sorted(layout.columns, key=lambda c: c.position)
        ],
        "unknown_columns": [
            {"position": p + record.left + 1, "header": layout.headers[p]}
            for p in layout.unknown
            if p not in record.used and (layout.headers[p] or _filled(table, layout, p))
        ]
        + left_out,
        "missing_columns": [
            {"field": f.field, "title_zh": f.title_zh, "required": f.required}
            for f in layout.contract.fields
            if f.field not in taken
        ],
    }


def all_rows(cleaned: Cleaned) -> pl.DataFrame:
    """Return all rows of data in order, if there are totals to compare them with."""
    if not cleaned.totals.height:
        return cleaned.good.clear()
    return pl.concat([cleaned.good, cleaned.bad]).sort(ROW_NUMBER)


def skipped_summary(
    record: RecordTable, layout: Layout, cleaned: Cleaned | None, limits: Limits
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the skipped lines worth listing (empty ones are only counted) and their counts."""
    # What stands above a header without rows need not be its title: it is refused as a whole.
    titles = record.table.head[: layout.first] if cleaned is not None and cleaned.read else ()
    listed: list[dict[str, Any]] = [
        {"line": r.line, "kind": "title", "text": " ".join(c for c in r.cells if c)[:80]}
        for r in titles
    ]
    listed += [
        {"line": a.line, "kind": _ASIDE_KINDS[a.kind], "text": a.text}
        for a in record.aside
        if a.kind != "header"
    ]
    counts = Counter(r["kind"] for r in listed)
    if cleaned is not None:
        counts[special.EMPTY] += cleaned.blank
        counts.update(dict(cleaned.skipped.group_by("kind").len().iter_rows()))
        rows = cleaned.skipped.filter(pl.col("kind") != special.EMPTY)
        listed += [in_file_line(r, record.origin) for r in rows.head(limits.listed).to_dicts()]
    listed.sort(key=lambda r: r["line"])
    return listed[: limits.listed], {k: n for k, n in sorted(counts.items()) if n}


def title_findings(
    skipped: Sequence[dict[str, Any]], contract: Contract
) -> Iterator[dict[str, Any]]:
    """Yield a finding for each title that speaks of plans, sums or parts of a period."""
    own = " ".join([contract.title_zh, *(t for f in contract.fields for t in f.titles)])
    by_year = period_of(contract) == "year"
    for text, line in ((s["text"], s["line"]) for s in skipped if s["kind"] == "title"):
        word = planned(text) or (part_of_year(text) if by_year else summed_up(text))
        if word is not None and word not in own:
            yield finding("title_of_other_figures", line=line, text=text, word=word)


def stated_aside(record: RecordTable, contracts: Contracts) -> tuple[UnitLine, ...]:
    """Return the lines left aside by a conversion that state units."""
    lines = ((a.line, a.text) for a in record.aside if a.kind in ("note", "unit"))
    return tuple(unit_lines(lines, contracts.units, BELOW))


def stated_below(cleaned: Cleaned | None, contracts: Contracts) -> tuple[UnitLine, ...]:
    """Return the lines among a table's rows that state units: a note below it, mostly."""
    if cleaned is None:
        return ()
    notes = cleaned.skipped.filter(pl.col("kind").is_in([special.NOTE, special.SECTION]))
    lines = ((line, text) for line, text in notes.select("line", "text").iter_rows())
    return tuple(unit_lines(lines, contracts.units, BELOW))


def conversion_summary(
    converted: pl.DataFrame, layout: Layout, contracts: Contracts
) -> list[dict[str, Any]]:
    """Return which values brought another unit than their column's, by column and unit."""
    columns = {column.field.field: column for column in layout.columns}
    summed = converted.group_by("field", "column_title", "unit", maintain_order=True).agg(
        pl.col("line").min(), pl.col("count").sum()
    )
    found = []
    for row in summed.iter_rows(named=True):
        column = columns[row["field"]]
        factor = _factor(row["unit"], column, contracts)
        if factor == column.factor:
            continue
        found.append(
            {
                "field": row["field"],
                "header": row["column_title"],
                "unit": column.field.unit,
                "unit_found": row["unit"],
                "factor": str(factor),
                "line": row["line"],
                "count": row["count"],
            }
        )
    return found


def _factor(unit: str, column: Column, contracts: Contracts) -> Fraction:
    stated = read_unit(unit, contracts.units)
    assert stated is not None
    return conversion(stated, column.field, column.period, contracts.units)[0]


def merged_value_findings(table: RawTable, layout: Layout) -> Iterator[dict[str, Any]]:
    """Yield a finding for each number that is merged over several rows."""
    numeric = {c.position: c for c in layout.columns if c.field.type in ("int", "float")}
    for merge in table.merged[:100]:
        if merge.bottom > merge.top > table.head[layout.last].line and merge.left in numeric:
            header = numeric[merge.left].header
            yield finding("merged_value", line=merge.top, bottom=merge.bottom, header=header)


def covered_periods(good: pl.DataFrame, contract: Contract) -> list[str]:
    """Return the years or months that the rows speak of."""
    dated: Field | None = contract.period_field
    if dated is None or not good.height:
        return []
    values = good[dated.field].drop_nulls()
    if dated.type == "year":
        return sorted(str(y) for y in values.unique())
    if dated.type == "datetime":
        values = values.dt.date()
    return sorted(values.unique().dt.strftime("%Y-%m").unique())


def missing_value_counts(good: pl.DataFrame) -> dict[str, int]:
    texts = good["missing_kinds"].drop_nulls().value_counts()
    counts: Counter[str] = Counter()
    for text, count in texts.iter_rows():
        for part in text.split(";"):
            counts[part.partition("=")[2]] += count
    return dict(sorted(counts.items()))


def censored_count(good: pl.DataFrame) -> int:
    return int(good["censored_fields"].str.count_matches("=").sum() or 0)


def count_reasons(rejected: pl.DataFrame) -> dict[str, int]:
    return dict(rejected["reason_code"].value_counts().iter_rows())


def flagged_summary(flagged: pl.DataFrame, layout: Layout, limits: Limits) -> list[dict[str, Any]]:
    """Return flagged cells as a receipt lists them."""
    listed = flagged.head(limits.listed)
    if not listed.height:
        return []
    titles = {c.field.field: c.header for c in layout.columns}
    parts = []
    for (name, code), group in listed.partition_by(
        ["field", "code"], as_dict=True, maintain_order=True
    ).items():
        text = reason_text(code, group["value"], {"title": titles[name]})
        parts.append(group.with_columns(message_zh=text, severity=pl.lit(REASONS[code].severity)))
    return (
        pl.concat(parts)
        .sort("row_number", maintain_order=True)
        .rename({"row_number": "line"})
        .to_dicts()
    )
