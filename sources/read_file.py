"""One file in, one result for each table in it: reading, recognising, cleaning, second lock.

`read_file` writes nothing and raises nothing for what a sender may have done; whatever is wrong
with a file becomes a refused result that says so.
"""

import errno
import logging
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from sources.between_tables import settled
from sources.cleaning.keys import distinct_keys
from sources.cleaning.rejections import briefly, raw_rows
from sources.cleaning.relations import relation_findings
from sources.cleaning.second_lock import SecondLock, check_keys
from sources.cleaning.totals import compare
from sources.cleaning.value_findings import period_findings, value_findings
from sources.cleaning.whole import Cleaned, clean_table
from sources.contracts import Contract, Contracts
from sources.contracts.stored_rows import DELETE, REJECTED_SCHEMA
from sources.give_back import AT, give_back
from sources.layout.arrange import arrange
from sources.layout.records import RecordTable, in_file_line
from sources.layout.regions import header_lines
from sources.layout.second_header import other_header
from sources.limits import Limits
from sources.line_counts import line_counts, refused_counts
from sources.placing import in_file, in_file_lines
from sources.reading.files import FileSource, read_tables
from sources.reading.raw import EXPLANATION_MARK, ROW_NUMBER, RawTable, Refusal, seen_zh
from sources.reasons import REASONS, finding
from sources.recognise.headers import header_index
from sources.recognise.layout import Layout, recognise
from sources.recognise.units import UnitLine
from sources.summary import (
    ACCEPTED,
    PARTIAL,
    REFUSED,
    TableResult,
    all_rows,
    censored_count,
    column_summary,
    conversion_summary,
    count_reasons,
    covered_periods,
    flagged_summary,
    merged_value_findings,
    missing_value_counts,
    refusal_text,
    refused,
    size_zh,
    skipped_summary,
    stated_aside,
    stated_below,
    title_findings,
)

log = logging.getLogger(__name__)
_UNKNOWN = ("unknown_dataset", "no_header")

_SYSTEM_ERRORS = {
    errno.EACCES: "没有读取权限",
    errno.EPERM: "没有读取权限",
    errno.ENOENT: "文件已经不在",
    errno.EIO: "磁盘读取出错",
    errno.EBUSY: "文件正被占用",
}


def read_file(
    source: FileSource,
    *,
    file_name: str,
    department: str,
    contracts: Contracts,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    received: datetime | None = None,
) -> list[TableResult]:
    """Read, recognise and clean every table of a file; at least one result for every file.

    `file_name` is the name the sender gave it; `department` the code of the landing folder;
    `received` the county's time at which it came, against which its periods are held.
    Never raises for a file's content and writes nothing; raises MemoryError where reading takes
    more memory than the process may have.
    """
    if (unreadable := refuse_path(source, limits)) is not None:
        return [unreadable]
    results: list[TableResult] = []
    hidden: list[bool] = []
    skipped: list[dict[str, Any]] = []
    try:
        for table in read_tables(source, header_index(contracts).known, limits):
            if (why := _not_for_us(table)) is not None:
                skipped.append(why)
            elif isinstance(table, Refusal):
                results.append(refused(table))
                hidden.append(False)
            else:
                sender = _Sender(file_name, department, contracts, limits, received)
                found = _sheet(table, sender)
                if table.hidden and all(r.reason_code in _UNKNOWN for r in found):
                    skipped.append(finding("sheet_skipped", sheet=table.sheet, why="隐藏的工作表"))
                else:
                    rejected = sum(r.rows_rejected for r in results)
                    results += _kept(found, table, brief=rejected > limits.explained_rows)
                    hidden += [table.hidden] * len(found)
    except Refusal as refusal:
        results.append(refused(refusal))
    except BaseException as error:
        _only_ours(error)
        log.exception("reading %s", file_name)
        results.append(refused(_unexpected(error)))
    results[: len(hidden)] = settled(results[: len(hidden)], hidden, contracts)
    if not results:
        results = [refused(Refusal("empty_file"))]
    if skipped:
        first = results[0]
        results[0] = replace(first, findings=[*first.findings, *skipped])
    return results


def _kept(found: list[TableResult], table: RawTable, *, brief: bool) -> list[TableResult]:
    """Return a sheet's results as they are kept; `brief`: one reason for each rejected row."""
    if brief:
        found = [_briefly(r) for r in found]
    return [_of_hidden(r) if table.hidden else r for r in found]


def _briefly(result: TableResult) -> TableResult:
    rejected = briefly(result.rejected)
    counts = dict(sorted(count_reasons(rejected).items()))
    return replace(result, rejected=rejected, reason_counts=counts)


def _of_hidden(result: TableResult) -> TableResult:
    """Return the result of a sheet that the sender does not see, with a word about that."""
    return replace(result, findings=[finding("hidden_sheet"), *result.findings])


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


