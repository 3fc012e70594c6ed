"""One file in, one result for each table in it: reading, recognising, cleaning, second lock.

`read_file` writes nothing and raises nothing for what a sender may have done; whatever is wrong
with a file becomes a refused result that says so.
"""

import logging
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from sources.cleaning import special
from sources.cleaning.keys import distinct_keys
from sources.cleaning.table import (
    DELETE,
    REJECTED_SCHEMA,
    accepted_schema,
    reason_text,
)
from sources.cleaning.totals import compare
from sources.cleaning.whole import Cleaned, clean_table, cleaner_of
from sources.contracts import Contract, Contracts, Field, load_contracts
from sources.limits import Limits
from sources.reading.files import read_tables
from sources.reading.raw import EXPLANATION_MARK, ROW_NUMBER, RawTable, Refusal
from sources.reasons import REASONS, finding
from sources.recognise import Layout, header_index, recognise, title_units
from sources.schemas import SecondLock, check_keys

log = logging.getLogger(__name__)

ACCEPTED, PARTIAL, REFUSED = "accepted", "partial", "refused"
_NO_ROWS = pl.DataFrame(schema=REJECTED_SCHEMA)


@dataclass(frozen=True)
class TableResult:
    """What became of one table of a file.

    `accepted` has the lake's columns without `submission_id`, `rejected` the quarantine's without
    submission_id, file_name and sheet. Always rows_read == rows_accepted + rows_rejected +
    rows_duplicate, counted in rows.
    """

    sheet: str
    dataset: str | None
    status: str
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
    flagged: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        counted = self.rows_accepted + self.rows_rejected + self.rows_duplicate
        if self.rows_read != counted:
            raise AssertionError(f"{self.rows_read} rows read, {counted} accounted for")

    def summary(self) -> dict[str, Any]:
        """Return everything a manifest and a receipt need, as JSON-able data."""
        frames = ("accepted", "rejected")
        return {n: getattr(self, n) for n in self.__dataclass_fields__ if n not in frames}


