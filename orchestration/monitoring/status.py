"""The text of `eco status`: the health report for a person, and the plans' indicators."""

from collections.abc import Iterator
from typing import Any

import duckdb

from orchestration.monitoring.model import Facts, HealthReport
from warehouse.home.clock import county_time
from warehouse.home.layout import Home

_RESULTS = {
    "published": "published",
    "unchanged": "nothing new, the last publication stays in force",
    "refused": "refused by checks, the last publication stays in force",
    "failed": "failed, the last publication stays in force",
}
_GIB = 1 << 30


def lines(report: HealthReport) -> Iterator[str]:
    """Yield the lines of a health report, without the departments' deliveries."""
    facts = report.facts
    yield from _load_lines(facts)
    yield _publication_line(facts)
    late = [department for department in facts.late if department.overdue]
    yield f"overdue: {sum(department.overdue for department in late)} submission(s)"
    for department in late:
        yield (
            f"  {department.name_zh} ({department.department}): {department.overdue}, "
            f"late by up to {department.longest_days} day(s)"
        )
    findings = ", ".join(f"{number} {name}" for name, number in facts.findings.items())
    yield f"open findings: {findings}"
    since = f", the oldest for {facts.longest_waiting_hours:g} h" if facts.waiting_files else ""
    yield f"files waiting in landing: {facts.waiting_files}{since}"
    if facts.obstacle_count:
        yield f"left in landing as they are: {facts.obstacle_count}"
    yield from (f"  {o.path}: {o.code}, {o.detail_zh}" for o in facts.obstacles)
    yield f"files that cannot be read, set aside: {len(facts.unreadable_files)}"
    for file in facts.unreadable_files:
        yield (
            f"  {file.department}/{file.file_name}, received {county_time(file.received_at)}: "
            f"{file.cause}; archive/{file.sha256[:2]}/{file.sha256}"
        )
    used = ", ".join(f"{name} {size / _GIB:.2f}" for name, size in facts.disk.used_bytes.items())
    yield (
        f"disk: {facts.disk.home_bytes / _GIB:.2f} GiB used ({used}), "
        f"{facts.disk.free_bytes / _GIB:.1f} GiB free"
    )
    yield f"state: {report.state} ({report.state_zh})"
    yield from (f"  {reason.level}: {reason.detail_zh}" for reason in report.reasons)


def _load_lines(facts: Facts) -> Iterator[str]:
    load = facts.last_load
    if load is None:
        yield "last load: none yet; run: eco nightly"
        return
    yield (
        f"last load: {county_time(load.ended_at)}, {load.seconds:.0f} s, "
        f"started by {load.started_by}: {_RESULTS[load.result]}"
    )
    yield from (f"  {' '.join(problem.split())[:200]}" for problem in load.problems[:10])


def _publication_line(facts: Facts) -> str:
    publication = facts.publication
    if publication is None:
        return "nothing is published yet; run: eco nightly"
    notes = [
        f"built {county_time(publication.built_at)}, {publication.age_hours:g} h ago",
        f"by version {publication.software_version}",
    ]
    if publication.as_of:
        notes.append(f"as of {county_time(publication.as_of)}")
    if publication.rolled_back:
        notes.append("restored by eco publish --rollback")
    return f"published {publication.stamp}, {', '.join(notes)}"


def indicators(home: Home) -> list[dict[str, Any]]:
    """Return the published rows of the plans' indicators, without the targets of their text."""
    with duckdb.connect(str(home.database), read_only=True) as connection:
        # Only indicators of the plans' tables have a nature (binding or anticipated).
        relation = connection.sql(
            "select * from marts.indicator_progress where nature is not null order by indicator_id"
        )
        columns = relation.columns
        return [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
