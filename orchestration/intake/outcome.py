"""The outcome of the intake of one file, and its lines for terminal and log."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sources.reasons import REASONS
from warehouse.home.clock import county_time
from warehouse.home.folders import shown_name
from warehouse.lake.submissions import Submission

_PRINTED = ("reason_counts",)  # details of a submission that its line has


@dataclass(frozen=True)
class FileOutcome:
    """The outcome of the intake of one file.

    - taken: each of its tables is a committed submission, accepted or refused
    - known: the same content was received before (`submissions`) and is not taken in again
    - waiting: it changed or vanished while it was read; the next intake takes it
    - left: it cannot be taken in where it lies (a folder too deep), and stays in landing
    - failed: it could not be processed for a reason of the system, and stays in landing

    `error` is a sentence, `details` the traceback of an unexpected error.
    """

    department: str
    file_name: str
    outcome: Literal["taken", "known", "waiting", "left", "failed"]
    submissions: tuple[Submission, ...] = ()
    receipt: Path | None = None
    error: str | None = None
    details: str | None = None

    def brief(self) -> "FileOutcome":
        """Return the outcome without what only receipts need; thousands of them fit in memory."""
        kept = tuple(
            replace(s, details={k: s.details[k] for k in _PRINTED if k in s.details})
            for s in self.submissions
        )
        return replace(self, submissions=kept)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield level (of `logging`) and text: one line per table, or one for the file."""
        name = f"{self.department}/{self.file_name}" if self.department else self.file_name
        if self.outcome == "failed":
            yield logging.ERROR, f"{name}: failed, the file stays in landing: {self.error}"
        elif self.outcome == "waiting":
            yield logging.WARNING, f"{name}: not taken yet: {self.error}"
        elif self.outcome == "left":
            yield logging.WARNING, f"{name}: left in landing: {self.error}"
        elif self.outcome == "known":
            received = county_time(self.submissions[0].received)
            yield logging.INFO, f"{name}: the same content was received {received}; ignored"
        else:
            for submission in self.submissions:
                sheet = f" / {shown_name(submission.sheet)}" if submission.sheet else ""
                yield _level(submission), f"{name}{sheet}: {_table_text(submission)}"

    def log(self, log: logging.Logger) -> None:
        """Log the lines, and the details of an unexpected error."""
        for level, text in self.lines():
            log.log(level, "%s", f"{text}\n{self.details}" if self.details else text)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as `eco ingest --json` prints it."""
        return {
            "department": self.department,
            "file_name": self.file_name,
            "outcome": self.outcome,
            "receipt": str(self.receipt) if self.receipt else None,
            "error": self.error,
            "submissions": [
                {
                    "submission_id": s.submission_id,
                    "dataset": s.dataset,
                    "sheet": s.sheet,
                    "status": s.status,
                    "reason_code": s.reason_code,
                    "reason_zh": s.reason_zh,
                    "rows_read": s.rows_read,
                    "rows_accepted": s.rows_accepted,
                    "rows_rejected": s.rows_rejected,
                    "rows_duplicate": s.rows_duplicate,
                }
                for s in self.submissions
            ],
        }


def _level(submission: Submission) -> int:
    return logging.WARNING if submission.status == "refused" else logging.INFO


def _table_text(submission: Submission) -> str:
    """Return status, dataset, reason and numbers of rows of a table."""
    dataset = submission.dataset or "unknown dataset"
    text = f"{submission.status}, {dataset}"
    if submission.reason_code:
        text += f", {submission.reason_code}: {submission.reason_zh}"
    if not submission.rows_read:
        return text
    rejected = f"{submission.rows_rejected} rejected{_reasons(submission.details)}"
    return (
        f"{text}; {submission.rows_read} row(s) read = {submission.rows_accepted} accepted + "
        f"{rejected} + {submission.rows_duplicate} duplicate"
    )


def _reasons(details: Mapping[str, Any]) -> str:
    """Return the reasons of rejected rows with their numbers, most frequent first."""
    counts: Mapping[str, int] = details.get("reason_counts") or {}
    listed = [
        f"{REASONS[code].name_zh if code in REASONS else code} {count}"
        for code, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return f" ({'，'.join(listed)})" if listed else ""
