"""The outcome of a load, read from the events of its Dagster run, whoever started it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster import DagsterEventType

from orchestration.keys import PUBLISHED
from orchestration.monitoring.model import LoadOutcome, Result
from orchestration.progress import failure_text
from orchestration.refusals import CAUSES, REFUSED_BY_CHECKS

# The events that the outcome is derived from.
_EVENT_TYPES = {
    DagsterEventType.ASSET_CHECK_EVALUATION,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.RUN_FAILURE,
}


def _listed(metadata: Mapping[str, dg.MetadataValue], key: str) -> list[Any]:
    value = getattr(metadata.get(key), "value", None)
    return value if isinstance(value, list) else []


def _lines(check: dg.AssetCheckEvaluation) -> list[str]:
    """Return a line for each cause of a failed check; its failing rows where none is recorded."""
    name = f"{check.asset_key.to_user_string()}: {check.check_name}"
    causes = _listed(check.metadata, CAUSES)
    if not causes and (rows := _listed(check.metadata, "failing_rows")):
        causes = ["; ".join(", ".join(f"{k}={v}" for k, v in row.items()) for row in rows)]
    return [f"{name}: {cause}" for cause in causes] or [name]


def _events(instance: dg.DagsterInstance, run_id: str) -> Iterator[dg.DagsterEvent]:
    for entry in instance.all_logs(run_id, of_type=_EVENT_TYPES):
        if entry.dagster_event is not None:
            yield entry.dagster_event


def _problems(events: list[dg.DagsterEvent]) -> tuple[bool, list[str]]:
    """Return whether checks refused the publication, and a line per failed check or step."""
    evaluations = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    checks = [e for e in evaluations if not e.passed and e.severity == dg.AssetCheckSeverity.ERROR]
    lines = [line for check in checks for line in _lines(check)]
    refused = bool(checks)
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            metadata = data.user_failure_data.metadata if data.user_failure_data else {}
            if REFUSED_BY_CHECKS in metadata:
                refused = bool(metadata[REFUSED_BY_CHECKS].value)
            if not checks:
                lines.append(f"{event.step_key}: {failure_text(event)}")
    if not lines:  # it ended outside of any step
        lines = [
            event.message or "no reason recorded"
            for event in events
            if event.event_type == DagsterEventType.RUN_FAILURE
        ] or ["the run was canceled"]
    return refused, lines


def _started_by(run: dg.DagsterRun) -> str:
    tags = run.tags
    for tag in ("eco/started_by", "dagster/schedule_name", "dagster/sensor_name"):
        if tag in tags:
            return tags[tag]
    return "web UI"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def load_outcome(instance: dg.DagsterInstance, run_id: str) -> LoadOutcome | None:
    """Return the outcome of a run of the nightly load; None while it runs or if there is none."""
    record = instance.get_run_record_by_id(run_id)
    if record is None or not record.dagster_run.is_finished:
        return None
    run = record.dagster_run
    started = record.start_time or record.create_timestamp.timestamp()
    ended = record.end_time or started
    events = list(_events(instance, run_id))
    problems: list[str] = []
    result: Result
    if run.is_success:
        published = any(
            event.is_step_materialization and event.asset_key == PUBLISHED for event in events
        )
        result = "published" if published else "unchanged"
    else:
        refused, problems = _problems(events)
        result = "refused" if refused else "failed"
    return LoadOutcome(
        run_id=run_id,
        job=run.job_name,
        result=result,
        started_at=_moment(started),
        ended_at=_moment(ended),
        seconds=round(ended - started, 1),
        started_by=_started_by(run),
        problems=tuple(problems),
    )
