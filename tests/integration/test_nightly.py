"""One nightly load of the samples, end to end: what the marts, receipts and exit codes say."""

import json
import math
from pathlib import Path

import pytest

from orchestration.intake.own_files import MANUAL, TEMPLATES
from tests import second_night
from tests.conftest import Eco
from warehouse.home.layout import RECEIPTS
from warehouse.publication import published_schema

pytestmark = pytest.mark.slow


def value(eco: Eco, indicator: str, year: int = 2020) -> tuple[float, str] | None:
    found = eco.sql(
        "select value, basis from marts.indicator_values "
        f"where indicator_id = '{indicator}' and year = {year} and area = '全县'"
    )
    assert len(found) <= 1
    return found[0] if found else None


# The plan's own answers for 2020, from its own figures; the formula in full, to the last digit.
PLAN_2020 = {
    "A01": (100 * (41 - 36) / 41, "computed"),  # PM2.5 41 -> 36, printed 12.2
    "A02": (100 * 306 / 366, "computed"),  # 306 good days of a leap year, printed 83.83
    "A06": (75, "reported"),
    "A07": (100 * (13 - 9) / 13, "computed"),  # SO2 13 -> 9; the plan prints 35.7
    "A18": (100, "reported"),
    "A20": (46.63, "reported"),  # printed 45 in table 5-1
    "B02": (46.63, "reported"),
    "B07": (100 * 306 / 366, "computed"),  # printed 83.6
    "B08": (36, "reported"),  # the department's annual evaluation
    "B13": (100, "reported"),
    "B16": (79.3, "reported"),
}


@pytest.mark.parametrize("indicator", PLAN_2020)
def test_the_plans_own_answers_come_out(loaded: Eco, indicator: str) -> None:
    expected, basis = PLAN_2020[indicator]
    found = value(loaded, indicator)
    assert found is not None
    assert math.isclose(found[0], expected, rel_tol=1e-12)
    assert found[1] == basis


@pytest.mark.parametrize("indicator", ["A08", "B26", "A03", "A19"])
def test_an_indicator_whose_inputs_are_not_printed_has_no_value(
    loaded: Eco, indicator: str
) -> None:
    assert value(loaded, indicator) is None
    progress = loaded.sql(
        f"select latest_value, status, status_zh from marts.indicator_progress "
        f"where indicator_id = '{indicator}'"
    )
    assert progress == [(None, "not_measured", "未统计")]


def test_all_indicators_and_measurable_text_targets_stand_there(loaded: Eco) -> None:
    assert loaded.sql(
        "select indicator_id[1], count(*) from marts.indicator_progress group by 1 order by 1"
    ) == [
        ("A", 21),
        ("B", 26),
        ("T", 66),
    ]


def test_where_the_plan_prints_two_values_both_are_visible(loaded: Eco) -> None:
    baselines = dict(
        loaded.sql(
            "select indicator_id, baseline_2020_raw from marts.indicator_progress "
            "where indicator_id in ('A20', 'B02', 'A02', 'B07')"
        )
    )
    assert baselines == {"A20": "45", "B02": "46.63", "A02": "83.83%", "B07": "83.6"}
    told = " ".join(text for (text,) in loaded.sql("select detail_zh from marts.findings"))
    for printed in ("45", "46.63", "83.83", "83.6"):
        assert printed in told


def test_every_sample_was_taken_in_whole(loaded: Eco) -> None:
    rows = loaded.sql("select file_name, status, rows_rejected from marts.submissions")
    assert rows
    assert [row for row in rows if row[1] != "accepted" or row[2]] == []
    left = [
        p
        for p in loaded.home.landing.rglob("*")
        if p.is_file() and p.parent.name not in (RECEIPTS, TEMPLATES) and p.name != MANUAL
    ]
    assert left == []
    receipts = {p.parent.parent.name for p in loaded.home.landing.rglob("receipts/*")}
    assert receipts == {
        p for (p,) in loaded.sql("select distinct department from marts.submissions")
    }


