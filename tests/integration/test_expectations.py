"""Checks over a DuckDB file: each can fail, an error is no plain failure, the file is let go of.

The marts are made here in the form that the models give them, so that each test can break them in
its own way; the last test checks the marts of a whole load.
"""

import csv
import json
import math
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

import expectations
from expectations import CheckError, CheckReport, run_checks
from expectations.declarations import Expectation, SuiteError, load_expectations
from expectations.rules import RULES
from tests.conftest import Eco

PROJECT = Path(__file__).parents[2]
INDICATORS = PROJECT / "dbt_project" / "seeds" / "plan" / "indicators.csv"

# Three indicators have values: A02 (a share that was attained), A10 (a reduction against 2020,
# whose baseline is not printed), B08 (a concentration that has got worse).
MARTS = f"""
create schema marts;
create schema bi;
create table marts.indicator_values as select * from (values
  ('A02', 2020, '全县', 83.6::double, '%', 'computed'),
  ('A02', 2021, '全县', 88.0::double, '%', 'computed'),
  ('A10', 2021, '全县', -2.5::double, '%', 'computed'),
  ('B08', 2020, '全县', 36.0::double, 'μg/m³', 'reported'),
  ('B08', 2021, '全县', 38.0::double, 'μg/m³', 'reported'),
  ('B08', 2021, '凤城镇', 41.0::double, 'μg/m³', 'reported')
) as v(indicator_id, year, area, value, unit, basis);
create table marts.indicator_progress as
select
  i.indicator_id, i.plan, 'air' as domain, i.name_zh, i.unit, i.nature, i.direction,
  cast(i.baseline_2020 as double) as baseline_2020, cast(i.target_2025 as double) as target_2025,
  case i.indicator_id when 'A02' then 87.0 when 'A10' then 10.0 when 'B08' then 30.0 end
    ::double as target_in_force,
  case i.indicator_id when 'A02' then '≥' when 'A10' then '≥' when 'B08' then '≤' end
    as target_comparator,
  case when i.indicator_id in ('A02', 'A10', 'B08') then 'assigned' end as target_source,
  null::varchar as target_submission_id, null::bigint as target_row_number,
  v.year as latest_year, v.value::double as latest_value,
  case when v.value is not null then 1.0 end::double as milestone_value,
  case i.indicator_id when 'A02' then 129.4 when 'A10' then -25.0 when 'B08' then -33.3 end
    ::double as progress_pct,
  case i.indicator_id when 'A02' then 'attained' when 'A10' then 'regressed'
    when 'B08' then 'regressed' else 'not_measured' end as status,
  '状态' as status_zh, 'ecology' as responsible_department
from read_csv('{INDICATORS}', header = true) as i
left join marts.indicator_values as v
  on i.indicator_id = v.indicator_id and v.year = 2021 and v.area = '全县';
create table marts.indicator_annual as
select p.indicator_id, y.year, v.value::double as value,
  case when v.value is null then 'not_measured' else p.status end as status
from marts.indicator_progress as p
cross join range(2020, 2026) as y(year)
left join marts.indicator_values as v
  on p.indicator_id = v.indicator_id and y.year = v.year and v.area = '全县';
create table marts.submissions as select * from (values
  ('s1', 'ecology', 'air_quality_annual', '空气.csv', date '2026-01-01', 3, 3, 0, 0, 'accepted'),
  ('s2', 'forestry', 'forest_resources', '森林.csv', date '2026-01-02', 5, 2, 2, 1, 'partial'),
  ('s3', 'forestry', null, '说明.csv', date '2026-01-03', 0, 0, 0, 0, 'refused')
) as s(submission_id, department, dataset, file_name, received_at, rows_read, rows_accepted,
  rows_rejected, rows_duplicate, status);
create table marts.dim_department as select * from (values
  ('ecology', 'air'), ('forestry', 'forestry'), ('post', null)
) as d(department, main_domain);
create table marts.rejected_rows as select * from (values
  ('s2', '森林.csv', 4, null, 'year', '二〇', 'not_a_year', '年份无法识别'),
  ('s2', '森林.csv', 4, null, 'area', '', 'required', '区域必填'),
  ('s2', '森林.csv', 6, null, 'area', '', 'required', '区域必填'),
  ('s3', '说明.csv', null, null, null, null, 'no_table', '没有找到表格')
) as r(submission_id, file_name, row_number, source_cells, field, value, reason_code, reason_zh);
create table marts.findings as select * from (values
  ('f1', 'verify', 'baseline_conflict', '两规划的基准值不同', 'mended', null),
  ('f2', 'verify', 'waste_balance', '产生与去向不平衡', 'lasting', '已核实，磅差所致')
) as f(finding_id, severity, rule, detail_zh, state, explanation)
cross join (values ('生态环境局', '对象', '1', '2', date '2026-01-01', 'crop_straw'))
  as g(department_zh, subject, expected, observed, first_seen, dataset);
create view bi."报送记录" as
select submission_id as "报送编号", file_name as "文件名" from marts.submissions;
"""


