"""How the warehouse is: last load, last publication, what is late, open findings, disk.

One picture for `eco status`, for the health file and for the text file that Prometheus scrapes.
It is made from files of the data home alone: Dagster need not run. Printing is the command line's
business, raising an alarm that of `orchestration.alerts`.
"""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from orchestration.intake import waiting_files
from sources.contracts import Contracts, load_contracts
from warehouse.clock import county_day, county_time
from warehouse.files import replacing, write_text
from warehouse.home import Home
from warehouse.lake import submissions
from warehouse.publish import PublishError, current_manifest, rollback_in_force

if TYPE_CHECKING:
    from orchestration.outcome import LoadOutcome  # it imports Dagster: seconds for `eco status`

# The county's day is part of what a publication follows from, so that each night makes one: older
# than a night and some hours means that a load is missing, than two that somebody has to look.
STALE_AFTER = timedelta(hours=26)
OVERDUE_AFTER = timedelta(hours=50)
WAITING_HOURS = 1.5  # the daemon takes a file in within a minute
LITTLE_DISK = 0.10
NO_DISK = 0.03
Level = Literal["ok", "warning", "critical"]
LEVELS: dict[str, tuple[int, str]] = {
    "ok": (0, "正常"),
    "warning": (1, "注意"),
    "critical": (2, "异常"),
}
SEVERITIES = ("critical", "verify", "notice")
_USED_BY = ("landing", "archive", "lake", "quarantine", "published", "state")


