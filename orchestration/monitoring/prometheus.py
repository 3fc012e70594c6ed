"""The health report in Prometheus' text format."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass  # it imports Dagster: seconds for `eco status`
from orchestration.monitoring.facts import LEVELS


def _seconds(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def prometheus_text(picture: Mapping[str, Any]) -> bytes:
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
