"""What the portal shows of a department: receipts, what is due, questions, templates."""

import csv
import io
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.intake.own_files import MANUAL
from orchestration.intake.receipts import held_note_ending
from sources.contracts import Contract, Contracts
from sources.receipts.templates import template
from warehouse.home.clock import county_time
from warehouse.home.folders import opened, reading, regular_files, shown_name
from warehouse.home.layout import RECEIPTS, Home
from warehouse.lake import holds
from warehouse.lake.index import submissions
from warehouse.lake.submissions import Submission, receipt_base

RECEIPT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
}
_VERDICTS = {"accepted": "已入库", "partial": "部分退回", "refused": "已退回", "held": "暂缓采用"}
_WORST = ("refused", "partial", "accepted")
_AHEAD = timedelta(days=45)
_SEVERITIES = {"critical": "强制性", "verify": "核实性", "notice": "提示性"}


@dataclass(frozen=True)
class Receipt:
    """A file that was taken in: when, with which result, and its receipt's files."""

    file_name: str
    received_at: str
    status: str
    status_zh: str
    datasets_zh: str
    rows_accepted: int
    rows_rejected: int
    page: str | None
    workbook: str | None
    note: str | None = None  # why it is held


@dataclass(frozen=True)
class DueItem:
    """A delivery that is due: on which day, and by how many days it is late."""

    dataset: str
    dataset_zh: str
    period: str
    due_on: date
    days_late: int


@dataclass(frozen=True)
class Question:
    """A finding that the department may explain."""

    finding_id: str
    severity: str
    severity_zh: str
    rule_zh: str
    detail_zh: str
    explanation: str | None


