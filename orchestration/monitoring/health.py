"""How the warehouse is: last load, last publication, what is late, open findings, disk.

One picture for `eco status`, for the health file and for the text file that Prometheus scrapes.
It is made from files of the data home alone: Dagster need not run. Printing is the command line's
business, raising an alarm that of `orchestration.alerts`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestration.monitoring.loads import last_load
from sources.contracts import load_contracts
from warehouse.home.clock import county_day, county_time
from warehouse.home.files import replacing, write_text
from warehouse.home.layout import Home
from warehouse.publication.current import PublishError

if TYPE_CHECKING:
    pass  # it imports Dagster: seconds for `eco status`
from orchestration.monitoring.facts import (
    LEVELS,
    Level,
    alert_channels,
    department_deliveries,
    disk_use,
    late_departments,
    open_findings,
    publication_facts,
    waiting_summary,
)
from orchestration.monitoring.prometheus import prometheus_text

# The county's day is part of what a publication follows from, so that each night makes one: older
# than a night and some hours means that a load is missing, than two that somebody has to look.
STALE_AFTER = timedelta(hours=26)
OVERDUE_AFTER = timedelta(hours=50)
WAITING_HOURS = 1.5  # the daemon takes a file in within a minute
LITTLE_DISK = 0.10
NO_DISK = 0.03


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
        publication = publication_facts(home, now)
    except PublishError as error:
        publication, unreadable = None, str(error)
    picture: dict[str, Any] = {
        "home": str(home.root),
        "database": str(home.database) if publication else None,
        "at": now.isoformat(timespec="seconds"),
        "last_load": last_load(home),
        "publication": publication,
        "unreadable": unreadable,
        "late": late_departments(home, contracts, county_day(now)),
        "findings": open_findings(home),
        **waiting_summary(home, now),
        "disk": disk_use(home),
        "departments": department_deliveries(home, contracts),
        "alerts": alert_channels(home),
    }
    reasons = _reasons(picture)
    worst = max((LEVELS[r["level"]][0] for r in reasons), default=0)
    state = next(level for level, (rank, _) in LEVELS.items() if rank == worst)
    return {"state": state, "state_zh": LEVELS[state][1], "reasons": reasons, **picture}


def write(home: Home) -> dict[str, Any]:
    """Write the health file and the text file for Prometheus; return the picture.

    They are replaced atomically, so that a scraper never sees half of one.
    """
    picture = examine(home)
    text = json.dumps(picture, ensure_ascii=False, indent=1, default=str) + "\n"
    write_text(home.health / "health.json", text)
    with replacing(home.health / "eco.prom") as part:
        part.write_bytes(prometheus_text(picture))
    return picture
