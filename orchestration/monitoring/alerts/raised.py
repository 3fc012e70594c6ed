"""What is wrong now, as alerts: each has an identity that stays while the same thing is wrong."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from orchestration.monitoring.alerts.model import Alert, Raised
from orchestration.monitoring.alerts.settings import Kind
from orchestration.monitoring.facts import overdue
from warehouse.home.clock import COUNTY_ZONE, county_day
from warehouse.home.layout import Home
from warehouse.home.sql import literal
from warehouse.publication.candidate import pending_candidate
from warehouse.publication.current import PublishError

_PROBLEMS = 10
_PROBLEM_LENGTH = 300
# Reasons of the health report that are alerts of their own; the others have theirs below.
_SYSTEM = ("publication_overdue", "publication_unreadable", "disk_full", "files_waiting")


def raised(
    home: Home, picture: dict[str, Any], severities: Collection[str], now: datetime
) -> Raised:
    """What is wrong in a home of which `picture` is the health report."""
    load, publication = picture["last_load"], picture["publication"]
    alerts = [*_load(load), *_system(picture)]
    judged: set[Kind] = {"load", "system"}
    # Of another day's or an earlier state nothing follows for what is wrong today.
    present = publication and not publication["as_of"] and not publication["rolled_back"]
    result = load["result"] if load else None
    if result == "refused" and (candidate := _candidate(home)):
        alerts += _findings(candidate, severities)
        judged.add("finding")
    elif present and result not in ("failed", "refused"):
        alerts += _findings(home.database, severities)
        judged.add("finding")
    if present:
        alerts += _overdue(home, now)
        judged.add("overdue")
    return Raised(alerts, frozenset(judged))


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(COUNTY_ZONE):%m月%d日 %H:%M}"


def _load(load: dict[str, Any] | None) -> list[Alert]:
    if not load or load["result"] not in ("failed", "refused"):
        return []
    problems = load["problems"]
    # What failed, without the rows and texts that differ from night to night.
    names = sorted({": ".join(p.split("\n")[0].split(": ")[:2]) for p in problems})
    identity = sha256("\0".join([load["result"], *names]).encode()).hexdigest()[:12]
    how = {
        "failed": "装载失败，已发布的数据不受影响",
        "refused": "装载未通过检查，没有发布，读者看到的仍是上一次的数据",
    }[load["result"]]
    told = [" ".join(p.split())[:_PROBLEM_LENGTH] for p in problems[:_PROBLEMS]]
    if len(problems) > _PROBLEMS:
        told.append(f"另有 {len(problems) - _PROBLEMS} 处")
    text = f"{how}（{_local(load['ended_at'])}，运行 {load['run_id'][:8]}）：" + "；".join(told)
    return [Alert(f"load:{load['result']}:{identity}", "load", text)]


def _system(picture: dict[str, Any]) -> list[Alert]:
    return [
        Alert(f"system:{reason['code']}", "system", reason["detail_zh"])
        for reason in picture["reasons"]
        if reason["code"] in _SYSTEM
    ]


def _candidate(home: Home) -> Path | None:
    """The file of a load that was refused."""
    try:
        return pending_candidate(home).path
    except PublishError:
        return None


def _findings(database: Path, severities: Collection[str]) -> list[Alert]:
    if not severities:
        return []
    wanted = ", ".join(literal(severity) for severity in severities)
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            rows = connection.execute(
                "select finding_id, severity_zh, detail_zh, department, department_zh "
                f"from marts.findings where state <> 'mended' and severity in ({wanted}) "
                "order by severity, finding_id"
            ).fetchall()
    except duckdb.Error:  # a file of before there were findings
        return []
    return [
        Alert(f"finding:{identity}", "finding", f"{severity}：{detail}", department, department_zh)
        for identity, severity, detail, department, department_zh in rows
    ]


def _overdue(home: Home, now: datetime) -> list[Alert]:
    return [
        Alert(
            f"overdue:{row['department']}:{row['dataset']}:{row['period']}",
            "overdue",
            f"{row['dataset_zh']} {row['period']}（应于 {row['due_on']} 前报送，"
            f"已逾期 {row['days_late']} 天）",
            row["department"],
            row["department_zh"],
        )
        for row in overdue(home, county_day(now))
        if row["days_late"] > 0
    ]