def refuse_path(source: FileSource, limits: Limits = Limits()) -> TableResult | None:  # noqa: B008
    """Return the refusal of what is no readable file (a link, a device, too large), else None.

    Looks at the directory entry only: a link is not followed, a device or pipe not opened.
    """
    try:
        _check_file(source, limits)
    except Refusal as refusal:
        return refused(refusal)
    except OSError as error:
        return refused(_unexpected(error))
    return None


def _only_ours(error: BaseException) -> None:
    """Let an interrupt, an exit and a lack of memory through.

    A panic in a Rust library is no `Exception` either.
    """
    panic = type(error).__name__ == "PanicException"
    if isinstance(error, MemoryError) or not (panic or isinstance(error, Exception)):
        raise error


def _unexpected(error: BaseException) -> Refusal:
    if isinstance(error, OSError):
        detail = _SYSTEM_ERRORS.get(error.errno or 0, f"系统错误 {error.errno}")
        return Refusal("unreadable_file", detail=detail)
    return Refusal("unreadable_content")


def _check_file(source: FileSource, limits: Limits) -> None:
    found = source.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise Refusal("not_a_regular_file")
    if found.st_size == 0:
        raise Refusal("empty_file")
    if found.st_size > limits.max_bytes:
        raise Refusal(
            "file_too_large", size=size_zh(found.st_size), limit=size_zh(limits.max_bytes)
        )


@dataclass(frozen=True)
class _Sender:
    """Whose table it is, when and under which name it came, and what it is read by."""

    file_name: str
    department: str
    contracts: Contracts
    limits: Limits
    received: datetime | None


def _sheet(table: RawTable, sender: _Sender) -> list[TableResult]:
    """Return the results of a sheet's tables. A fault of ours becomes a refusal of the sheet."""
    try:
        records = _arranged(table, sender, whole=False)
        results = [_guarded(record, sender) for record in records]
        if len(records) == 1 and records[0].plain:
            line = _other_header(table, results[0], sender)
            if line is not None:
                results = _below_other_header(table, results[0], line, sender)
    except BaseException as error:
        _only_ours(error)
        log.exception("arranging %s %s", sender.file_name, table.sheet)
        return [refused(_unexpected(error), sheet=table.sheet)]
    return results


def _arranged(table: RawTable, sender: _Sender, *, whole: bool) -> list[RecordTable]:
    return arrange(
        table,
        header_index(sender.contracts),
        department=sender.department,
        file_name=sender.file_name,
        limits=sender.limits,
        whole=whole,
    )


def _other_header(table: RawTable, result: TableResult, sender: _Sender) -> int | None:
    """Return a line that was given back and looks like the header of another table."""
    if result.header_line is None or len(table.head) < sender.limits.head_rows:
        return None  # all lines have been looked at
    return other_header(result.rejected, header_lines(header_index(sender.contracts)))


def _below_other_header(
    table: RawTable, result: TableResult, line: int, sender: _Sender
) -> list[TableResult]:
    """Return the results of a sheet that has the header of another table on a line.

    The sheet is looked at whole; where it is too large, what stands below that line goes back.
    """
    records = _arranged(table, sender, whole=True)
    if len(records) > 1 or not records[0].plain:
        return [_guarded(r, sender) for r in records]
    assert result.dataset is not None
    below = result.accepted[ROW_NUMBER] > line
    text = REASONS["second_header"].text(line=line)
    out = pl.DataFrame({AT: below.arg_true().cast(pl.UInt32)}).with_columns(reason_zh=pl.lit(text))
    return [give_back(result, out, "second_header", sender.contracts[result.dataset])]


def _guarded(record: RecordTable, sender: _Sender) -> TableResult:
    table = record.table
    known: dict[str, Any] = {
        "sheet": table.sheet,
        "encoding": table.encoding,
        "separator": table.separator,
        "findings": [*table.findings, *record.notes],
        "layout": record.details,
    }
    try:
        if record.refusal is not None:
            raise record.refusal
        return _table(record, sender, known)
    except Refusal as refusal:
        if refusal.code == "no_header":
            refusal.values |= {"rows": len(table.head), "seen": seen_zh(table)}
        return refused(refusal, **known, line_counts=refused_counts(record))
    except BaseException as error:
        _only_ours(error)
        log.exception("cleaning %s %s", sender.file_name, table.sheet)
        return refused(_unexpected(error), **known)