def record_load(home: Home, outcome: "LoadOutcome") -> bool:
    """Keep how the last load ended; False when a later one is on record already."""
    known = last_load(home)
    if known is not None and known["started_at"] > outcome.started_at:
        return False
    record = outcome.to_dict()
    if outcome.result in ("failed", "refused"):
        record["last_success_at"] = (known or {}).get("last_success_at")
    else:
        record["last_success_at"] = outcome.ended_at
    write_text(home.last_load, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    return True


def last_load(home: Home) -> dict[str, Any] | None:
    """The record of the last load, or None before the first."""
    try:
        return json.loads(home.last_load.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # cut off by a failing disk: the next load tells
        return None


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


def _late(home: Home, contracts: Contracts, today: date) -> list[dict[str, Any]]:
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


def _disk(home: Home) -> dict[str, Any]:
    usage = shutil.disk_usage(home.root)
    used = {name: _bytes(str(home.root / name)) for name in _USED_BY}
    return {
        "used_bytes": used,
        "home_bytes": sum(used.values()),
        "free_bytes": usage.free,
        "total_bytes": usage.total,
    }


def _waiting(home: Home, now: datetime) -> dict[str, Any]:
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


def _departments(home: Home, contracts: Contracts) -> list[dict[str, Any]]:
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


def _publication(home: Home, now: datetime) -> dict[str, Any] | None:
    manifest = current_manifest(home)
    if manifest is None:
        return None
    built = datetime.fromisoformat(manifest["built_at"])
    kept = ("stamp", "built_at", "software_version", "as_of", "year")
    return {
        **{key: manifest.get(key) for key in kept},
        "age_hours": round((now - built).total_seconds() / 3600, 1),
        "rolled_back": rollback_in_force(home) is not None,
    }


def _reasons(picture: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is not as it should be, the gravest first."""
    found: list[dict[str, str]] = []

    def say(level: Level, code: str, text: str) -> None:
        found.append({"level": level, "code": code, "detail_zh": text})

    load, publication, disk = (picture[k] for k in ("last_load", "publication", "disk"))
    ended = county_time(load["ended_at"]) if load else ""
    if load and load["result"] == "failed":
        say("critical", "load_failed", f"最近一次装载失败（{ended}）")
    if load and load["result"] == "refused":
        say("critical", "load_refused", f"最近一次装载未通过检查，未发布（{ended}）")
    if picture["unreadable"]:
        text = f"已发布的数据文件损坏，读者打不开：{picture['unreadable']}"
        say("critical", "publication_unreadable", text)
    elif publication is None:
        say("warning", "nothing_published", "尚未发布过数据")
    elif publication["as_of"]:
        seen = county_time(publication["as_of"])
        say("warning", "past_published", f"当前发布的是 {seen} 时点的数据，下次装载后恢复为现状")
    elif publication["rolled_back"]:
        say("warning", "rolled_back", f"当前发布的是回退后的版本 {publication['stamp']}")
    else:
        age = timedelta(hours=publication["age_hours"])
        text = f"已有 {publication['age_hours']:.0f} 小时没有新的发布"
        if age > OVERDUE_AFTER:
            say("critical", "publication_overdue", text)
        elif age > STALE_AFTER:
            say("warning", "publication_stale", text)
    free = disk["free_bytes"] / disk["total_bytes"] if disk["total_bytes"] else 1.0
    if free < NO_DISK:
        say("critical", "disk_full", f"磁盘只剩 {free:.1%}")
    elif free < LITTLE_DISK:
        say("warning", "disk_low", f"磁盘只剩 {free:.1%}")
    if picture["findings"]["critical"]:
        say("critical", "critical_findings", f"强制性问题 {picture['findings']['critical']} 项")
    late = sum(department["overdue"] for department in picture["late"])
    if late:
        say("warning", "overdue_submissions", f"逾期未报 {late} 项")
    if picture["longest_waiting_hours"] > WAITING_HOURS:
        say(
            "warning",
            "files_waiting",
            f"{picture['waiting_files']} 个报送文件未能入库，"
            f"最早的已等待 {picture['longest_waiting_hours']:.0f} 小时",
        )
    for name, channel in picture["alerts"].items():
        if channel.get("error"):
            say("warning", "alerts_failing", f"告警渠道 {name} 发送失败：{channel['error']}")
    return sorted(found, key=lambda reason: -LEVELS[reason["level"]][0])


def examine(home: Home, now: datetime | None = None) -> dict[str, Any]:
    """The whole picture of a home; every value is one that JSON can carry but dates.

    `state` is "critical" when somebody has to act for readers to have what they should (a load
    failed or was refused, nothing was published for two days, the disk is full), "warning" when
    something is to be looked at, else "ok"; `reasons` say why. Raises HomeError when it is no home.
    """
    home.require()
    now = now or datetime.now(UTC)
    contracts = load_contracts()
    unreadable = None
    try:
        publication = _publication(home, now)
    except PublishError as error:
        publication, unreadable = None, str(error)
    picture: dict[str, Any] = {
        "home": str(home.root),
        "database": str(home.database) if publication else None,
        "at": now.isoformat(timespec="seconds"),
        "last_load": last_load(home),
        "publication": publication,
        "unreadable": unreadable,
        "late": _late(home, contracts, county_day(now)),
        "findings": open_findings(home),
        **_waiting(home, now),
        "disk": _disk(home),
        "departments": _departments(home, contracts),
        "alerts": _channels(home),
    }
    reasons = _reasons(picture)
    worst = max((LEVELS[r["level"]][0] for r in reasons), default=0)
    state = next(level for level, (rank, _) in LEVELS.items() if rank == worst)
    return {"state": state, "state_zh": LEVELS[state][1], "reasons": reasons, **picture}


def _channels(home: Home) -> dict[str, Any]:
    from orchestration.alerts.state import channels

    return channels(home)


def write(home: Home) -> dict[str, Any]:
    """Write the health file and the text file for Prometheus; return the picture.

    They are replaced atomically, so that a scraper never sees half of one.
    """
    picture = examine(home)
    text = json.dumps(picture, ensure_ascii=False, indent=1, default=str) + "\n"
    write_text(home.health / "health.json", text)
    with replacing(home.health / "eco.prom") as part:
        part.write_bytes(_prometheus(picture))
    return picture


def _seconds(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _prometheus(picture: Mapping[str, Any]) -> bytes:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"eco_{name}", text, labels, registry=registry)

    gauge("state", "0 in order, 1 to be looked at, 2 somebody has to act").set(
        LEVELS[picture["state"]][0]
    )
    gauge("health_written_timestamp_seconds", "When this file was written").set(
        _seconds(picture["at"])
    )
    load = picture["last_load"] or {}
    results = gauge("last_load_result", "1 for how the last load ended", "result")
    for result in ("published", "unchanged", "refused", "failed"):
        results.labels(result).set(load.get("result") == result)
    gauge("last_load_end_timestamp_seconds", "When the last load ended").set(
        _seconds(load.get("ended_at"))
    )
    gauge("last_load_duration_seconds", "How long it took").set(load.get("seconds", 0))
    gauge("last_successful_load_timestamp_seconds", "When the last good load ended").set(
        _seconds(load.get("last_success_at"))
    )
    publication = picture["publication"] or {}
    gauge("publication_timestamp_seconds", "When the published file was built").set(
        _seconds(publication.get("built_at"))
    )
    late = gauge("overdue_submissions", "What was due and has not come", "department")
    for department in picture["late"]:
        late.labels(department["department"]).set(department["overdue"])
    findings = gauge("open_findings", "Findings that are not mended", "severity")
    for severity, number in picture["findings"].items():
        findings.labels(severity).set(number)
    gauge("waiting_files", "Files in landing").set(picture["waiting_files"])
    gauge("longest_waiting_seconds", "Since when the first of them lies there").set(
        picture["longest_waiting_hours"] * 3600
    )
    disk = picture["disk"]
    used = gauge("home_bytes", "Disk use by folder of the data home", "folder")
    for folder, size in disk["used_bytes"].items():
        used.labels(folder).set(size)
    gauge("disk_free_bytes", "Free on the home's file system").set(disk["free_bytes"])
    gauge("disk_size_bytes", "Size of the home's file system").set(disk["total_bytes"])
    rows = gauge("submission_rows", "Rows delivered so far", "department", "outcome")
    for department in picture["departments"]:
        rows.labels(department["department"], "accepted").set(department["rows_accepted"])
        rows.labels(department["department"], "rejected").set(department["rows_rejected"])
    failing = gauge("alert_channel_failing", "1 while alerts do not get through", "channel")
    for name, channel in picture["alerts"].items():
        failing.labels(name).set(bool(channel.get("error")))
    return generate_latest(registry)
