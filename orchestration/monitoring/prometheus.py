"""The health report in Prometheus' text format. Metric names are listed by tests and relied on."""

from datetime import datetime

from orchestration.monitoring.model import LEVELS, HealthReport


def _seconds(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def prometheus_text(report: HealthReport) -> bytes:
    """Return the metrics of a health report."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

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
    rows = gauge("submission_rows", "Rows received so far", "department", "outcome")
    for deliveries in facts.departments:
        rows.labels(deliveries.department, "accepted").set(deliveries.rows_accepted)
        rows.labels(deliveries.department, "rejected").set(deliveries.rows_rejected)
    failing = gauge("alert_channel_failing", "1 while a channel of alerts fails", "channel")
    for name, channel in facts.alerts.items():
        failing.labels(name).set(bool(channel.error))
    return generate_latest(registry)
