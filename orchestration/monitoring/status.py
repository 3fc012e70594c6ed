"""The text of `eco status`: the health report for a person, and the plans' indicators."""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from orchestration.monitoring.facts import held_submissions
from orchestration.monitoring.model import Facts, HealthReport, HeldSubmission
from sources.contracts import load_contracts
from warehouse.home.clock import county_time
from warehouse.home.layout import Home
from warehouse.publication.current import PublishError, current_manifest, rollback_in_force

_RESULTS = {
    "published": "published",
    "unchanged": "nothing new to publish",
    "refused": "refused by checks, nothing was published",
    "failed": "failed, nothing was published",
}
_GIB = 1 << 30


def what_stands(home: Home) -> str:
    """Return a sentence about what readers see where a load published nothing."""
    try:
        manifest = current_manifest(home)
    except PublishError as error:
        return str(error)
    if manifest is None:
        return "nothing is published yet"
    if rollback := rollback_in_force(home):
        return (
            f"the rollback of {county_time(rollback.at)} to the publication {manifest.stamp} stays "
            f"in force (reason: {rollback.reason or 'none given'}); eco nightly --rebuild ends it"
        )
    if manifest.build.as_of:
        seen = county_time(manifest.build.as_of)
        return f"the publication {manifest.stamp} as of {seen} stays in force"
    return f"the publication {manifest.stamp} stays in force"


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
    yield from _candidate_lines(facts)
    yield from _held_lines(facts.held)
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
    yield _backup_line(facts)
    used = ", ".join(f"{name} {size / _GIB:.2f}" for name, size in facts.disk.used_bytes.items())
    yield (
        f"disk: {facts.disk.home_bytes / _GIB:.2f} GiB used ({used}), "
        f"{facts.disk.free_bytes / _GIB:.1f} GiB free"
    )
    if facts.serving:
        state = f"failed: {facts.serving.error}" if facts.serving.error else "copied"
        yield f"PostgreSQL: {facts.serving.stamp} {state}, {county_time(facts.serving.at)}"
    yield f"logs: {Home.at(facts.home).logs}"
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


def held_lines(home: Home) -> Iterator[str]:
    """Yield the lines about the submissions that the publication leaves out."""
    yield from _held_lines(held_submissions(home, load_contracts()))


def _held_lines(held: Sequence[HeldSubmission]) -> Iterator[str]:
    if held:
        yield f"held submissions: {len(held)} (see: eco submissions list --held)"
    for each in held:
        yield f"  {each.department_zh} {each.file_name} ({each.submission_id}): {each.reason}"


def _candidate_lines(facts: Facts) -> Iterator[str]:
    candidate = facts.candidate
    if candidate is not None:
        counted = ", ".join(f"{number} {name}" for name, number in candidate.findings.items())
        yield f"open findings of the refused candidate {candidate.stamp}: {counted}"
        yield f"  its checks in a browser: {candidate.pages}"


def _backup_line(facts: Facts) -> str:
    backup = facts.backup
    if backup.last_at is None:
        return "last backup: none yet; run: eco backup DIR"
    taken = county_time(backup.last_at)
    return f"last backup: {taken}, {backup.age_hours:g} h ago, in {backup.folder}"


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