def progress(indicator: str, change: str) -> str:
    """A statement that changes an indicator's row of indicator_progress."""
    return f"update marts.indicator_progress set {change} where indicator_id = '{indicator}'"


def values(indicator: str, change: str, years: str = "true") -> str:
    """The same in indicator_values."""
    return (
        f"update marts.indicator_values set {change} where indicator_id = '{indicator}' and {years}"
    )


def annual(indicator: str, change: str, years: str = "true") -> str:
    """The same in indicator_annual."""
    return (
        f"update marts.indicator_annual set {change} where indicator_id = '{indicator}' and {years}"
    )


def submission(identity: str, change: str) -> str:
    """A statement that changes a row of submissions."""
    return f"update marts.submissions set {change} where submission_id = '{identity}'"


def rejected(change: str) -> str:
    """A statement that changes the last row that was rejected."""
    return f"update marts.rejected_rows set {change} where row_number = 6"


def finding(change: str) -> str:
    """A statement that changes the first finding, which is mended."""
    return f"update marts.findings set {change} where finding_id = 'f1'"


with RULES.open(encoding="utf-8", newline="") as file:
    FINDING_RULES = [row["rule"] for row in csv.DictReader(file) if row["suite"]]

# The first page; what is demanded and what was found, for each table that a suite looks at.
PAGES = 1 + 2 * len({(entry.suite, entry.table) for entry in expectations.catalogue()})

