"""Facts about a home, read from its files: loads, deliveries, findings, waiting files, disk.

Dagster need not run. What the facts mean is decided in `orchestration.monitoring.health`.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from orchestration.intake.survey import Survey, survey
from orchestration.monitoring.alerts import state as alert_state
from orchestration.monitoring.loads import last_load
from orchestration.monitoring.model import (
    BackupFacts,
    CandidateFacts,
    DepartmentDeliveries,
    DiskUse,
    Facts,
    HeldSubmission,
    LandingObstacle,
    LateDepartment,
    OverdueSubmission,
    PublicationFacts,
    ReturnedFile,
    ServingCopy,
    UnreadableFile,
)
from sources.contracts import Contracts
from sources.reading.raw import READING_STOPPED
from warehouse.care.backup import last_backup
from warehouse.home import state
from warehouse.home.clock import county_day
from warehouse.home.disk_use import used_bytes
from warehouse.home.layout import Home
from warehouse.lake.index import table
from warehouse.lake.submissions import find
from warehouse.output import serving
from warehouse.publication.current import (
    PublishError,
    current_manifest,
    releases,
    rollback_in_force,
)

SEVERITIES = ("critical", "verify", "notice")
RETURNED_DAYS = 7  # a department that has not mended a file by then has been told
UNREADABLE_DAYS = 30  # a file that nobody sent anew by then will not come


def collect(home: Home, contracts: Contracts, now: datetime) -> Facts:
    """Collect the facts of a home; `now` is aware."""
    unreadable = None
    try:
        publication = _publication(home, now)
    except PublishError as error:
        publication, unreadable = None, str(error)
    landing = survey(home)
    committed = table(home)
    load = last_load(home)
    return Facts(
        home=str(home.root),
        database=str(home.database) if publication else None,
        at=now.isoformat(timespec="seconds"),
        last_load=load,
        publication=publication,
        unreadable=unreadable,
        candidate=_refused_candidate(home) if load and load.result == "refused" else None,
        late=_late_departments(home, contracts, county_day(now)),
        held=held_submissions(home, contracts),
        findings=_open_findings(home.database),
        waiting_files=len(landing.files),
        longest_waiting_hours=_longest_waiting_hours(landing, now),
        obstacles=tuple(
            LandingObstacle(o.department, o.path, o.code, o.text_zh) for o in landing.obstacles
        ),
        obstacle_count=landing.obstacle_count,
        backup=_backup(home, now),
        disk=_disk_use(home),
        departments=_deliveries(committed, contracts),
        alerts=alert_state.channels(home),
        set_aside=tuple(state.was_set_aside(home.state)),
        unreadable_files=tuple(_unreadable_files(home, committed, now)),
        serving=_serving(home),
        returned=tuple(_returned(committed, contracts, now)),
    )


def _query(database: Path, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query of the published file or of a candidate.

    There are none where the file lacks a table or column, as one of an older version does; that the
    published file cannot be read at all is reported by `collect`.
    """
    if not database.exists():
        return []
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.sql(query)
            return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error:
        return []


def _late_departments(home: Home, contracts: Contracts, today: date) -> tuple[LateDepartment, ...]:
    """Overdue submissions as of the last publication, delays as of `today`."""
    by_department: dict[str, list[OverdueSubmission]] = defaultdict(list)
    for row in _query(
        home.database,
        "select department, dataset, dataset_zh, period, due_on from marts.department_scorecard "
        "where due_on is not null and received_on is null "
        "order by department, due_on desc, dataset, period",
    ):
        by_department[row.pop("department")].append(OverdueSubmission(**row))
    return tuple(
        LateDepartment(
            department=code,
            name_zh=department.name_zh,
            overdue=len(items),
            longest_days=max(((today - item.due_on).days for item in items), default=0),
            items=tuple(items),
        )
        for code, department in contracts.departments.items()
        for items in (by_department[code],)
    )


def held_submissions(home: Home, contracts: Contracts) -> tuple[HeldSubmission, ...]:
    """Return the submissions that the publication leaves out until they are corrected."""
    rows = _query(
        home.database,
        "select submission_id, department, dataset, file_name, held_reason, rows_waiting "
        "from marts.submissions where is_held and rows_waiting > 0 order by received_at",
    )
    return tuple(
        HeldSubmission(
            submission_id=row["submission_id"],
            department=row["department"],
            department_zh=contracts.departments[row["department"]].name_zh,
            dataset=row["dataset"],
            dataset_zh=contracts[row["dataset"]].title_zh,
            file_name=row["file_name"],
            reason=row["held_reason"],
            rows_waiting=row["rows_waiting"],
        )
        for row in rows
    )


def _refused_candidate(home: Home) -> CandidateFacts | None:
    """Return the candidate of the last load; None where it was refused before there was one."""
    # Imported only where a load was refused: its settings load pydantic-settings.
    from warehouse.publication.candidate import pending_candidate

    try:
        candidate = pending_candidate(home)
    except PublishError:
        return None
    pages = candidate.data_docs / "index.html"
    return CandidateFacts(candidate.stamp, str(pages), _open_findings(candidate.path))


