"""The alerts of current problems: loads, system, findings, held, returned, overdue submissions."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from orchestration.monitoring.alerts.model import Alert, CurrentAlerts
from orchestration.monitoring.alerts.settings import Kind
from orchestration.monitoring.model import Facts, HealthReport, LoadRecord
from warehouse.home.clock import COUNTY_ZONE, county_day
from warehouse.home.layout import Home
from warehouse.home.sql import literal
from warehouse.publication.candidate import pending_candidate
from warehouse.publication.current import PublishError

_PROBLEMS = 10  # problems of a load that an alert lists
_PROBLEM_LENGTH = 300  # characters
# Reasons of the health report that are alerts of their own; the others have theirs below.
_SYSTEM = (
    *("publication_overdue", "publication_unreadable", "disk_full", "files_waiting"),
    "landing_obstacles",
    *("backup_overdue", "backup_missing"),
)


def current_alerts(home: Home, report: HealthReport, severities: Collection[str]) -> CurrentAlerts:
    """Derive the alerts of a home from its health report.

    `severities` are those of the findings that alerts are wanted for.
    """
    facts = report.facts
    load, publication = facts.last_load, facts.publication
    alerts = [*_of_load(load), *_of_system(report), *_of_returned(facts)]
    assessed: set[Kind] = {"load", "system", "returned"}
    # A publication of a past moment or a rolled-back one says nothing about today's problems.
    present = publication and not publication.as_of and not publication.rolled_back
    result = load.result if load else None
    if result == "refused" and (candidate := _refused_candidate(home)):
        alerts += _of_findings(candidate, severities)
        assessed.add("finding")
    elif present and result not in ("failed", "refused"):
        alerts += [*_of_findings(home.database, severities), *_of_held(facts)]
        assessed |= {"finding", "held"}
    if present:
        alerts += _of_overdue(facts)
        assessed.add("overdue")
    return CurrentAlerts(alerts, frozenset(assessed))


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(COUNTY_ZONE):%m月%d日 %H:%M}"


def _of_load(load: LoadRecord | None) -> list[Alert]:
    if load is None or load.result not in ("failed", "refused"):
        return []
    # What failed, without the rows and texts that differ from night to night.
    names = sorted({": ".join(p.split("\n")[0].split(": ")[:2]) for p in load.problems})
    identity = sha256("\0".join([load.result, *names]).encode()).hexdigest()[:12]
    outcome = {
        "failed": "装载失败，已发布的数据不受影响",
        "refused": "装载未通过检查，没有发布，读者看到的仍是上一次的数据",
    }[load.result]
    listed = [" ".join(p.split())[:_PROBLEM_LENGTH] for p in load.problems[:_PROBLEMS]]
    if len(load.problems) > _PROBLEMS:
        listed.append(f"另有 {len(load.problems) - _PROBLEMS} 处")
    text = f"{outcome}（{_local(load.ended_at)}，运行 {load.run_id[:8]}）：" + "；".join(listed)
    return [Alert(f"load:{load.result}:{identity}", "load", text)]


def _of_system(report: HealthReport) -> list[Alert]:
    alerts = [
        Alert(f"system:{reason.code}", "system", reason.detail_zh)
        for reason in report.reasons
        if reason.code in _SYSTEM
    ]
    return alerts + [
        Alert(
            f"system:unreadable:{file.submission_id}",
            "system",
            f"{file.department} 报送的“{file.file_name}”无法读取（{file.cause}），已单独存放",
        )
        for file in report.facts.unreadable_files
    ]


def _refused_candidate(home: Home) -> Path | None:
    """Return the DuckDB file of a load that was refused, if there is one."""
    try:
        return pending_candidate(home).path
    except PublishError:
        return None


def _of_findings(database: Path, severities: Collection[str]) -> list[Alert]:
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
    except duckdb.Error:  # a file of a version that had no findings
        return []
    return [
        Alert(f"finding:{identity}", "finding", f"{severity}：{detail}", department, department_zh)
        for identity, severity, detail, department, department_zh in rows
    ]


def _of_held(facts: Facts) -> list[Alert]:
    return [
        Alert(
            f"held:{held.submission_id}",
            "held",
            f"{held.dataset_zh}“{held.file_name}”暂缓采用，没有计入：{held.reason}"
            "更正后重新报送即自动采用；核实无误的，数据组可恢复："
            f"eco submissions release {held.submission_id} --reason 原因",
            held.department,
            held.department_zh,
        )
        for held in facts.held
    ]


def _of_returned(facts: Facts) -> list[Alert]:
    return [
        Alert(
            f"returned:{file.submission_id}",
            "returned",
            f"{_local(file.received_at)} 报送的“{file.file_name}”需修改：{file.reason}。"
            "请看 receipts 文件夹里以“需修改”开头的回执，改好后重新报送",
            file.department,
            file.department_zh,
        )
        for file in facts.returned
    ]


def _of_overdue(facts: Facts) -> list[Alert]:
    today = county_day(datetime.fromisoformat(facts.at))
    return [
        Alert(
            f"overdue:{late.department}:{item.dataset}:{item.period}",
            "overdue",
            f"{item.dataset_zh} {item.period}（应于 {item.due_on} 前报送，"
            f"已逾期 {(today - item.due_on).days} 天）",
            late.department,
            late.name_zh,
        )
        for late in facts.late
        for item in late.items
        if item.due_on < today
    ]
