"""The health report: state, reasons, and the files for monitoring."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestration.monitoring.alerts.current import current_alerts
from orchestration.monitoring.health import examine, write
from orchestration.monitoring.loads import last_load, record_load
from orchestration.monitoring.model import LoadOutcome, Result
from orchestration.monitoring.status import lines
from tests.unit.test_alerts import CAME, CRITICAL, LATE, VERIFY, publish_rows
from warehouse.care import backup
from warehouse.care.store import Store
from warehouse.home.layout import Home
from warehouse.home.software import software_version
from warehouse.output import serving
from warehouse.publication.current import RELEASES
from warehouse.publication.manifest import Release

BUILT = datetime(2026, 11, 25, tzinfo=UTC)


def outcome(result: Result, moment: str) -> LoadOutcome:
    return LoadOutcome("run", "nightly", result, moment, moment, 40.0, "test", ("why",))


def metrics(home: Home) -> dict[tuple[str, ...], float]:
    """The text file as Prometheus' own parser reads it."""
    text = (home.health / "eco.prom").read_text("utf-8")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_new_home_has_state_warning(empty_home: Home) -> None:
    report = examine(empty_home)
    assert report.state == "warning"
    assert [reason.code for reason in report.reasons] == ["nothing_published"]


@pytest.mark.parametrize(
    ("result", "age_hours", "state", "code"),
    [
        ("published", 2, "ok", None),
        ("unchanged", 2, "ok", None),
        ("published", 27, "warning", "publication_stale"),
        ("published", 51, "critical", "publication_overdue"),
        ("failed", 2, "critical", "load_failed"),
        ("refused", 2, "critical", "load_refused"),
    ],
)
def test_the_state_follows_from_load_and_age(
    empty_home: Home, result: Result, age_hours: int, state: str, code: str | None
) -> None:
    publish_rows(empty_home, findings=[], late=[])
    record_load(empty_home, outcome(result, "2026-11-25T00:01:00+00:00"))
    report = examine(empty_home, BUILT + timedelta(hours=age_hours))
    codes = [reason.code for reason in report.reasons if reason.code != "disk_low"]
    assert codes == ([code] if code else [])
    if not any(reason.code == "disk_low" for reason in report.reasons):
        assert report.state == state


def test_late_submissions_and_findings_are_counted_as_of_today(empty_home: Home) -> None:
    mended = ("f3", "verify", "核实性", "mended", "已消除", "ecology", "分局")
    publish_rows(empty_home, findings=[CRITICAL, VERIFY, mended], late=[LATE, CAME])
    facts = examine(empty_home, datetime(2026, 2, 24, 17, tzinfo=UTC)).facts
    late = {d.department: d for d in facts.late if d.overdue}
    assert set(late) == {"forestry"}
    assert late["forestry"].longest_days == 11, "in Yangcheng it is the 25th already"
    assert [item.period for item in late["forestry"].items] == ["2025"]
    assert late["forestry"].items[0].due_on == date(2026, 2, 14)
    assert facts.findings == {"critical": 1, "verify": 1, "notice": 0}


def test_an_earlier_load_does_not_replace_the_record_of_a_later_one(empty_home: Home) -> None:
    assert record_load(empty_home, outcome("published", "2026-11-25T00:00:00+00:00"))
    assert record_load(empty_home, outcome("failed", "2026-11-26T00:00:00+00:00"))
    assert not record_load(empty_home, outcome("published", "2026-11-25T00:00:00+00:00"))
    record = last_load(empty_home)
    assert record is not None
    assert record.result == "failed"
    assert record.last_success_at == "2026-11-25T00:00:00+00:00"


def test_metrics_and_json_agree(empty_home: Home) -> None:
    publish_rows(empty_home, findings=[CRITICAL], late=[LATE])
    record_load(empty_home, outcome("refused", "2026-11-25T00:01:00+00:00"))
    (empty_home.department("forestry") / "f.csv").write_text("年份\n2020\n", encoding="utf-8")
    write(empty_home, examine(empty_home))
    content = json.loads((empty_home.health / "health.json").read_text("utf-8"))
    found = metrics(empty_home)
    assert found["eco_state",] == 2
    assert found["eco_last_load_result", "refused"] == 1
    assert found["eco_last_load_result", "published"] == 0
    assert found["eco_publication_timestamp_seconds",] == BUILT.timestamp()
    assert found["eco_overdue_submissions", "forestry"] == 1
    assert found["eco_open_findings", "critical"] == 1
    assert found["eco_waiting_files",] == 1 == content["waiting_files"]
    assert found["eco_home_bytes", "published"] == content["disk"]["used_bytes"]["published"] > 0


