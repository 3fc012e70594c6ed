"""The demonstration, delivered and loaded once: all figures are there, and marked as made up."""

import json
from pathlib import Path

import pytest

from tests.conftest import Eco
from warehouse.home.settings import DevelopmentSettings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DevelopmentSettings.load().demonstration,
        reason="set ECO_DEMONSTRATION=1 to load the demonstration (a minute)",
    ),
]


def test_every_indicator_has_values_and_every_status_occurs(demo: Eco) -> None:
    without = demo.sql(
        "select indicator_id from marts.indicator_progress "
        "where nature is not null and latest_value is null"
    )
    assert without == []
    [(count,)] = demo.sql(
        "select count(distinct indicator_id) from marts.indicator_values "
        "where area = '全县' and indicator_id similar to '[AB][0-9]{2}'"
    )
    assert count == 47
    statuses = {s for (s,) in demo.sql("select distinct status from marts.indicator_progress")}
    assert statuses == {
        *("attained", "on_track", "behind", "regressed", "target_not_assigned", "not_measured")
    }


def test_every_dataset_has_rows_but_what_was_returned(demo: Eco) -> None:
    lost = demo.sql(
        "select dataset from marts.submissions group by dataset having sum(rows_accepted) = 0 "
        "and dataset is not null"
    )
    assert lost == []
    returned = demo.sql("select status, count(*) from marts.submissions group by 1 order by 1")
    assert dict(returned)["refused"] == 1 and dict(returned)["partial"] == 1


def test_the_last_days_have_alerts_findings_and_a_late_department(demo: Eco) -> None:
    alerts = demo.sql(
        "select distinct kind from marts.alerts_daily where is_alert "
        "and day >= (select max(day) from marts.alerts_daily) - 7"
    )
    assert {("air_county",), ("water_section",), ("reading_exceeded",)} <= set(alerts)
    rules = {rule for (rule,) in demo.sql("select distinct rule from marts.findings")}
    assert {
        *("county_differs_from_townships", "air_year_differs", "targets_differ"),
        "reported_ratio_differs",
    } <= rules
    owing = demo.sql(
        "select distinct department from marts.department_scorecard "
        "where due_on is not null and received_on is null"
    )
    assert owing == [("housing",)]


def test_every_page_and_the_manifest_say_that_the_data_is_made_up(demo: Eco) -> None:
    pages = list(demo.home.report.glob("*.html"))
    assert len(pages) > 10
    unmarked = [page.name for page in pages if "演示数据" not in page.read_text("utf-8")]
    assert unmarked == []
    manifest = json.loads((newest(demo.home.snapshots) / "manifest.json").read_text("utf-8"))
    assert manifest["demonstration"] == "演示数据"


def newest(folder: Path) -> Path:
    return max(path for path in folder.iterdir() if path.is_dir())


def test_making_it_again_changes_nothing(demo: Eco) -> None:
    def files() -> set[Path]:
        return {*demo.home.manifests.glob("*.json"), *demo.home.landing.rglob("*")}

    before = files()
    assert "is a demonstration already" in demo("init", "--demo", "full").stdout
    assert files() == before