def test_a_home_that_has_just_been_made_is_in_order(loaded: Eco) -> None:
    report = json.loads(loaded("status", "--json").stdout)
    low_disk = [r for r in report["reasons"] if r["code"] in ("disk_low", "disk_full")]
    assert report["reasons"] == low_disk, "of this machine, at most"
    assert sum(department["overdue"] for department in report["late"]) == 0


def test_the_publication_has_snapshot_manifest_and_pages(loaded: Eco) -> None:
    manifest = json.loads((loaded.home.published / "manifest.json").read_text("utf-8"))
    assert manifest["checks"]["success"] is True
    assert manifest["tables"]["indicator_progress"]["rows"] == 21 + 26 + 66
    assert (loaded.home.snapshots / manifest["stamp"] / "eco.duckdb").exists()
    page = (loaded.home.report / "data_docs" / "index.html").read_text("utf-8")
    assert "indicator_progress" in page


def test_the_chinese_views_read_the_same(loaded: Eco) -> None:
    views = loaded.sql("select view_name from duckdb_views() where schema_name = 'bi'")
    marts = loaded.sql("select table_name from duckdb_tables() where schema_name = 'marts'")
    assert len(views) == len(marts) > 10
    for (view,) in views:
        loaded.sql(f'select * from bi."{view}" limit 1')


def test_every_column_of_a_mart_is_described(loaded: Eco) -> None:
    silent = loaded.sql(
        "select c.table_name, c.column_name from duckdb_columns() as c "
        "join duckdb_tables() as t using (schema_name, table_name) "
        "where schema_name = 'marts' and (c.comment is null or c.comment = '')"
    )
    assert silent == []


def test_the_published_columns_are_those_that_were_announced(loaded: Eco) -> None:
    stated = loaded.sql("select schema_version from meta.publication")
    assert stated == [(published_schema.schema_version(),)]
    in_file = set(
        loaded.sql(
            "select c.table_name, c.column_name from duckdb_columns() as c "
            "join duckdb_tables() as t using (schema_name, table_name) where schema_name = 'marts'"
        )
    )
    assert in_file == {
        (table, column) for table, of in published_schema.recorded_tables().items() for column in of
    }


@pytest.mark.whole_loads
def test_a_second_load_changes_nothing(copy_of_loaded: Eco) -> None:
    eco = copy_of_loaded
    before = (eco.home.published / "manifest.json").read_text("utf-8")
    (eco.home.published / "manifest.json").unlink()  # as if cut off just after the swap
    second = json.loads(eco("nightly", "--json").stdout)
    assert second["result"] == "unchanged"
    assert (eco.home.published / "manifest.json").read_text("utf-8") == before
    third = json.loads(eco("nightly", "--rebuild", "--json").stdout)
    assert third["result"] == "published"
    changes = third["manifest"]["changes"]
    assert changes["tables_changed"] == {}
    assert changes["tables_added"] == changes["tables_removed"] == changes["schema"] == []
    assert eco.sql("select count(*) from marts.publication_changes") == [(0,)]