# How each expectation is broken, and what its failing rows must name (None: no row to name).
BREAKS: dict[str, tuple[str, object]] = {
    "indicator_progress_id_given": (progress("A02", "indicator_id = null"), None),
    "indicator_progress_id_unique": (progress("A03", "indicator_id = 'A02'"), "A02"),
    "plan_a_indicators_complete": ("delete from marts.indicator_progress where plan = 'A'", 0),
    "plan_b_indicators_complete": (progress("B01", "indicator_id = 'B27'"), "B27"),
    "indicator_progress_described": (progress("A05", "unit = null"), "A05"),
    "indicator_progress_status_known": (progress("A05", "status = 'fine'"), "fine"),
    "indicator_progress_status_given": (progress("A05", "status = null"), "A05"),
    "indicator_progress_numbers_finite": (progress("A02", "progress_pct = 'inf'"), "inf"),
    "indicator_progress_year_sane": (progress("A02", "latest_year = 2205"), 2205),
    "not_measured_means_no_value": (progress("A05", "latest_value = 3"), "A05"),
    "target_not_assigned_means_no_target": (progress("A02", "target_in_force = null"), "A02"),
    "attained_means_target_met": (progress("A02", "target_in_force = 88.1"), 88.1),
    "on_track_has_milestone": (
        progress("B08", "status = 'on_track', milestone_value = null"),
        "B08",
    ),
    "regressed_means_worse_than_baseline": (progress("B08", "baseline_2020 = 39"), 39),
    "target_has_source": (progress("B08", "target_source = null"), "B08"),
    "progress_needs_value_baseline_and_target": (progress("B08", "baseline_2020 = null"), "B08"),
    "progress_given_where_possible": (progress("B08", "progress_pct = null"), "B08"),
    "percent_shares_in_range": (progress("A02", "latest_value = 100.1"), 100.1),
    "permille_shares_in_range": (progress("B03", "latest_value = 1001"), "B03"),
    "reductions_not_above_whole": (progress("A10", "latest_value = 110"), 110),
    "amounts_not_negative": (progress("B08", "latest_value = -0.1"), -0.1),
    "percent_targets_in_range": (progress("A02", "target_in_force = 100.1"), 100.1),
    "permille_targets_in_range": (progress("B03", "target_in_force = 1001"), "B03"),
    "reduction_targets_not_above_whole": (progress("A10", "target_in_force = 110"), 110),
    "amount_targets_not_negative": (progress("B08", "target_in_force = -0.1"), -0.1),
    "latest_value_is_in_indicator_values": (progress("A02", "latest_value = 88.1"), 88.1),
    "indicator_values_key_unique": (values("A02", "year = 2020"), "A02"),
    "indicator_values_key_given": (values("A10", "area = null"), "A10"),
    "indicator_values_finite": (values("A10", "value = 'nan'::double"), "nan"),
    "indicator_values_year_sane": (values("A10", "year = 1021"), 1021),
    "indicator_values_not_in_the_future": (values("A10", "year = 2099"), 2099),
    "indicator_values_area_known": (values("A10", "area = '晋城市'"), "晋城市"),
    "indicator_values_basis_known": (values("A10", "basis = 'guessed'"), "guessed"),
    "indicator_values_basis_given": (values("A10", "basis = null"), "A10"),
    "indicator_values_indicator_known": (values("A10", "indicator_id = 'C01'"), "C01"),
    "indicator_values_unit_agrees": (values("B08", "unit = 'mg/m³'"), "mg/m³"),
    "county_shares_in_range": (values("A02", "value = -1", "year = 2020"), -1),
    "township_shares_in_range": (
        values("A02", "value = -2, area = '凤城镇'", "year = 2020"),
        -2,
    ),
    "indicator_annual_key_unique": (
        "insert into marts.indicator_annual from marts.indicator_annual "
        "where indicator_id = 'A01' and year = 2021",
        "A01",
    ),
    "indicator_annual_years": (annual("A02", "year = 2026", "year = 2025"), 2026),
    "indicator_annual_complete": (
        "delete from marts.indicator_annual where indicator_id = 'B26' and year = 2023",
        "B26",
    ),
    "indicator_annual_status_known": (annual("A02", "status = 'fine'"), "fine"),
    "indicator_annual_not_measured_means_no_value": (annual("B26", "status = 'behind'"), "B26"),
    "indicator_annual_value_agrees": (annual("A02", "value = 87", "year = 2021"), 87),
    "submissions_id_given": (submission("s1", "submission_id = null"), None),
    "submissions_id_unique": ("update marts.submissions set submission_id = 's1'", "s1"),
    "submissions_rows_conserved": (submission("s2", "rows_read = 6"), "森林.csv"),
    "submissions_status_known": (submission("s2", "status = 'lost'"), "lost"),
    "submissions_status_matches_rows": (submission("s2", "status = 'accepted'"), "s2"),
    "submissions_department_known": (submission("s2", "department = 'post'"), "post"),
    "submissions_dataset_known": (submission("s2", "dataset = 'letters'"), "letters"),
    "submissions_received": (submission("s2", "received_at = null"), "s2"),
    "rejected_rows_submission_known": (
        "delete from marts.submissions where submission_id = 's3'",
        "s3",
    ),
    "rejected_rows_reason_given": (rejected("reason_zh = ''"), 6),
    "rejected_rows_counted": ("delete from marts.rejected_rows where row_number = 6", "s2"),
    "findings_id_given": (finding("finding_id = null"), None),
    "findings_id_unique": ("insert into marts.findings from marts.findings", "f1"),
    "findings_explained": (finding("detail_zh = null"), "f1"),
    "published_values_kept": (
        "insert into marts.findings select f.* replace (cast(id as varchar) as finding_id, "
        "'published_value_lost' as rule, 'new' as state) "
        "from marts.findings as f, range(2) as r(id)",
        "crop_straw",
    ),
} | {rule: (finding(f"rule = '{rule}', state = 'new'"), "f1") for rule in FINDING_RULES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose marts are as they should be. Read it only."""
    path = tmp_path_factory.mktemp("marts") / "eco.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
    return path


@pytest.fixture
def broken(whole: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a copy of it in which statements were run."""

    def make(*statements: str, name: str = "eco.duckdb") -> Path:
        path = tmp_path / name
        shutil.copyfile(whole, path)
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return make


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets run_checks see some expectations only, by their ids or as they are given."""

    def choose(*wanted: str | Expectation) -> None:
        chosen = tuple(e for e in load_expectations() if e.expectation_id in wanted) + tuple(
            e for e in wanted if isinstance(e, Expectation)
        )
        monkeypatch.setattr("expectations.checkpoint.load_expectations", lambda: chosen)

    return choose


def check(database: Path, docs: Path | None = None) -> CheckReport:
    return run_checks(database, docs_dir=docs, work_dir=database.parent / "work")


def one(expectation_id: str, /, **changes: object) -> Expectation:
    (found,) = [e for e in load_expectations() if e.expectation_id == expectation_id]
    return replace(found, **changes)


def plain(value: object) -> object:
    """A value as a report holds it."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def test_marts_as_they_should_be_pass_every_expectation(whole: Path, tmp_path: Path) -> None:
    report = run_checks(whole, docs_dir=None, work_dir=tmp_path)
    assert [r for r in report.results if not r.success] == []
    assert report.success
    assert [r.expectation_id for r in report.results] == [
        entry.expectation_id for entry in expectations.catalogue()
    ]
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False)) == report.to_dict()


