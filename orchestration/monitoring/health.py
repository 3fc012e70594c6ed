"""The health report of a home: facts assessed, as `eco status` and the health files show them.

It is made from files of the data home alone: Dagster need not run. Printing it is `status`' task,
sending alerts that of `alerts`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from orchestration.monitoring.facts import collect
from orchestration.monitoring.model import LEVELS, Facts, HealthReport, Reason
from orchestration.monitoring.prometheus import prometheus_text
from sources.contracts import load_contracts
from warehouse.home.clock import county_time
from warehouse.home.files import replacing, write_text
from warehouse.home.layout import Home

# The county's day is an input of a publication, so that each night makes one: older than a night
# and some hours means that a load is missing, than two nights that somebody has to act.
STALE_AFTER = timedelta(hours=26)
OVERDUE_AFTER = timedelta(hours=50)
UNSAVED_HOURS = 7 * 24  # a home that is published for a week is no trial
WAITING_HOURS = 1.5  # the daemon takes a file in within a minute
LOW_DISK = 0.10
FULL_DISK = 0.03
_NAMED = 5


def examine(home: Home, now: datetime | None = None) -> HealthReport:
    """Collect the facts of a home and assess them. Raises HomeError when it is no home."""
    home.require()
    return assess(collect(home, load_contracts(), now or datetime.now(UTC)))


def assess(facts: Facts) -> HealthReport:
    """Derive state and reasons from facts.

    The state is "critical" when somebody has to act for readers to have what they should (a load
    failed or was refused, nothing was published for two days, the disk is full), "warning" when
    something needs a look, else "ok".
    """
    found = [reason for rule in _RULES for reason in rule(facts)]
    reasons = sorted(found, key=lambda reason: -LEVELS[reason.level][0])
    state = reasons[0].level if reasons else "ok"
    return HealthReport(state, LEVELS[state][1], tuple(reasons), facts)


def write(home: Home, report: HealthReport) -> None:
    """Write health.json and the text file for Prometheus.

    They are replaced atomically, so that a scraper never sees half of one.
    """
    write_text(home.health / "health.json", report.to_json())
    with replacing(home.health / "eco.prom") as part:
        part.write_bytes(prometheus_text(report))


def _of_load(facts: Facts) -> Iterator[Reason]:
    load = facts.last_load
    if load is None:
        return
    ended = county_time(load.ended_at)
    if load.result == "failed":
        yield Reason("critical", "load_failed", f"最近一次装载失败（{ended}）")
    if load.result == "refused":
        yield Reason("critical", "load_refused", f"最近一次装载未通过检查，未发布（{ended}）")


def _of_publication(facts: Facts) -> Iterator[Reason]:
    publication = facts.publication
    if facts.unreadable:
        text = f"已发布的数据文件损坏，读者打不开：{facts.unreadable}"
        yield Reason("critical", "publication_unreadable", text)
    elif publication is None:
        yield Reason("warning", "nothing_published", "尚未发布过数据")
    elif publication.as_of:
        seen = county_time(publication.as_of)
        text = f"当前发布的是 {seen} 时点的数据，下次装载后恢复为现状"
        yield Reason("warning", "past_published", text)
    elif publication.rolled_back:
        text = f"当前发布的是回退后的版本 {publication.stamp}"
        yield Reason("warning", "rolled_back", text)
    else:
        age = timedelta(hours=publication.age_hours)
        text = f"已有 {publication.age_hours:.0f} 小时没有新的发布"
        if age > OVERDUE_AFTER:
            yield Reason("critical", "publication_overdue", text)
        elif age > STALE_AFTER:
            yield Reason("warning", "publication_stale", text)


def _of_disk(facts: Facts) -> Iterator[Reason]:
    free = facts.disk.free_share
    if free < FULL_DISK:
        yield Reason("critical", "disk_full", f"磁盘只剩 {free:.1%}")
    elif free < LOW_DISK:
        yield Reason("warning", "disk_low", f"磁盘只剩 {free:.1%}")


def _of_backup(facts: Facts) -> Iterator[Reason]:
    backup = facts.backup
    if backup.age_hours is None:
        if backup.published_for_hours > UNSAVED_HOURS:
            text = f"发布 {backup.published_for_hours / 24:.0f} 天以来从未备份"
            yield Reason("warning", "backup_missing", text)
    elif timedelta(hours=backup.age_hours) > OVERDUE_AFTER:
        text = f"已有 {backup.age_hours:.0f} 小时没有备份"
        yield Reason("warning", "backup_overdue", text)


def _of_data(facts: Facts) -> Iterator[Reason]:
    if number := facts.findings["critical"]:
        yield Reason("critical", "critical_findings", f"强制性问题 {number} 项")
    if facts.held:
        yield Reason("warning", "submissions_held", f"暂缓采用的报送 {len(facts.held)} 份")
    if late := sum(department.overdue for department in facts.late):
        yield Reason("warning", "overdue_submissions", f"逾期未报 {late} 项")
    if facts.longest_waiting_hours > WAITING_HOURS:
        text = (
            f"{facts.waiting_files} 个报送文件未能入库，"
            f"最早的已等待 {facts.longest_waiting_hours:.0f} 小时"
        )
        yield Reason("warning", "files_waiting", text)
    if facts.obstacle_count:
        first = facts.obstacles[0]
        example = f"{first.path}：{first.detail_zh}"
        text = f"报送文件夹中有 {facts.obstacle_count} 处没有读取，如 {example}"
        yield Reason("warning", "landing_obstacles", text)


def _of_unreadable_files(facts: Facts) -> Iterator[Reason]:
    if facts.unreadable_files:
        names = "、".join(f"{f.department}/{f.file_name}" for f in facts.unreadable_files[:_NAMED])
        more = " 等" if len(facts.unreadable_files) > _NAMED else ""
        text = f"{len(facts.unreadable_files)} 个报送文件无法读取，已单独存放：{names}{more}"
        yield Reason("warning", "files_unreadable", text)


def _of_alerts(facts: Facts) -> Iterator[Reason]:
    for name, channel in facts.alerts.items():
        if channel.error:
            yield Reason("warning", "alerts_failing", f"告警渠道 {name} 发送失败：{channel.error}")


def _of_state(facts: Facts) -> Iterator[Reason]:
    if facts.set_aside:
        newest = f"state/damaged/{facts.set_aside[-1]}"
        text = f"有损坏的状态文件已移到 {newest}（共 {len(facts.set_aside)} 次），查看后可删除"
        yield Reason("warning", "state_set_aside", text)


def _of_serving(facts: Facts) -> Iterator[Reason]:
    copy, publication = facts.serving, facts.publication
    if copy is None or publication is None:
        return
    if copy.error:
        yield Reason("warning", "serving_failed", f"PostgreSQL 副本未能更新：{copy.error}")
    elif copy.stamp != publication.stamp:
        yield Reason("warning", "serving_lags", f"PostgreSQL 副本仍是 {copy.stamp} 的数据")


_RULES: tuple[Callable[[Facts], Iterator[Reason]], ...] = (
    _of_load,
    _of_publication,
    _of_disk,
    _of_backup,
    _of_data,
    _of_unreadable_files,
    _of_alerts,
    _of_state,
    _of_serving,
)