def test_the_age_of_the_last_backup_is_reported(empty_home: Home, tmp_path: Path) -> None:
    publish_rows(empty_home, findings=[], late=[])
    backups = {"backup_missing", "backup_overdue"}

    def seen(hours: float) -> set[str]:
        report = examine(empty_home, datetime.now(UTC) + timedelta(hours=hours))
        write(empty_home, report)
        return backups & {reason.code for reason in report.reasons}

    released = Release(
        "s", None, BUILT.isoformat(), None, None, None, None, None, None, None, {}, True
    )
    (empty_home.published / RELEASES).write_text(
        json.dumps({**released.to_dict(), "released_at": datetime.now(UTC).isoformat()}) + "\n"
    )
    assert seen(1) == set(), "a home that was just made has no backup yet"
    assert seen(8 * 24) == {"backup_missing"}
    assert metrics(empty_home)["eco_last_backup_timestamp_seconds",] == 0
    backup.take(empty_home, Store(tmp_path / "backups"), software_version="test")
    assert seen(49) == set()
    assert seen(51) == {"backup_overdue"}
    taken = metrics(empty_home)["eco_last_backup_timestamp_seconds",]
    assert abs(taken - datetime.now(UTC).timestamp()) < 60
    alerts = current_alerts(empty_home, examine(empty_home, later(51)), ()).alerts
    assert "system:backup_overdue" in {alert.alert_id for alert in alerts}
    assert f"in {tmp_path / 'backups'}" in "\n".join(lines(examine(empty_home)))


def later(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def test_counters_end_in_total_and_the_version_is_a_metric(empty_home: Home) -> None:
    write(empty_home, examine(empty_home))
    families = {
        family.name: family.type
        for family in text_string_to_metric_families(
            (empty_home.health / "eco.prom").read_text("utf-8")
        )
    }
    assert families["eco_submission_rows"] == families["eco_submissions"] == "counter"
    found = metrics(empty_home)
    assert found["eco_submission_rows_total", "forestry", "accepted"] == 0
    assert found["eco_build_info", software_version()] == 1
    gauges = [name for name, kind in families.items() if kind == "gauge"]
    assert not [name for name in gauges if name.endswith("_total")]


def test_a_published_past_moment_is_a_reason(empty_home: Home) -> None:
    publish_rows(empty_home, findings=[], late=[], as_of="2024-03-31T15:59:59+00:00")
    [reason] = [r for r in examine(empty_home, BUILT).reasons if r.code != "disk_low"]
    assert reason.code == "past_published"
    assert "2024-03-31 23:59" in reason.detail_zh


def test_a_file_that_is_not_taken_in_raises_an_alert(empty_home: Home) -> None:
    """The receipt 暂未处理 promises that the data team is notified."""
    (empty_home.department("forestry") / "f.csv").write_text("年份\n2020\n", encoding="utf-8")
    now = datetime.now(UTC)
    assert "files_waiting" not in [r.code for r in examine(empty_home, now).reasons]
    later = examine(empty_home, now + timedelta(hours=2))
    assert "files_waiting" in [r.code for r in later.reasons]
    alerts = current_alerts(empty_home, later, ["critical"]).alerts
    assert [a.alert_id for a in alerts if a.alert_id != "system:disk_full"] == [
        "system:files_waiting"
    ]


# Programs read these keys; a change of one is a change of the product.
KEYS = {
    "": "state state_zh reasons home database at last_load publication unreadable candidate late "
    "held findings waiting_files longest_waiting_hours backup disk departments alerts obstacles "
    "obstacle_count set_aside unreadable_files serving returned",
    "backup": "last_at folder age_hours published_for_hours",
    "reasons": "level code detail_zh",
    "last_load": "run_id job result started_at ended_at seconds started_by problems "
    "last_success_at",
    "publication": "stamp built_at software_version as_of year age_hours rolled_back",
    "late": "department name_zh overdue longest_days items",
    "disk": "used_bytes home_bytes free_bytes total_bytes",
    "departments": "department name_zh submissions rows_accepted rows_rejected refused "
    "last_received_at",
}


def test_the_keys_of_the_health_file_stay(empty_home: Home) -> None:
    publish_rows(empty_home, findings=[CRITICAL], late=[LATE])
    record_load(empty_home, outcome("refused", "2026-11-25T00:01:00+00:00"))
    write(empty_home, examine(empty_home))
    content = json.loads((empty_home.health / "health.json").read_text("utf-8"))
    for key, names in KEYS.items():
        part = content[key] if key else content
        assert " ".join(part[0] if isinstance(part, list) else part) == names
    late = next(each for each in content["late"] if each["items"])
    assert late["items"] == [
        {
            "dataset": "forest_pests",
            "dataset_zh": "林草有害生物",
            "period": "2025",
            "due_on": "2026-02-14",
        }
    ]


@pytest.mark.parametrize(
    ("stamp", "error", "codes"),
    [
        (None, None, []),
        ("of another publication", None, ["serving_lags"]),
        (None, "connection refused", ["serving_failed"]),
    ],
)
def test_a_copy_in_postgresql_that_lags_is_named(
    empty_home: Home,
    monkeypatch: pytest.MonkeyPatch,
    stamp: str | None,
    error: str | None,
    codes: list[str],
) -> None:
    publish_rows(empty_home, findings=[], late=[])
    published = examine(empty_home, BUILT).facts.publication
    assert published is not None
    serving.record(empty_home, stamp=stamp or published.stamp, error=error, seconds=1.0)
    assert examine(empty_home, BUILT).facts.serving is None
    monkeypatch.setenv("ECO_SERVE_POSTGRES", "postgresql://eco@localhost/eco")
    found = [r.code for r in examine(empty_home, BUILT).reasons if r.code.startswith("serving")]
    assert found == codes