def test_there_is_a_way_to_break_each_expectation() -> None:
    assert BREAKS.keys() == {entry.expectation_id for entry in expectations.catalogue()}


@pytest.mark.parametrize("expectation_id", BREAKS)
def test_each_expectation_fails_where_it_should(
    expectation_id: str, broken: Callable[..., Path], only: Callable[..., None]
) -> None:
    statement, named = BREAKS[expectation_id]
    path = broken(statement)
    query = one(expectation_id).failing_rows
    if query is not None:  # asked directly: how Great Expectations runs a query is tested below
        with duckdb.connect(str(path), read_only=True) as connection:
            relation = connection.sql(query)
            rows = [
                {name: plain(value) for name, value in zip(relation.columns, row, strict=True)}
                for row in relation.fetchall()
            ]
    else:
        only(expectation_id)
        (result,) = check(path).results
        assert not result.success and result.exception is None
        rows = result.failing_rows
        assert result.observed == len(rows)
        json.dumps(rows, allow_nan=False)
    assert rows
    if named is not None:
        assert any(named in row.values() for row in rows), rows


def test_a_query_gives_its_rows_in_the_columns_order(
    broken: Callable[..., Path], only: Callable[..., None]
) -> None:
    only("indicator_values_finite")
    path = broken(values("B08", "value = '-inf'::double", "area = '凤城镇'"))
    (result,) = check(path).results
    assert not result.success and result.exception is None and result.observed == 1
    assert result.expectation_type == "expect_no_failing_rows"
    assert [list(row.items()) for row in result.failing_rows] == [
        [("indicator_id", "B08"), ("year", 2021), ("area", "凤城镇"), ("value", "-inf")]
    ]


def test_noise_of_binary_fractions_breaks_nothing(broken: Callable[..., Path]) -> None:
    # 100 * 0.07 / 0.07 is 100.00000000000001.
    path = broken(
        values("A02", "value = 100.00000000000001", "year = 2021"),
        progress("A02", "latest_value = 100.00000000000001, target_in_force = 100"),
        annual("A02", "value = 100.00000000000001", "year = 2021"),
    )
    assert check(path).success


def test_text_targets_may_stand_beside_the_indicators(broken: Callable[..., Path]) -> None:
    path = broken(
        "insert into marts.indicator_progress "
        "select * replace ('T116' as indicator_id, '化肥农药使用量增长率' as name_zh) "
        "from marts.indicator_progress where indicator_id = 'A05'",
        progress("T116", "latest_value = -3, latest_year = 2021, status = 'target_not_assigned'"),
        "insert into marts.indicator_values values ('T116', 2021, '全县', -3, '%', 'computed')",
    )
    assert [r for r in check(path).results if not r.success] == []