def _table(record: RecordTable, sender: _Sender, known: dict[str, Any]) -> TableResult:
    table, contracts, limits = record.table, sender.contracts, sender.limits
    before = known["findings"]

    def recognised(below: Sequence[UnitLine] = ()) -> Layout:
        layout = recognise(
            table.head,
            header_index(contracts),
            department=sender.department,
            hints=(sender.file_name, table.sheet),
            below=below,
            shown_as=table.shown_as,
            candidates=record.candidates,
            dataset=record.dataset,
        )
        known["dataset"] = layout.contract.dataset
        known["header_line"] = table.head[layout.last].line
        known["findings"] = [*before, *layout.findings]
        known.update(column_summary(record, layout))
        return layout

    beside = stated_aside(record, contracts)
    layout = recognised(beside)
    _check_rights(sender.department, layout.contract, contracts)
    cleaned = _cleaned(table, layout, contracts, limits)
    below = stated_below(cleaned, contracts)
    if below:  # the notes under the table give the units, so that all numbers are read once more
        layout = recognised((*beside, *below))
        cleaned = _cleaned(table, layout, contracts, limits)
    result = in_file(_result(record, layout, cleaned, contracts, limits, known), record, layout)
    asked = [*relation_findings(result.accepted, layout.contract, contracts)]
    if sender.received is not None:
        asked += period_findings(result.accepted, layout.contract, sender.received)
    return replace(result, findings=[*result.findings, *asked])


def _cleaned(
    table: RawTable, layout: Layout, contracts: Contracts, limits: Limits
) -> Cleaned | None:
    try:
        return clean_table(table, layout, contracts, limits)
    except SecondLock as error:
        log.error("second lock: %s", error)
        raise Refusal("internal_check_failed") from error


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


def _result(
    record: RecordTable,
    layout: Layout,
    cleaned: Cleaned | None,
    contracts: Contracts,
    limits: Limits,
    known: dict[str, Any],
) -> TableResult:
    contract, table = layout.contract, record.table
    known["skipped_lines"], known["skipped_counts"] = skipped_summary(
        record, layout, cleaned, limits
    )
    if cleaned is None or not cleaned.read:
        raise Refusal("no_data_rows")
    good, rejected, flagged, read = cleaned.good, cleaned.rejected, cleaned.flagged, cleaned.read
    findings = [*known["findings"], *title_findings(known["skipped_lines"], contract)]
    compared = [
        in_file_line(total, record.origin)
        for total in compare(all_rows(cleaned), cleaned.totals, contract, contracts)
    ]
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
    findings += value_findings(
        good, cleaned.converted, layout.columns, table.shown_as, record.line_of
    )
    findings += merged_value_findings(table, layout)
    if table.open_end is not None and table.open_end < len(layout.headers):
        findings.append(finding("last_line_cut", line=cleaned.last_line))
    keyed = distinct_keys(good, cleaned.bad, contract)
    if keyed.conflicts.height:
        lines = in_file_lines(keyed.conflicts["lines"], record.origin)
        conflicts = keyed.conflicts.with_columns(lines=lines)
        more = _conflicts(conflicts, table, layout, limits)
        rejected = pl.concat([rejected, more]).sort("row_number", maintain_order=True)
        out = keyed.conflicts[ROW_NUMBER]
        flagged = flagged.filter(~pl.col("row_number").is_in(out.implode()))
    good = keyed.good
    try:
        if good is not cleaned.good:  # else it is just proven
            check_keys(good, contract)
    except SecondLock as error:
        log.error("second lock: %s", error)
        raise Refusal("internal_check_failed") from error
    rejected_rows = read - good.height - len(keyed.duplicates)
    if rejected["row_number"].n_unique() != rejected_rows:
        raise AssertionError("rejected rows and their reasons do not match")
    status = ACCEPTED if not rejected_rows else PARTIAL if good.height else REFUSED
    result = TableResult(
        **known | {"findings": findings},
        line_counts=line_counts(record, layout, cleaned, contracts),
        status=status,
        accepted=good,
        rejected=rejected,
        rows_read=read,
        rows_accepted=good.height,
        rows_rejected=rejected_rows,
        rows_duplicate=len(keyed.duplicates),
        rows_withdrawn=int((good["operation"] == DELETE).sum()),
        rows_flagged=flagged["row_number"].n_unique(),
        periods=covered_periods(good, contract),
        missing_values=missing_value_counts(good),
        censored_values=censored_count(good),
        reason_counts=dict(sorted(Counter(count_reasons(rejected)).items())),
        control_totals=compared,
        flagged=flagged_summary(flagged, layout, limits),
        converted_values=conversion_summary(cleaned.converted, layout, contracts),
    )
    if cleaned.given_up:
        text = REASONS["mostly_rejected"].text(rows=read, rejected=cleaned.broken)
        return replace(result, reason_code="mostly_rejected", reason_zh=text)
    if status == REFUSED:
        code, text = refusal_text(read)
        return replace(result, reason_code=code, reason_zh=text)
    return result


def _conflicts(
    conflicts: pl.DataFrame,
    table: RawTable,
    layout: Layout,
    limits: Limits,
) -> pl.DataFrame:
    """Return the rejections of rows whose key stands twice; their raw rows are read once more."""
    wanted = conflicts[ROW_NUMBER].head(limits.explained_rows)
    raw = []
    for part in table.rows(layout.last, len(layout.headers)):
        frame = part.frame()
        at = frame[ROW_NUMBER].is_in(wanted.implode()).arg_true().cast(pl.UInt32)
        if len(at):
            rows = raw_rows(frame, at, layout)
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
