"""The health report in Prometheus' text format. Metric names are listed by tests and relied on."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from orchestration.monitoring.model import LEVELS, Facts, HealthReport
from warehouse.home.software import software_version

if TYPE_CHECKING:  # imported when the metrics are written
    from prometheus_client import Metric


def _seconds(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


class _Counters:
    """Counters of a home: read from its files, where a client counts what its process saw."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def collect(self) -> Iterator["Metric"]:
        """Yield the counters."""
        from prometheus_client.core import CounterMetricFamily

        labels = ["department", "outcome"]
        rows = CounterMetricFamily("eco_submission_rows", "Rows received so far", labels=labels)
        submissions = CounterMetricFamily(
            "eco_submissions", "Submissions so far", labels=["department"]
        )
        for deliveries in self._facts.departments:
            rows.add_metric([deliveries.department, "accepted"], deliveries.rows_accepted)
            rows.add_metric([deliveries.department, "rejected"], deliveries.rows_rejected)
            submissions.add_metric([deliveries.department], deliveries.submissions)
        yield rows
        yield submissions


def prometheus_text(report: HealthReport) -> bytes:
    """Return the metrics of a health report."""
    from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest

    registry = CollectorRegistry()
    Info("eco_build", "Version that wrote this file", registry=registry).info(
        {"version": software_version()}
    )

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"eco_{name}", text, labels, registry=registry)

    facts = report.facts
    gauge("state", "0 in order, 1 needs a look, 2 somebody has to act").set(LEVELS[report.state][0])
    gauge("health_written_timestamp_seconds", "Time at which this file was written").set(
        _seconds(facts.at)
    )
    load, publication = facts.last_load, facts.publication
    results = gauge("last_load_result", "1 for the result of the last load", "result")
    for result in ("published", "unchanged", "refused", "failed"):
        results.labels(result).set(load is not None and load.result == result)
    gauge("last_load_end_timestamp_seconds", "End of the last load").set(
        _seconds(load.ended_at if load else None)
    )
    gauge("last_load_duration_seconds", "Duration of the last load").set(
        load.seconds if load else 0
    )
    gauge("last_successful_load_timestamp_seconds", "End of the last successful load").set(
        _seconds(load.last_success_at if load else None)
    )
    gauge("publication_timestamp_seconds", "Time at which the published file was built").set(
        _seconds(publication.built_at if publication else None)
    )
    late = gauge("overdue_submissions", "Submissions that are overdue", "department")
    for department in facts.late:
        late.labels(department.department).set(department.overdue)
    findings = gauge("open_findings", "Findings that are not mended", "severity")
    for severity, number in facts.findings.items():
        findings.labels(severity).set(number)
    gauge("held_submissions", "Submissions that are held and not corrected").set(len(facts.held))
    gauge("waiting_files", "Files in the landing folders").set(facts.waiting_files)
    gauge("landing_obstacles", "Entries of the landing folders that are left as they are").set(
        facts.obstacle_count
    )
    gauge("longest_waiting_seconds", "Age of the oldest file in the landing folders").set(
        facts.longest_waiting_hours * 3600
    )
    used = gauge("home_bytes", "Disk use by folder of the data home", "folder")
    for folder, size in facts.disk.used_bytes.items():
        used.labels(folder).set(size)
    gauge("disk_free_bytes", "Free space of the home's file system").set(facts.disk.free_bytes)
    gauge("disk_size_bytes", "Size of the home's file system").set(facts.disk.total_bytes)
    registry.register(_Counters(facts))
    gauge("last_backup_timestamp_seconds", "End of the last backup; 0: none yet").set(
        _seconds(facts.backup.last_at)
    )
    failing = gauge("alert_channel_failing", "1 while a channel of alerts fails", "channel")
    for name, channel in facts.alerts.items():
        failing.labels(name).set(bool(channel.error))
    return generate_latest(registry)