def test_a_critical_failure_fails_the_report_and_a_warning_does_not(
    broken: Callable[..., Path], only: Callable[..., None]
) -> None:
    only("county_shares_in_range")
    warned = check(broken(values("A02", "value = 101", "year = 2020")))
    assert warned.success
    assert [(r.severity, r.success) for r in warned.results] == [("verify", False)]
    only("submissions_rows_conserved")
    assert not check(
        broken("update marts.submissions set rows_read = 9", name="other.duckdb")
    ).success


def test_failing_rows_are_a_sample_and_the_count_is_whole(
    broken: Callable[..., Path], only: Callable[..., None]
) -> None:
    only("submissions_rows_conserved", "submissions_department_known")
    path = broken(
        "insert into marts.submissions select 's' || i, 'post', null, 'f', now()::timestamp, "
        "9, 1, 0, 0, 'accepted' from range(10, 510) as t(i)"
    )
    for result in check(path).results:
        assert result.observed == 500
        assert len(result.failing_rows) == 50


@pytest.mark.parametrize("column", ["file_name", "status"])
def test_what_cannot_be_evaluated_is_an_error_and_critical(
    broken: Callable[..., Path], only: Callable[..., None], column: str
) -> None:
    weak = {"rule": one("submissions_status_known").rule.model_copy(
        update={"severity": "verify"}
    )}  # fmt: skip
    only(
        one("submissions_rows_conserved", **weak) if column == "file_name"
        else one("submissions_status_known", **weak)
    )  # fmt: skip
    path = broken('drop view bi."报送记录"', f"alter table marts.submissions drop column {column}")
    report = check(path)
    (result,) = report.results
    assert (result.success, result.severity) == (False, "critical")
    assert result.exception is not None and column in result.exception
    assert "Traceback" not in result.exception and "[SQL" not in result.exception
    assert not report.success


def test_a_missing_table_is_an_error_of_each_of_its_expectations(
    broken: Callable[..., Path], tmp_path: Path
) -> None:
    report = check(broken("drop table marts.rejected_rows"), tmp_path / "docs")
    missing = [r for r in report.results if r.table == "rejected_rows" and not r.success]
    assert len(missing) == 3 and not report.success
    assert {r.exception for r in missing} == {"there is no table marts.rejected_rows"}
    index = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    assert "不予发布" in index and "there is no table marts.rejected_rows" in index


def test_what_blocks_stands_first_and_questions_and_notices_apart() -> None:
    from expectations.data_docs import Problem, summary

    problems = [
        Problem("notice", "问题清单", "更正", "7 行不符"),
        Problem("verify", "问题清单", "突变", "1 行不符"),
        Problem("critical", "指标进展", "超范围", "1 行不符"),
    ]
    page = summary(93, problems)
    assert page.index("不予发布") < page.index("超范围") < page.index("突变") < page.index("更正")
    assert "共检查 93 项，通过 90 项，未通过 3 项" in page
    for title in ("必须通过（强制性）：1 项", "需要核实（核实性）：1 项", "供参考（提示性）：1 项"):
        assert title in page
    assert "可以发布" in summary(93, problems[:2])


def test_a_file_that_is_missing_or_no_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match=r"there is no file .*eco\.duckdb"):
        check(tmp_path / "eco.duckdb")
    (tmp_path / "eco.duckdb").write_text("id,value\n" * 999)
    with pytest.raises(CheckError, match=r"eco\.duckdb cannot be opened for checking"):
        check(tmp_path / "eco.duckdb")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "expect_column_value_to_be_unique"}, "nearest is expect_column_values_to_be_uni"),
        ({"arguments": {"tallest": 1}}, "tallest"),
        ({"arguments": {"mostly": "all"}}, "mostly"),
    ],
)
def test_what_great_expectations_does_not_know_is_answered_with_file_and_line(
    whole: Path, tmp_path: Path, only: Callable[..., None], changes: dict, said: str
) -> None:
    only(one("findings_id_unique", **changes))
    with pytest.raises(SuiteError) as caught:
        run_checks(whole, docs_dir=None, work_dir=tmp_path)
    assert said in str(caught.value) and "publication.yml:" in str(caught.value)


