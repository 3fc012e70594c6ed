"""Facts about a home, read from its files: loads, deliveries, findings, waiting files, disk.

Dagster need not run. What the facts mean is decided in `orchestration.monitoring.health`.
"""

import os
import shutil
from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Literal

import duckdb

from orchestration.intake.landing import waiting_files
from sources.contracts import Contracts
from warehouse.home.layout import Home
from warehouse.lake.submissions import submissions
from warehouse.publication.current import current_manifest, rollback_in_force

Level = Literal["ok", "warning", "critical"]
LEVELS: dict[str, tuple[int, str]] = {
    "ok": (0, "正常"),
    "warning": (1, "注意"),
    "critical": (2, "异常"),
}
SEVERITIES = ("critical", "verify", "notice")
_USED_BY = ("landing", "archive", "lake", "quarantine", "published", "state")


def _ask(home: Home, query: str) -> list[dict[str, Any]]:
    """Rows of the published file; none where it does not have what is asked for (yet).

    That it cannot be read at all is a reason of its own.
    """
    if not home.database.exists():
        return []
    try:
        with duckdb.connect(str(home.database), read_only=True) as connection:
            found = connection.sql(query)
            return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error:
        return []


def overdue(home: Home, today: date) -> list[dict[str, Any]]:
    """What was due and has not come, as of the last publication; `days_late` as of `today`."""
    rows = _ask(
        home,
        "select department, department_zh, dataset, dataset_zh, period, due_on "
        "from marts.department_scorecard where due_on is not null and received_on is null "
        "order by department, due_on desc, dataset, period",
    )
    return [{**row, "days_late": (today - row["due_on"]).days} for row in rows]


def late_departments(home: Home, contracts: Contracts, today: date) -> list[dict[str, Any]]:
    by_department: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in overdue(home, today):
        by_department[row["department"]].append(row)
    return [
        {
            "department": code,
            "name_zh": department.name_zh,
            "overdue": len(items),
            "longest_days": max((item["days_late"] for item in items), default=0),
            "items": [
                {key: item[key] for key in ("dataset", "dataset_zh", "period", "due_on")}
                for item in items
            ],
        }
        for code, department in contracts.departments.items()
        for items in (by_department.get(code, []),)
    ]


def open_findings(home: Home) -> dict[str, int]:
    """How many findings of the last publication are not mended, by severity."""
    rows = _ask(
        home,
        "select severity, count(*) as number from marts.findings where state <> 'mended' "
        "group by severity",
    )
    return {severity: 0 for severity in SEVERITIES} | {r["severity"]: r["number"] for r in rows}


def _bytes(root: str) -> int:
    """Disk blocks below a folder, a file with several names once, as `du` counts."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for parent, _, names in os.walk(root):
        for name in names:
            try:
                status = os.lstat(os.path.join(parent, name))
            except FileNotFoundError:  # work files come and go
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_blocks * 512
    return total


def disk_use(home: Home) -> dict[str, Any]:
    usage = shutil.disk_usage(home.root)
    used = {name: _bytes(str(home.root / name)) for name in _USED_BY}
    return {
        "used_bytes": used,
        "home_bytes": sum(used.values()),
        "free_bytes": usage.free,
        "total_bytes": usage.total,
    }


def waiting_summary(home: Home, now: datetime) -> dict[str, Any]:
    """How many files lie in landing, and since when the one that came first does.

    A file's own time may be older than its arrival: copying keeps it.
    """
    files = waiting_files(home)
    came = []
    for name in files:
        with suppress(FileNotFoundError):  # taken in meanwhile
            came.append((home.landing / name).lstat().st_ctime)
    hours = (now.timestamp() - min(came)) / 3600 if came else 0.0
    return {"waiting_files": len(files), "longest_waiting_hours": round(max(hours, 0.0), 1)}


def department_deliveries(home: Home, contracts: Contracts) -> list[dict[str, Any]]:
    committed = submissions(home)
    departments = []
    for code, department in contracts.departments.items():
        of_department = [s for s in committed if s.department == code]
        departments.append(
            {
                "department": code,
                "name_zh": department.name_zh,
                "submissions": len(of_department),
                "rows_accepted": sum(s.rows_accepted for s in of_department),
                "rows_rejected": sum(s.rows_rejected for s in of_department),
                "refused": sum(1 for s in of_department if s.status == "refused"),
                "last_received_at": of_department[-1].received_at if of_department else None,
            }
        )
    return departments


def publication_facts(home: Home, now: datetime) -> dict[str, Any] | None:
    manifest = current_manifest(home)
    if manifest is None:
        return None
    built = datetime.fromisoformat(manifest.built_at)
    return {
        "stamp": manifest.stamp,
        "built_at": manifest.built_at,
        "software_version": manifest.build.software_version,
        "as_of": manifest.build.as_of,
        "year": manifest.build.year,
        "age_hours": round((now - built).total_seconds() / 3600, 1),
        "rolled_back": rollback_in_force(home) is not None,
    }


def alert_channels(home: Home) -> dict[str, Any]:
    from orchestration.monitoring.alerts.state import channels

    return channels(home)
