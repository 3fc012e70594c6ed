"""What monitoring is told: state, reasons, exit code, and files that scrapers can read."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestration.monitoring.alerts.raised import raised
from orchestration.monitoring.health import examine, write
from orchestration.monitoring.loads import LoadOutcome, last_load, record_load
from tests.unit.test_alerts import CAME, CRITICAL, LATE, VERIFY, publish_rows
from warehouse.home.layout import Home

BUILT = datetime(2026, 11, 25, tzinfo=UTC)


def outcome(result: str, moment: str) -> LoadOutcome:
    return LoadOutcome("run", "nightly", result, moment, moment, 40.0, "test", ["why"])


def metrics(home: Home) -> dict[tuple[str, ...], float]:
    """The text file as Prometheus' own parser reads it."""
    text = (home.health / "eco.prom").read_text("utf-8")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_new_home_is_to_be_looked_at_not_alarmed_about(empty_home: Home) -> None:
    picture = examine(empty_home)
    assert picture["state"] == "warning"
    assert [reason["code"] for reason in picture["reasons"]] == ["nothing_published"]


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
    empty_home: Home, result: str, age_hours: int, state: str, code: str | None
) -> None:
    publish_rows(empty_home, findings=[], late=[])
    record_load(empty_home, outcome(result, "2026-11-25T00:01:00+00:00"))
    picture = examine(empty_home, BUILT + timedelta(hours=age_hours))
    codes = [reason["code"] for reason in picture["reasons"] if reason["code"] != "disk_low"]
    assert codes == ([code] if code else [])
    if not any(reason["code"] == "disk_low" for reason in picture["reasons"]):
        assert picture["state"] == state


def test_late_submissions_and_findings_are_counted_as_of_today(empty_home: Home) -> None:
    mended = ("f3", "verify", "核实性", "mended", "已消除", "ecology", "分局")
    publish_rows(empty_home, findings=[CRITICAL, VERIFY, mended], late=[LATE, CAME])
    picture = examine(empty_home, datetime(2026, 2, 24, 17, tzinfo=UTC))
    late = {d["department"]: d for d in picture["late"] if d["overdue"]}
    assert set(late) == {"forestry"}
    assert late["forestry"]["longest_days"] == 11, "in Yangcheng it is the 25th already"
    assert [item["period"] for item in late["forestry"]["items"]] == ["2025"]
    assert late["forestry"]["items"][0]["due_on"] == date(2026, 2, 14)
    assert picture["findings"] == {"critical": 1, "verify": 1, "notice": 0}


def test_an_older_run_does_not_cover_a_later_one(empty_home: Home) -> None:
    assert record_load(empty_home, outcome("published", "2026-11-25T00:00:00+00:00"))
    assert record_load(empty_home, outcome("failed", "2026-11-26T00:00:00+00:00"))
    assert not record_load(empty_home, outcome("published", "2026-11-25T00:00:00+00:00"))
    kept = last_load(empty_home)
    assert kept is not None
    assert kept["result"] == "failed"
    assert kept["last_success_at"] == "2026-11-25T00:00:00+00:00"


def test_scrapers_read_the_same_as_people(empty_home: Home) -> None:
    publish_rows(empty_home, findings=[CRITICAL], late=[LATE])
    record_load(empty_home, outcome("refused", "2026-11-25T00:01:00+00:00"))
    (empty_home.department("forestry") / "f.csv").write_text("年份\n2020\n", encoding="utf-8")
    write(empty_home)
    picture = json.loads((empty_home.health / "health.json").read_text("utf-8"))
    found = metrics(empty_home)
    assert found["eco_state",] == 2
    assert found["eco_last_load_result", "refused"] == 1
    assert found["eco_last_load_result", "published"] == 0
    assert found["eco_publication_timestamp_seconds",] == BUILT.timestamp()
    assert found["eco_overdue_submissions", "forestry"] == 1
    assert found["eco_open_findings", "critical"] == 1
    assert found["eco_waiting_files",] == 1 == picture["waiting_files"]
    assert found["eco_home_bytes", "published"] == picture["disk"]["used_bytes"]["published"] > 0


def test_a_past_moment_that_is_published_is_said(empty_home: Home) -> None:
    publish_rows(empty_home, findings=[], late=[], as_of="2024-03-31T15:59:59+00:00")
    [reason] = [r for r in examine(empty_home, BUILT)["reasons"] if r["code"] != "disk_low"]
    assert reason["code"] == "past_published"
    assert "2024-03-31 23:59" in reason["detail_zh"]


def test_a_file_that_is_not_taken_in_is_told_of(empty_home: Home) -> None:
    """The receipt 暂未处理 says that the data team will hear of it."""
    (empty_home.department("forestry") / "f.csv").write_text("年份\n2020\n", encoding="utf-8")
    now = datetime.now(UTC)
    codes = [r["code"] for r in examine(empty_home, now)["reasons"]]
    assert "files_waiting" not in codes
    later = examine(empty_home, now + timedelta(hours=2))
    assert "files_waiting" in [r["code"] for r in later["reasons"]]
    told = raised(empty_home, later, ["critical"], now + timedelta(hours=2)).alerts
    assert [a.alert_id for a in told if a.alert_id != "system:disk_full"] == [
        "system:files_waiting"
    ]