def test_the_file_is_let_go_of(broken: Callable[..., Path], tmp_path: Path) -> None:
    path = broken()
    before = path.read_bytes()
    assert check(path, tmp_path / "docs").success
    assert path.read_bytes() == before
    with duckdb.connect(str(path)) as connection:  # a writer is refused while a reader is open
        connection.execute("create table marts.next (id bigint)")
    fresh = broken("update marts.submissions set rows_read = 9", name="fresh.duckdb")
    os.replace(fresh, path)
    assert not check(path).success  # the new file is seen, so nothing held the old one


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_this_process_has_open_is_said(
    broken: Callable[..., Path], read_only: bool
) -> None:
    path = broken()
    with (
        duckdb.connect(str(path), read_only=read_only),
        pytest.raises(CheckError, match="has not opened elsewhere"),
    ):
        check(path)
    assert check(path).success


def test_readers_in_other_processes_do_not_matter(whole: Path, tmp_path: Path) -> None:
    code = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('open', "
        "flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, whole], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == b"open\n"
        assert run_checks(whole, docs_dir=None, work_dir=tmp_path).success
        reader.communicate()


def test_it_is_let_go_of_after_an_error_too(
    broken: Callable[..., Path], only: Callable[..., None]
) -> None:
    path = broken()
    only(one("findings_id_unique", type="expect_nothing"))
    with pytest.raises(SuiteError):
        check(path)
    duckdb.connect(str(path)).close()


@pytest.mark.parametrize("name", ["数据 库.duckdb", "a%20b#c.duckdb", "it's $HOME?.duckdb"])
def test_any_path_will_do(
    broken: Callable[..., Path], only: Callable[..., None], name: str
) -> None:
    only("findings_id_unique")
    assert check(broken(name=name)).success


def test_no_word_on_the_terminal_and_no_request_to_the_network(
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert run_checks(whole, docs_dir=tmp_path / "docs", work_dir=tmp_path / "work").success
    assert capfd.readouterr() == ("", "")


def test_nothing_is_written_outside_the_given_folders(whole: Path, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("home", "tmp", "cwd", "data")}
    for folder in folders.values():
        folder.mkdir()
    database = shutil.copyfile(whole, folders["data"] / "eco.duckdb")
    code = (
        "import sys; from pathlib import Path; from expectations import run_checks; "
        "run_checks(Path(sys.argv[1]), docs_dir=Path(sys.argv[2]), work_dir=Path(sys.argv[3]))"
    )
    subprocess.run(
        [sys.executable, "-c", code, database, tmp_path / "out" / "docs", tmp_path / "work"],
        cwd=folders["cwd"],
        env={
            "HOME": str(folders["home"]),
            "TMPDIR": str(folders["tmp"]),
            "PYTHONPATH": str(PROJECT),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        check=True,
    )
    written = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    outside = [p for p in written if not p.startswith(("out/docs/", "work/"))]
    assert outside == ["data/eco.duckdb"]
    assert (tmp_path / "out" / "docs" / "index.html").is_file()
    assert [p for p in written if p.startswith("work/")] == []


class Page(HTMLParser):
    """Everything that a page asks for, links to, or says."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.linked: list[str] = []
        self.styles: list[str] = []
        self.texts: list[str] = []
        self.ids: set[str] = set()
        self._within: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("src", "srcset", "poster", "data", "action", "background") or (
                name == "href" and tag != "a"
            ):
                self.asked.append(value or "")
            elif name == "href":
                self.linked.append(value or "")
            elif name == "style":
                self.styles.append(value or "")
            elif name == "id":
                self.ids.add(value or "")
        if tag in ("script", "style", "code", "pre"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._within[-1:] == ["style"]:
            self.styles.append(data)
        elif not self._within and data.strip():
            self.texts.append(data.strip())


@pytest.fixture(scope="module")
def site(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Data Docs of marts in which some things are wrong, some of them dressed up as markup."""
    folder = tmp_path_factory.mktemp("site")
    path = shutil.copyfile(whole, folder / "eco.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update marts.submissions set rows_read = 6, file_name = '<script>alert(1)</script>'"
        )
        connection.execute(
            "update marts.indicator_values set basis = '<img src=https://example.org/x.png>'"
        )
        connection.execute("alter table marts.findings drop column detail_zh")
    report = check(path, folder / "docs")
    assert not report.success
    yield folder / "docs"


def test_data_docs_ask_nothing_of_the_outside(site: Path) -> None:
    pages = {path: Page(path) for path in site.rglob("*.html")}
    assert len(pages) == PAGES
    for path, page in pages.items():
        assert page.asked, f"{path} has no style"
        for address in page.asked + page.linked:
            if address.startswith(("#", "data:")):
                continue
            assert "://" not in address and not address.startswith(("//", "/")), (path, address)
            target = path.parent / address.split("#")[0]
            assert target.is_file(), f"{path}: {address} is not there"
        assert not [style for style in page.styles if "url(" in style or "@import" in style]
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text
        assert all(part.startswith('"data:') for part in text.split("url(")[1:]), path


def test_data_docs_are_small_and_carry_their_licences(site: Path) -> None:
    assert sum(p.stat().st_size for p in site.rglob("*") if p.is_file()) < 2_000_000
    assert (site / "static" / "LICENSES.md").is_file()


def test_data_docs_say_in_chinese_what_was_found(site: Path) -> None:
    index = Page(site / "index.html")
    assert "不予发布" in index.texts
    assert "报送记录" in index.texts  # the title of the view in schema bi
    (result,) = site.glob("validations/publication/submissions/*/*/*.html")
    page = Page(result)
    assert "读取行数 = 接收行数 + 退回行数 + 重复行数，一行不多，一行不少" in page.texts
    assert {"结果", "检查内容", "实际情况", "文件名", "3 行不符"} <= set(page.texts)


def test_data_docs_leave_no_sentence_of_great_expectations_in_english(site: Path) -> None:
    ours = {"is not there", "does not exist"}
    for path in site.rglob("*.html"):
        english = [
            text
            for text in Page(path).texts
            if text.isascii()
            and sum(word.isalpha() for word in text.split()) > 1
            and not any(part in text for part in ours)
        ]
        assert english == [], f"{path}: add them to expectations/templates/wording.csv"


def test_values_are_shown_as_text_and_never_as_markup(site: Path) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    assert "<script>alert" not in pages and "<img" not in pages
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages
    assert "&lt;img src=https://example.org/x.png&gt;" in pages


def test_data_docs_take_the_place_of_older_ones(whole: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for _ in range(2):
        assert run_checks(whole, docs_dir=docs, work_dir=tmp_path / "work").success
    assert len(list(docs.rglob("*.html"))) == PAGES


def test_suites_stand_next_to_each_other(
    whole: Path, tmp_path: Path, only: Callable[..., None]
) -> None:
    balance = one(
        "submissions_rows_conserved",
        suite="balances",
        suite_zh="平衡关系",
        expectation_id="nothing_read",
        failing_rows="select submission_id from marts.submissions where rows_read > 0",
    )
    only("submissions_rows_conserved", balance)
    report = run_checks(whole, docs_dir=tmp_path / "docs", work_dir=tmp_path)
    assert [(r.suite, r.success) for r in report.results] == [
        ("publication", True),
        ("balances", False),
    ]
    texts = Page(tmp_path / "docs" / "index.html").texts
    assert {"发布前必查 · 报送记录", "平衡关系 · 报送记录", "2 行不符"} <= set(texts)


@pytest.mark.slow
def test_the_marts_of_a_whole_load_pass_and_are_shown(loaded: Eco, tmp_path: Path) -> None:
    report = run_checks(loaded.home.database, docs_dir=tmp_path / "docs", work_dir=tmp_path)
    assert report.success and not [r for r in report.results if r.exception]
    assert {r.table for r in report.results if not r.success} == {"findings"}
    for docs in (tmp_path / "docs", loaded.home.report / "data_docs"):
        assert {"可以发布", "指标进展", "指标数值", "报送记录"} <= set(
            Page(docs / "index.html").texts
        )
        assert len(list(docs.rglob("*.html"))) == PAGES
