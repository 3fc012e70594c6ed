"""The health report and its parts; the outcome of a load, which is one of them.

Belongs here: what is reported, with its types and its JSON keys. How facts are collected is in
`facts`, what they mean in `health`. Moments are ISO 8601 with offset.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from warehouse.home.records import JsonRecord

Result = Literal["published", "unchanged", "refused", "failed"]
Level = Literal["ok", "warning", "critical"]
# Rank (the metric eco_state, 0 is best) and Chinese name of each level.
LEVELS: dict[Level, tuple[int, str]] = {
    "ok": (0, "正常"),
    "warning": (1, "注意"),
    "critical": (2, "异常"),
}


@dataclass(frozen=True)
class LoadOutcome(JsonRecord):
    """The outcome of a load: `seconds` is its duration, `problems` has one line per problem."""

    parsers: ClassVar = {"problems": tuple}

    run_id: str
    job: str
    result: Result
    started_at: str
    ended_at: str
    seconds: float
    started_by: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadRecord(LoadOutcome):
    """The outcome of the last load, with the end of the last one that was not refused or failed."""

    last_success_at: str | None = None


@dataclass(frozen=True)
class PublicationFacts(JsonRecord):
    """The publication in force; `as_of` is set when it shows a past moment."""

    stamp: str
    built_at: str
    software_version: str | None
    as_of: str | None
    year: int | None
    age_hours: float
    rolled_back: bool


@dataclass(frozen=True)
class OverdueSubmission(JsonRecord):
    """A dataset of which nothing was received for a period that was due on that day."""

    dataset: str
    dataset_zh: str
    period: str
    due_on: date


@dataclass(frozen=True)
class LateDepartment(JsonRecord):
    """The overdue submissions of a department; `longest_days` is the largest delay in days."""

    department: str
    name_zh: str
    overdue: int
    longest_days: int
    items: tuple[OverdueSubmission, ...]


@dataclass(frozen=True)
class HeldSubmission(JsonRecord):
    """A submission that the publication leaves out, and how many of its rows wait for correction.

    `reason` is a sentence in Chinese.
    """

    submission_id: str
    department: str
    department_zh: str
    dataset: str
    dataset_zh: str
    file_name: str
    reason: str
    rows_waiting: int


@dataclass(frozen=True)
class ReturnedFile(JsonRecord):
    """A table of a file that its sender has to mend, and has not sent anew.

    `reason` is a sentence in Chinese.
    """

    submission_id: str
    department: str
    department_zh: str
    file_name: str
    received_at: str
    reason: str


@dataclass(frozen=True)
class CandidateFacts(JsonRecord):
    """What a refused load left: the pages of its checks, and its open findings by severity."""

    stamp: str
    pages: str
    findings: Mapping[str, int]


@dataclass(frozen=True)
class BackupFacts(JsonRecord):
    """The last backup (None: none yet), its age, and the age of the first publication in hours."""

    last_at: str | None
    folder: str | None
    age_hours: float | None
    published_for_hours: float


@dataclass(frozen=True)
class DiskUse(JsonRecord):
    """Bytes of the home by folder, and of its file system."""

    used_bytes: Mapping[str, int]
    home_bytes: int
    free_bytes: int
    total_bytes: int

    @property
    def free_share(self) -> float:
        """Share of the file system that is free, 0 to 1."""
        return self.free_bytes / self.total_bytes if self.total_bytes else 1.0


@dataclass(frozen=True)
class DepartmentDeliveries(JsonRecord):
    """Counts of a department's submissions and of their rows, over all time."""

    department: str
    name_zh: str
    submissions: int
    rows_accepted: int
    rows_rejected: int
    refused: int
    last_received_at: str | None


@dataclass(frozen=True)
class UnreadableFile(JsonRecord):
    """A file that could not be read: it ended the worker, or took too much memory or time.

    Its bytes are in the archive under `sha256`. `cause` is crash, memory, time or size.
    """

    submission_id: str
    department: str
    file_name: str
    received_at: str
    sha256: str
    cause: str
    reason_zh: str


@dataclass(frozen=True)
class ChannelState(JsonRecord):
    """The state of a channel of alerts; `error` and `failing_since` are set while it fails."""

    omitted_when_none = frozenset({"last_sent_at", "error", "failing_since"})

    last_sent_at: str | None = None
    error: str | None = None
    failing_since: str | None = None


@dataclass(frozen=True)
class ServingCopy(JsonRecord):
    """The last copy into PostgreSQL: of which publication, and the error where it failed."""

    stamp: str
    at: str
    error: str | None


@dataclass(frozen=True)
class Reason(JsonRecord):
    """Why a home is not in order; `code` is stable, for programs."""

    level: Level
    code: str
    detail_zh: str


@dataclass(frozen=True)
class LandingObstacle(JsonRecord):
    """An entry of landing that the intake leaves where it is; `code` is stable, for programs."""

    department: str
    path: str
    code: str
    detail_zh: str


@dataclass(frozen=True)
class Facts(JsonRecord):
    """The facts of a home at one moment.

    `unreadable` says why the published file cannot be opened; `late` and `departments` have one
    entry per department; `held` lists the submissions that wait for a correction, `returned` the
    files of the last week that their senders have to mend; `findings` counts
    the open findings of the publication by severity; `candidate` is set where the last load was
    refused; `alerts` is the state of the channels by name. `obstacles` are the first of each
    department's, all of which `obstacle_count` counts; `set_aside` are the folders of damaged state
    files, `unreadable_files` the files of the last month that could not be read and were not
    replaced; `serving` is None where no copy is wanted or none was made.
    """

    home: str
    database: str | None
    at: str
    last_load: LoadRecord | None
    publication: PublicationFacts | None
    unreadable: str | None
    candidate: CandidateFacts | None
    late: tuple[LateDepartment, ...]
    held: tuple[HeldSubmission, ...]
    findings: Mapping[str, int]
    waiting_files: int
    longest_waiting_hours: float
    backup: BackupFacts
    disk: DiskUse
    departments: tuple[DepartmentDeliveries, ...]
    alerts: Mapping[str, ChannelState]
    obstacles: tuple[LandingObstacle, ...]
    obstacle_count: int
    set_aside: tuple[str, ...] = ()
    unreadable_files: tuple[UnreadableFile, ...] = ()
    serving: ServingCopy | None = None
    returned: tuple[ReturnedFile, ...] = ()


@dataclass(frozen=True)
class HealthReport(JsonRecord):
    """The facts of a home and their assessment: `reasons` explain `state`, the gravest first.

    In JSON (health.json, `eco status --json`) the keys of `facts` lie beside the others.
    """

    state: Level
    state_zh: str
    reasons: tuple[Reason, ...]
    facts: Facts

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        content = super().to_dict()
        facts = content.pop("facts")
        return {**content, **facts}