def _open_findings(database: Path) -> dict[str, int]:
    """Count the findings of a publication or candidate that are not mended, by severity."""
    rows = _query(
        database,
        "select severity, count(*) as number from marts.findings where state <> 'mended' "
        "group by severity",
    )
    return {severity: 0 for severity in SEVERITIES} | {r["severity"]: r["number"] for r in rows}


def _serving(home: Home) -> ServingCopy | None:
    record = serving.last_record(home)
    if record is None:
        return None
    from warehouse.home.settings import ServingSettings

    if not ServingSettings.load().serve_postgres:
        return None
    error = record.get("error")
    return ServingCopy(
        stamp=str(record.get("stamp")),
        at=str(record.get("at")),
        error=None if error is None else str(error),
    )


def _disk_use(home: Home) -> DiskUse:
    usage, used = shutil.disk_usage(home.root), used_bytes(home)
    return DiskUse(used, sum(used.values()), usage.free, usage.total)


def _longest_waiting_hours(landing: Survey, now: datetime) -> float:
    """Return the hours since the first of the files in landing arrived.

    The time of a file's own content may be older than its arrival: copying keeps it.
    """
    arrived = min((file.arrived_ns for file in landing.files), default=None)
    hours = (now.timestamp() - arrived / 1e9) / 3600 if arrived is not None else 0.0
    return round(max(hours, 0.0), 1)


def _unreadable_files(
    home: Home, committed: pl.DataFrame, now: datetime
) -> Iterator[UnreadableFile]:
    """Yield the files that could not be read, without those that came anew and could be."""
    stopped = (pl.col("reason_code") == READING_STOPPED).fill_null(False)
    later = committed.filter(stopped.cum_max())
    read: set[tuple[str, str]] = set()
    columns = ("department", "landing_path", "sha256", "reason_code", "submission_id")
    for department, path, digest, reason, identity in later.select(columns).reverse().iter_rows():
        names = {(department, path), (department, digest)}
        if reason != READING_STOPPED:
            read |= names
            continue
        submission = find(home, identity)
        if names & read or submission is None:
            continue
        if now - submission.received < timedelta(days=UNREADABLE_DAYS):
            stopped_by = submission.details.get("stopped")
            yield UnreadableFile(
                submission_id=identity,
                department=department,
                file_name=submission.file_name,
                received_at=submission.received_at,
                sha256=digest,
                cause=str(stopped_by.get("cause")) if isinstance(stopped_by, Mapping) else "",
                reason_zh=submission.reason_zh or "",
            )


def _returned(
    committed: pl.DataFrame, contracts: Contracts, now: datetime
) -> Iterator[ReturnedFile]:
    """Yield the tables that their senders have to mend, the latest first.

    One is mended by a later table of the department that is accepted whole and has its dataset or
    its file's name.
    """
    mended: set[tuple[str, str | None]] = set()
    oldest = now - timedelta(days=RETURNED_DAYS)
    for row in committed.reverse().iter_rows(named=True):
        department = row["department"]
        if datetime.fromisoformat(row["received_at"]) < oldest:
            return
        names = {(department, row["file_name"]), (department, row["dataset"])}
        if row["status"] == "accepted":
            mended |= names - {(department, None)}
        elif not names & mended and department in contracts.departments:
            back = f"{row['rows_rejected']} 行没有入库"
            yield ReturnedFile(
                submission_id=row["submission_id"],
                department=department,
                department_zh=contracts.departments[department].name_zh,
                file_name=row["file_name"],
                received_at=row["received_at"],
                reason=back if row["status"] == "partial" else row["reason_zh"] or "",
            )


def _hours_since(moment: str, now: datetime) -> float:
    return round((now - datetime.fromisoformat(moment)).total_seconds() / 3600, 1)


def _backup(home: Home, now: datetime) -> BackupFacts:
    last, released = last_backup(home), releases(home)
    return BackupFacts(
        last_at=last.at if last else None,
        folder=last.folder if last else None,
        age_hours=_hours_since(last.at, now) if last else None,
        published_for_hours=_hours_since(released[0].released_at, now) if released else 0.0,
    )


def _deliveries(committed: pl.DataFrame, contracts: Contracts) -> tuple[DepartmentDeliveries, ...]:
    counted = committed.group_by("department").agg(
        submissions=pl.len(),
        rows_accepted=pl.sum("rows_accepted"),
        rows_rejected=pl.sum("rows_rejected"),
        refused=(pl.col("status") == "refused").sum(),
        last_received_at=pl.max("received_at"),
    )
    found = {row.pop("department"): row for row in counted.iter_rows(named=True)}
    none = {
        **dict.fromkeys(("submissions", "rows_accepted", "rows_rejected", "refused"), 0),
        "last_received_at": None,
    }
    return tuple(
        DepartmentDeliveries(department=code, name_zh=department.name_zh, **found.get(code, none))
        for code, department in contracts.departments.items()
    )


def _publication(home: Home, now: datetime) -> PublicationFacts | None:
    """The publication in force. Raises PublishError when its file cannot be read."""
    manifest = current_manifest(home)
    if manifest is None:
        return None
    build = manifest.build
    return PublicationFacts(
        stamp=manifest.stamp,
        built_at=manifest.built_at,
        software_version=build.software_version,
        as_of=build.as_of,
        year=build.year,
        age_hours=_hours_since(manifest.built_at, now),
        rolled_back=rollback_in_force(home) is not None,
    )