def read_file(
    path: Path,
    *,
    file_name: str,
    department: str,
    contracts: Contracts,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> list[TableResult]:
    """Read, recognise and clean every table of a file; at least one result for every file.

    `file_name` is the name the sender gave it; `department` the code of the landing folder.
    Never raises for a file's content and writes nothing.
    """
    refusal = refuse_path(Path(path), limits)
    if refusal is not None:
        return [refusal]
    results: list[TableResult] = []
    skipped: list[dict[str, Any]] = []
    try:
        for table in read_tables(Path(path), header_index(contracts).known, limits):
            if (why := _not_for_us(table)) is not None:
                skipped.append(why)
            elif isinstance(table, Refusal):
                results.append(refused(table))
            else:
                result = _guarded(table, file_name, department, contracts, limits)
                unknown = result.reason_code in ("unknown_dataset", "no_header")
                if table.hidden and unknown:
                    skipped.append(finding("sheet_skipped", sheet=table.sheet, why="隐藏的工作表"))
                else:
                    results.append(result)
    except Refusal as refusal:
        results.append(refused(refusal))
    except BaseException as error:
        _only_ours(error)
        log.exception("reading %s", file_name)
        results.append(refused(_unexpected(error)))
    if not results:
        results = [refused(Refusal("empty_file"))]
    if skipped:
        first = results[0]
        results[0] = replace(first, findings=[*first.findings, *skipped])
    return results


def prepare() -> None:
    """Load what the first file would otherwise wait for: a process that watches does so at once."""
    import openpyxl  # noqa: F401
    import pandera.polars  # noqa: F401

    header_index(load_contracts())


def _not_for_us(table: RawTable | Refusal) -> dict[str, Any] | None:
    """Return the note on a sheet that holds no data: an empty one, a page of explanations."""
    if isinstance(table, Refusal):
        sheet = str(table.values.get("sheet", ""))
        if table.code == "empty_file" and sheet:
            return finding("sheet_skipped", sheet=sheet, why="空的")
        return None
    if table.grid and table.head[0].cells[0].strip().startswith(EXPLANATION_MARK):
        return finding("sheet_skipped", sheet=table.sheet, why="填写说明")
    return None


def refuse_path(path: Path, limits: Limits = Limits()) -> TableResult | None:  # noqa: B008
    """Return the refusal of what is no readable file (a link, a device, too large), else None.

    Looks at the directory entry only: a link is not followed, a device or pipe not opened.
    """
    try:
        _check_file(path, limits)
    except Refusal as refusal:
        return refused(refusal)
    except OSError as error:
        return refused(_unexpected(error))
    return None


def _only_ours(error: BaseException) -> None:
    """Let an interrupt or exit through; a panic in a Rust library is no `Exception` either."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error


def _unexpected(error: BaseException) -> Refusal:
    if isinstance(error, OSError):
        return Refusal("unreadable_file", detail=error.strerror or type(error).__name__)
    return Refusal("unreadable_content", detail=f"{type(error).__name__}: {str(error)[:200]}")


def _check_file(path: Path, limits: Limits) -> None:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise Refusal("not_a_regular_file")
    if found.st_size == 0:
        raise Refusal("empty_file")
    if found.st_size > limits.max_bytes:
        raise Refusal(
            "file_too_large", size=size_zh(found.st_size), limit=size_zh(limits.max_bytes)
        )


def size_zh(count: int) -> str:
    """Return a number of bytes in words."""
    for unit in ("字节", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


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


def _guarded(
    table: RawTable, file_name: str, department: str, contracts: Contracts, limits: Limits
) -> TableResult:
    known: dict[str, Any] = {
        "sheet": table.sheet,
        "encoding": table.encoding,
        "separator": table.separator,
        "findings": list(table.findings),
    }
    try:
        return _table(table, file_name, department, contracts, limits, known)
    except Refusal as refusal:
        return refused(refusal, **known)
    except BaseException as error:
        _only_ours(error)
        log.exception("cleaning %s %s", file_name, table.sheet)
        return refused(_unexpected(error), **known)


def _table(
    table: RawTable,
    file_name: str,
    department: str,
    contracts: Contracts,
    limits: Limits,
    known: dict[str, Any],
) -> TableResult:
    layout = recognise(
        table.head,
        header_index(contracts),
        department=department,
        hints=(file_name, table.sheet),
    )
    contract = layout.contract
    known["dataset"] = contract.dataset
    known["header_line"] = table.head[layout.last].line
    known["findings"] = [
        *known["findings"],
        *layout.findings,
        *_unused_units(table, layout, contracts),
    ]
    known |= _columns(table, layout)
    _check_rights(department, contract, contracts)
    return _clean(table, layout, contracts, limits, known)


def _check_rights(department: str, contract: Contract, contracts: Contracts) -> None:
    sender = contracts.departments.get(department)
    if sender is None:
        raise Refusal("unknown_department", department=department)
    if department not in contract.departments_allowed:
        allowed = "、".join(contracts.departments[d].name_zh for d in contract.departments_allowed)
        raise Refusal(
            "department_not_allowed",
            dataset=contract.title_zh,
            department=sender.name_zh,
            allowed=allowed,
        )


def _filled(table: RawTable, layout: Layout, position: int) -> bool:
    """Tell whether a column without a header holds anything in the first rows below it."""
    below = table.head[layout.last + 1 :]
    return any(position < len(r.cells) and r.cells[position].strip() for r in below)


def _columns(table: RawTable, layout: Layout) -> dict[str, Any]:
    taken = {c.field.field for c in layout.columns}
    return {
        "column_map": [
            {
                "position": c.position + 1,
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
            {"position": p + 1, "header": layout.headers[p]}
            for p in layout.unknown
            if layout.headers[p] or _filled(table, layout, p)
        ],
        "missing_columns": [
            {"field": f.field, "title_zh": f.title_zh, "required": f.required}
            for f in layout.contract.fields
            if f.field not in taken
        ],
    }


def _unused_units(
    table: RawTable, layout: Layout, contracts: Contracts
) -> Iterator[dict[str, Any]]:
    """Yield a finding for each 单位： above the table that fits no column."""
    used = {c.field.unit for c in layout.columns if c.field.unit}
    dimensions = {u.dimension for name in used if (u := contracts.units.find(name)) is not None}
    for line, text, units in title_units(table.head, layout.first, contracts):
        for unit in units:
            if unit.dimension not in dimensions:
                yield finding("unit_not_used", line=line, text=text, unit=unit.unit)


def _clean(
    table: RawTable,
    layout: Layout,
    contracts: Contracts,
    limits: Limits,
    known: dict[str, Any],
) -> TableResult:
    contract = layout.contract
    try:
        cleaned = clean_table(table, layout, contracts, limits)
    except SecondLock as error:
        raise Refusal("internal_check_failed", detail=str(error)) from error
    above = [
        {"line": r.line, "kind": "title", "text": " ".join(c for c in r.cells if c)[:80]}
        for r in table.head[: layout.first]
    ]
    known["skipped_lines"], known["skipped_counts"] = _skipped(above, cleaned, limits)
    if cleaned is None or not cleaned.read:
        raise Refusal("no_data_rows")
    good, rejected, flagged, read = cleaned.good, cleaned.rejected, cleaned.flagged, cleaned.read
    findings = list(known["findings"])
    compared = compare(_all_rows(cleaned), cleaned.totals, contract, contracts)
    findings += [
        finding(
            "control_total",
            line=t["line"],
            label=t["label"],
            title=t["title_zh"],
            observed=f"{t['observed']:.15g}",
            expected="没有可加的行" if t["expected"] is None else f"{t['expected']:.15g}",
        )
        for t in compared
        if not t["matches"]
    ]
    findings += _fractions(good, layout)
    findings += _merged_values(table, layout)
    if table.open_end is not None and table.open_end < len(layout.headers):
        findings.append(finding("last_line_cut", line=cleaned.last_line))
    keyed = distinct_keys(good, cleaned.bad, contract)
    if keyed.conflicts.height:
        more = _conflicts(keyed.conflicts, table, layout, contracts, limits)
        rejected = pl.concat([rejected, more]).sort("row_number", maintain_order=True)
        out = keyed.conflicts[ROW_NUMBER]
        flagged = flagged.filter(~pl.col("row_number").is_in(out.implode()))
    good = keyed.good
    try:
        if good is not cleaned.good:  # else it is just proven
            check_keys(good, contract)
    except SecondLock as error:
        raise Refusal("internal_check_failed", detail=str(error)) from error
    rejected_rows = read - good.height - len(keyed.duplicates)
    if rejected["row_number"].n_unique() != rejected_rows:
        raise AssertionError("rejected rows and their reasons do not match")
    status = ACCEPTED if not rejected_rows else PARTIAL if good.height else REFUSED
    result = TableResult(
        **known | {"findings": findings},
        status=status,
        accepted=good,
        rejected=rejected,
        rows_read=read,
        rows_accepted=good.height,
        rows_rejected=rejected_rows,
        rows_duplicate=len(keyed.duplicates),
        rows_withdrawn=int((good["operation"] == DELETE).sum()),
        rows_flagged=flagged["row_number"].n_unique(),
        periods=_periods(good, contract),
        missing_values=_kinds(good),
        censored_values=_censored(good),
        reason_counts=dict(sorted(Counter(_counts(rejected)).items())),
        control_totals=compared,
        flagged=_flagged(flagged, layout, limits),
        converted_values=_converted(cleaned.converted, contract, contracts),
    )
    if cleaned.given_up:
        text = REASONS["mostly_rejected"].text(rows=read, rejected=cleaned.broken)
        return replace(result, reason_code="mostly_rejected", reason_zh=text)
    if status == REFUSED:
        text = REASONS["all_rows_rejected"].text(rows=read)
        return replace(result, reason_code="all_rows_rejected", reason_zh=text)
    return result


def _all_rows(cleaned: Cleaned) -> pl.DataFrame:
    """Return all rows of data in order, if there are totals to compare them with."""
    if not cleaned.totals.height:
        return cleaned.good.clear()
    return pl.concat([cleaned.good, cleaned.bad]).sort(ROW_NUMBER)


def _skipped(
    above: list[dict[str, Any]], cleaned: Cleaned | None, limits: Limits
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the skipped lines worth listing (empty ones are only counted) and their counts."""
    listed = list(above)
    counts = Counter(r["kind"] for r in above)
    if cleaned is not None:
        counts[special.EMPTY] += cleaned.blank
        counts.update(dict(cleaned.skipped.group_by("kind").len().iter_rows()))
        rows = cleaned.skipped.filter(pl.col("kind") != special.EMPTY)
        listed += rows.head(limits.listed).to_dicts()
    return listed[: limits.listed], {k: n for k, n in sorted(counts.items()) if n}


def _conflicts(
    conflicts: pl.DataFrame,
    table: RawTable,
    layout: Layout,
    contracts: Contracts,
    limits: Limits,
) -> pl.DataFrame:
    """Return the rejections of rows whose key stands twice; their raw rows are read once more."""
    cleaner = cleaner_of(table, layout, contracts)
    wanted = conflicts[ROW_NUMBER].head(limits.explained_rows)
    raw = []
    for part in table.rows(layout.last, len(layout.headers)):
        frame = part.frame()
        at = frame[ROW_NUMBER].is_in(wanted.implode()).arg_true().cast(pl.UInt32)
        if len(at):
            rows = cleaner.raw_rows(frame, at)
            raw.append(rows.with_columns(row_number=frame[ROW_NUMBER].gather(at)).drop("at"))
    headers = {c.field.field: c.header for c in layout.columns}
    keys = [headers[f.field] for f in layout.contract.key_fields]
    words = {"keys": "、".join(f"“{k}”" for k in keys)}
    reason = REASONS["duplicate_key"]
    halves = reason.template_zh.split("{lines}")
    text = pl.concat_str(
        pl.lit(halves[0].format(**words)), pl.col("lines"), pl.lit(halves[1].format(**words))
    )
    return (
        conflicts.with_columns(
            field=pl.lit(None, pl.String),
            column_title=pl.lit(None, pl.String),
            value=pl.lit(None, pl.String),
            reason_code=pl.lit(reason.code),
            severity=pl.lit(reason.severity),
            reason_zh=text,
        )
        .join(pl.concat(raw), on="row_number", how="left")
        .select(list(REJECTED_SCHEMA))
    )


def _fractions(good: pl.DataFrame, layout: Layout) -> Iterator[dict[str, Any]]:
    """Yield a finding for each column of % whose values all look like shares of one."""
    for column in layout.columns:
        if column.field.unit != "%" or column.factor != 1:
            continue
        values = good[column.field.field].drop_nulls()
        if len(values) and values.max() <= 1 and (values > 0).any() and values.max() > 0:
            yield finding("looks_like_fraction", header=column.header)


def _converted(
    converted: pl.DataFrame, contract: Contract, contracts: Contracts
) -> list[dict[str, Any]]:
    """Return which values brought a unit of their own, by column and unit."""
    summed = converted.group_by("field", "column_title", "unit", maintain_order=True).agg(
        pl.col("line").min(), pl.col("count").sum()
    )
    found = []
    for row in summed.iter_rows(named=True):
        unit = contract.field(row["field"]).unit
        assert unit is not None
        found.append(
            {
                "field": row["field"],
                "header": row["column_title"],
                "unit": unit,
                "unit_found": row["unit"],
                "factor": str(contracts.units.factor(row["unit"], unit)),
                "line": row["line"],
                "count": row["count"],
            }
        )
    return found


def _merged_values(table: RawTable, layout: Layout) -> Iterator[dict[str, Any]]:
    """Yield a finding for each number that is merged over several rows."""
    numeric = {c.position: c for c in layout.columns if c.field.type in ("int", "float")}
    for merge in table.merged[:100]:
        if merge.bottom > merge.top > table.head[layout.last].line and merge.left in numeric:
            header = numeric[merge.left].header
            yield finding("merged_value", line=merge.top, bottom=merge.bottom, header=header)


def _periods(good: pl.DataFrame, contract: Contract) -> list[str]:
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


def _kinds(good: pl.DataFrame) -> dict[str, int]:
    texts = good["missing_kinds"].drop_nulls().value_counts()
    counts: Counter[str] = Counter()
    for text, count in texts.iter_rows():
        for part in text.split(";"):
            counts[part.partition("=")[2]] += count
    return dict(sorted(counts.items()))


def _censored(good: pl.DataFrame) -> int:
    return int(good["censored_fields"].str.count_matches("=").sum() or 0)


def _counts(rejected: pl.DataFrame) -> dict[str, int]:
    return dict(rejected["reason_code"].value_counts().iter_rows())


def _flagged(flagged: pl.DataFrame, layout: Layout, limits: Limits) -> list[dict[str, Any]]:
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


__all__ = ["ACCEPTED", "PARTIAL", "REFUSED", "TableResult", "accepted_schema", "read_file"]