def test_files_that_went_wrong_disturb_nothing(loaded: Eco, copy_after_second_night: Eco) -> None:
    eco = copy_after_second_night
    before = loaded.sql("select * from marts.indicator_values order by all")
    outcome = dict(
        eco.sql(
            "select file_name, status from marts.submissions where file_name in "
            "('noise.csv','empty.csv','header.csv','ff.csv','letter.csv','not_theirs.csv','good.csv')"
        )
    )
    assert outcome.pop("good.csv") == "partial"
    assert set(outcome.values()) == {"refused"}
    assert len(outcome) == 6
    for name in (*outcome, "good.csv"):
        found = list(eco.home.landing.glob(f"*/receipts/*{name}.*"))
        assert found, f"{name} has no receipt"
        assert "Traceback" not in "".join(p.read_text("utf-8", "ignore") for p in found)
    after = eco.sql("select * from marts.indicator_values order by all")
    assert set(before) <= set(after)
    assert value(eco, "B02", 2021) == (47.1, "reported")
    rejected = eco.sql(
        "select row_number, field, value from marts.rejected_rows where file_name = 'good.csv'"
    )
    assert rejected == [(3, "area", "月球")]
    # What no check lets through is held, the rest is published, and everybody knows why.
    assert value(eco, "B16", 2024) is None
    assert value(eco, "B16", 2020) == (79.3, "reported")
    [(identity, waiting)] = eco.sql(
        "select submission_id, rows_waiting from marts.submissions where is_held"
    )
    assert waiting == 1
    [note] = eco.home.receipts("ecology").glob("above.csv.*.暂缓采用.*.txt")
    assert "B16 农村生活污水治理率(覆盖人口比例) 2024年全县为 154 %（第2行）" in note.read_text(
        "utf-8"
    )
    assert f"eco submissions release {identity}" in (eco.home.logs / "alerts.log").read_text(
        "utf-8"
    )
    shown = eco("submissions", "list", "--held").stdout
    assert identity in shown
    assert "154 %" in shown
    assert "ecology/above.csv" in eco("submissions", "show", identity[:8]).stdout
    assert "needs --reason" in eco("submissions", "release", identity, exit_code=1).stderr
    eco("submissions", "release", identity, "--reason", "已与分局核实")
    assert (
        "is not held"
        in eco("submissions", "release", identity, "--reason", "x", exit_code=1).stderr
    )
    assert "已恢复采用" in note.read_text("utf-8")


def test_readers_see_the_old_publication_or_the_new_one_whole(
    loaded: Eco, after_second_night: Eco
) -> None:
    """One kept the file open during the load; others came while it ran."""
    counts = "select count(*) from marts.indicator_values"
    [(old,)], [(new,)] = loaded.sql(counts), after_second_night.sql(counts)
    assert new > old
    seen = json.loads(second_night.seen_by_readers(after_second_night).read_text("utf-8"))
    printed = 21 + 26 + 66
    assert seen["the_one"] == [[old, printed]]
    assert seen["others"]
    assert all(each in ([old, printed], [new, printed]) for each in seen["others"])


@pytest.mark.whole_loads
def test_a_critical_check_keeps_the_last_publication(copy_of_loaded: Eco) -> None:
    eco = copy_of_loaded
    before = (eco.home.published / "manifest.json").read_text("utf-8")
    path = next(eco.home.manifests.glob("*.json"))
    manifest = json.loads(path.read_text("utf-8"))
    manifest["rows_read"] += 1  # rows that nobody can account for
    path.write_text(json.dumps(manifest), encoding="utf-8")
    done = eco("nightly", exit_code=2)
    assert f"the publication {json.loads(before)['stamp']} stays in force" in done.stderr
    assert "submissions_rows_conserved" in done.stderr
    assert f"submission_id={manifest['submission_id']}" in done.stderr, "the row is named"
    assert f"rows_read={manifest['rows_read']}" in done.stderr
    assert "data_docs/index.html" in done.stderr
    assert (eco.home.published / "manifest.json").read_text("utf-8") == before
    picture = json.loads(eco("status", "--json", exit_code=2).stdout)
    assert picture["last_load"]["result"] == "refused"
    told = (eco.home.logs / "alerts.log").read_text("utf-8")
    assert f"submission_id={manifest['submission_id']}" in told


def test_usage_errors_end_with_one_and_a_sentence(tmp_path: Path) -> None:
    eco = Eco(tmp_path / "none")
    assert "eco init" in eco("nightly", exit_code=1).stderr
    assert "no moment" in eco("nightly", "--as-of", "tomorrow", exit_code=1).stderr
    assert "No such command" in eco("nightley", exit_code=1).stderr