class Content:
    """The content of the portal for one home. Every method is given the department."""

    def __init__(self, home: Home, contracts: Contracts) -> None:
        self.home = home
        self.contracts = contracts

    def receipts(self, department: str, most: int = 200) -> list[Receipt]:
        """Return the files that the department sent, the latest first."""
        files: dict[tuple[str, str], list[Submission]] = {}
        for submission in submissions(self.home):
            if submission.department == department:
                key = (submission.sha256, submission.landing_path)
                files.setdefault(key, []).append(submission)
        newest = sorted(files.values(), key=lambda t: t[0].received_at, reverse=True)[:most]
        names = self._regular_files(department, RECEIPTS)
        held = holds.held(self.home)
        return [self._receipt(tables, names, held) for tables in newest]

    def _receipt(
        self, tables: Sequence[Submission], names: Sequence[str], held: Container[str]
    ) -> Receipt:
        first = tables[0]
        base = receipt_base(self.home, first).name
        status = next(s for s in _WORST if any(t.status == s for t in tables))
        note = None
        for table in tables:
            if table.submission_id in held:
                status = "held"
                note = next((n for n in names if n == f"{base}{held_note_ending(table)}"), None)
        # The receipt's name begins with its verdict, that of a workbook ends with its digest.
        of_file = [name for name in names if base in name]
        page = next((name for name in of_file if name.endswith(f"{base}.html")), None)
        workbook = next((name for name in of_file if name.endswith(".xlsx")), None)
        titles = dict.fromkeys(
            self.contracts[t.dataset].title_zh
            for t in tables
            if t.dataset in self.contracts.datasets
        )
        return Receipt(
            file_name=first.file_name,
            received_at=county_time(first.received),
            status=status,
            status_zh=_VERDICTS[status],
            datasets_zh="、".join(titles) or "未识别",
            rows_accepted=sum(t.rows_accepted for t in tables),
            rows_rejected=sum(t.rows_rejected for t in tables),
            page=page,
            workbook=workbook,
            note=note,
        )

    def _regular_files(self, *folder: str) -> list[str]:
        """Return the names of the files of a folder below landing; links are not followed."""
        try:
            with opened(self.home.landing, folder) as descriptor:
                return regular_files(descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def waiting(self, department: str) -> list[str]:
        """Return the names of the department's files that are not taken in yet."""
        files = self._regular_files(department)
        return [shown_name(name) for name in files if name != MANUAL]

    def receipt_file(self, department: str, name: str) -> tuple[bytes, str] | None:
        """Return a file of the department's receipts and its type; None if there is none.

        Only names that a listing of the folder shows are opened, and no links.
        """
        media = RECEIPT_TYPES.get(Path(name).suffix)
        if media is None or name not in self._regular_files(department, RECEIPTS):
            return None
        try:
            with (
                opened(self.home.landing, (department, RECEIPTS)) as folder,
                reading(folder, name) as file,
            ):
                return file.read(), media
        except OSError:  # replaced since it was listed
            return None

    def _rows(self, query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        """Return rows of the published file; none while nothing is published."""
        if not self.home.database.exists():
            return []
        try:
            with duckdb.connect(str(self.home.database), read_only=True) as connection:
                return connection.execute(query, parameters).fetchall()
        except duckdb.Error:
            return []

    def due(self, department: str, today: date, most: int = 100) -> list[DueItem]:
        """Return what the department owes, the longest overdue first, then what comes due."""
        rows = self._rows(
            "select dataset, dataset_zh, period, due_on from marts.department_scorecard "
            "where department = ? and due_on is not null and received_on is null "
            "order by due_on, dataset limit ?",
            [department, most],
        )
        owed = [DueItem(d, zh, p, on, (today - on).days) for d, zh, p, on in rows]
        return owed + self._coming(
            department, today, {(each.dataset, each.period) for each in owed}
        )

    def _coming(
        self, department: str, today: date, listed: Container[tuple[str, str]]
    ) -> list[DueItem]:
        """Return what comes due within weeks and was not received yet, the next first."""
        received = self._rows(
            "select dataset, period from marts.department_scorecard where received_on is not null",
            [],
        )
        items = []
        for contract in self.contracts:
            if contract.departments_allowed[0] != department:
                continue
            for period, due_on in _due_dates(contract, today):
                key = (contract.dataset, period)
                if today <= due_on <= today + _AHEAD and key not in received and key not in listed:
                    late = (today - due_on).days
                    items.append(DueItem(contract.dataset, contract.title_zh, period, due_on, late))
        return sorted(items, key=lambda each: (each.due_on, each.dataset))

    def questions(self, department: str, most: int = 200) -> list[Question]:
        """Return the department's open findings, the gravest first."""
        rows = self._rows(
            "select finding_id, severity, rule_zh, detail_zh, explanation from marts.findings "
            "where department = ? and state <> 'mended' "
            "order by array_position(['critical', 'verify', 'notice'], severity), rule, subject "
            "limit ?",
            [department, most],
        )
        return [Question(i, s, _SEVERITIES.get(s, s), r, d, e) for i, s, r, d, e in rows]

    def templates(self, department: str) -> list[tuple[str, str]]:
        """Return dataset and title of each template of the department."""
        return [
            (c.dataset, c.title_zh) for c in self.contracts if department in c.departments_allowed
        ]

    def template(self, department: str, dataset: str) -> tuple[str, bytes] | None:
        """Return name and bytes of a template; None if the department may not deliver it."""
        contract = self.contracts.datasets.get(dataset)
        if contract is None or department not in contract.departments_allowed:
            return None
        return f"{contract.title_zh}.xlsx", template(contract, self.contracts)


def _due_dates(contract: Contract, today: date) -> Iterator[tuple[str, date]]:
    """Yield the last two periods of a dataset that have begun, with the day each is due.

    A period is called as in the mart `department_scorecard`.
    """
    months = contract.judged_months
    if months is None:
        return
    current = (today.year * 12 + today.month - 1) // months * months
    for first in (current - months, current):
        year, month = divmod(first, 12)
        names = {1: f"{year}-{month + 1:02}", 3: f"{year}Q{month // 3 + 1}", 12: str(year)}
        after = first + months
        end = date(after // 12, after % 12 + 1, 1)
        yield names[months], end + timedelta(days=contract.due_days_after_period - 1)


def explanation_csv(finding_id: str, explanation: str, explained_by: str) -> bytes:
    """Return the file by which a department explains a finding (dataset finding_explanations)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["问题编号", "情况说明", "说明人"])
    writer.writerow([finding_id, explanation, explained_by])
    return out.getvalue().encode("utf-8-sig")
