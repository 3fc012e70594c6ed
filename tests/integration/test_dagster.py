"""Dagster's definitions: assets, checks, job and schedule, and that a fresh home can be opened."""

import asyncio
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.definitions.freshness import (
    CronFreshnessPolicy,
    FreshnessState,
    TimeWindowFreshnessPolicy,
)
from dagster._core.definitions.freshness_evaluator import (
    CronFreshnessPolicyEvaluator,
    TimeWindowFreshnessPolicyEvaluator,
)
from dagster._core.loader import LoadingContextForTest

import expectations
from orchestration.assets.deliveries import deliveries, freshness
from orchestration.dbt_build.runner import NodeResult, failing_rows
from orchestration.definitions import NIGHTLY, defs
from orchestration.instance import open_instance, prepare_instance
from orchestration.intake.service import Intake
from orchestration.refusals import refusing_damage, retrying_io_errors
from sources.contracts import load_contracts
from tests.conftest import Eco
from warehouse.home.layout import Home
from warehouse.lake.index import submissions
from warehouse.lake.submissions import LakeError

# Dagster's own answer to how fresh an asset is, as its web page shows it.
FRESHNESS_EVALUATORS = {
    CronFreshnessPolicy: CronFreshnessPolicyEvaluator,
    TimeWindowFreshnessPolicy: TimeWindowFreshnessPolicyEvaluator,
}


def assets() -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in defs.resolve_all_asset_specs()}


def test_every_dataset_is_an_asset_upstream_of_its_staging_model() -> None:
    known = assets()
    for dataset, contract in load_contracts().datasets.items():
        spec = known[dg.AssetKey(["lake", dataset])]
        assert spec.group_name == contract.domain
        staging = known[dg.AssetKey(["staging", f"stg_{dataset}"])]
        assert spec.key in {dep.asset_key for dep in staging.deps}


def test_every_asset_and_check_is_described_and_every_asset_owned() -> None:
    for key, spec in assets().items():
        assert spec.owners, key
        assert (spec.description or "").strip(), key
    graph = defs.get_repository_def().asset_graph
    assert [key for key in graph.asset_check_keys if not graph.get(key).description] == []


def test_marts_lead_to_the_publication() -> None:
    known = assets()
    published = known[dg.AssetKey(["publication", "eco"])]
    marts = {key for key in known if key.path[0] == "marts"}
    assert len(marts) > 10
    assert {dep.asset_key for dep in published.deps} == marts


def test_critical_expectations_block_and_warnings_do_not() -> None:
    declared = {spec.name: spec for checks in defs.asset_checks for spec in checks.check_specs}
    catalogue = expectations.catalogue()
    assert {entry.expectation_id for entry in catalogue} == set(declared)
    for entry in catalogue:
        spec = declared[entry.expectation_id]
        assert spec.blocking == (entry.severity == "critical")
        assert spec.asset_key == dg.AssetKey(["marts", entry.table])


def test_the_nightly_job_is_scheduled_at_two_in_yangcheng() -> None:
    schedule = defs.resolve_schedule_def(f"{NIGHTLY}_at_0200")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert schedule.job_name == NIGHTLY
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_names_that_people_and_scripts_rely_on_stay() -> None:
    repository = defs.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} - {"__ASSET_JOB"} >= {NIGHTLY, "ingest"}
    assert "landing_files" in {sensor.name for sensor in repository.sensor_defs}
    assert "nightly_at_0200" in {schedule.name for schedule in repository.schedule_defs}
    layers = {key.path[0] for key in assets()}
    assert {"lake", "intake", "staging", "marts", "publication"} <= layers


def test_the_sensor_asks_once_for_what_arrives_and_the_run_writes_receipts(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECO_HOME", str(empty_home.root))
    sensor = defs.resolve_sensor_def("landing_files")
    with dg.build_sensor_context() as context:
        assert sensor.evaluate_tick(context).run_requests == []
    (empty_home.department("forestry") / "f.csv").write_text("年份,区域,森林覆盖率\n2020,全县,46\n")
    with dg.build_sensor_context() as context:
        tick = sensor.evaluate_tick(context)
    [request] = tick.run_requests
    with dg.build_sensor_context(cursor=tick.cursor) as context:
        assert sensor.evaluate_tick(context).run_requests == []
    prepare_instance(empty_home)
    with open_instance(empty_home) as instance, empty_home.lock("load"):
        job = defs.resolve_job_def("ingest")
        assert job.execute_in_process(
            run_config=dict(request.run_config), instance=instance
        ).success
    assert list(empty_home.receipts("forestry").glob("*f.csv*.html"))


def test_a_prepared_home_has_dagsters_databases(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    prepare_instance(empty_home)
    assert (empty_home.dagster / "dagster.yaml").exists()
    with open_instance(empty_home) as instance:
        assert list(instance.get_runs()) == []
        assert not instance.telemetry_enabled
        assert instance.python_log_level == "INFO"


def test_the_graph_begins_in_landing_with_the_contracts_due_days() -> None:
    known = assets()
    contracts = load_contracts()
    for dataset, contract in contracts.datasets.items():
        upstream = {dep.asset_key for dep in known[dg.AssetKey(["lake", dataset])].deps}
        landing = [dg.AssetKey(["landing", d, dataset]) for d in contract.departments_allowed]
        assert upstream == set(landing)
        policies = [known[key].freshness_policy for key in landing]
        assert policies[1:] == [None] * len(policies[1:])
        assert (policies[0] is None) == (contract.cadence in ("event", "register"))


@pytest.mark.parametrize(
    ("cadence", "days", "deadline", "bound"),
    [  # due_on is the last day of the scorecard's rule: end of the period + days
        ("annual", 45, "0 0 15 2 *", 45),
        ("annual", 60, "0 0 2 3 *", 60),
        ("annual", 30, "0 0 31 1 *", 30),
        ("quarterly", 20, "0 0 21 1,4,7,10 *", 20),
        ("monthly", 10, "0 0 11 * *", 10),
        ("monthly", 45, "0 0 18 * *", 28),
    ],
)
def test_a_deadline_is_the_end_of_the_day_on_which_it_is_due(
    cadence: str, days: int, deadline: str, bound: int
) -> None:
    some = next(iter(load_contracts()))
    changed = some.model_copy(update={"cadence": cadence, "due_days_after_period": days})
    policy = freshness(changed)
    assert policy is not None
    assert (policy.deadline_cron, policy.timezone) == (deadline, "Asia/Shanghai")
    assert policy.lower_bound_delta == timedelta(days=bound)


def test_a_delivery_is_recorded_once_however_it_was_taken_in(empty_home: Home) -> None:
    (empty_home.department("forestry") / "f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    contracts = load_contracts()
    Intake(empty_home, contracts, "test").run(settle_seconds=0)
    with dg.DagsterInstance.ephemeral() as instance:
        [event] = deliveries(instance, contracts, submissions(empty_home))
        assert event.asset_key == dg.AssetKey(["landing", "forestry", "forest_resources"])
        assert event.metadata["rows_accepted"].value == 1
        instance.report_runless_asset_event(event)
        assert list(deliveries(instance, contracts, submissions(empty_home))) == []


async def freshness_states(instance: dg.DagsterInstance) -> dict[str, FreshnessState]:
    """Return for each dataset how fresh the deliveries of its department are."""
    graph = defs.get_repository_def().asset_graph
    context = LoadingContextForTest(instance)
    states = {}
    for key in graph.get_all_asset_keys():
        policy = graph.get(key).freshness_policy
        if key.path[0] == "landing" and policy is not None:
            evaluator = FRESHNESS_EVALUATORS[type(policy)]()
            states[key.path[2]] = await evaluator.evaluate_freshness(context, graph.get(key))
    return states


def test_a_dataset_without_submissions_is_not_green(empty_home: Home) -> None:
    """What was delivered today is fresh; of all else Dagster says that nothing is known."""
    (empty_home.department("forestry") / "f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    contracts = load_contracts()
    Intake(empty_home, contracts, "test").run(settle_seconds=0)
    with dg.DagsterInstance.ephemeral() as instance:
        for event in deliveries(instance, contracts, submissions(empty_home)):
            instance.report_runless_asset_event(event)
        states = asyncio.run(freshness_states(instance))
    assert states.pop("forest_resources") == FreshnessState.PASS
    assert len(states) > 30
    assert set(states.values()) == {FreshnessState.UNKNOWN}


def test_the_rows_that_a_dbt_test_found_are_shown(tmp_path: Path) -> None:
    database = tmp_path / "eco.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table t as select range as n, date '2020-01-01' as day from range(30)"
        )
    failed = NodeResult("test.x", "fail", 0.1, None, 30, sql="select * from t where n >= 0")
    rows = failing_rows(database, failed)
    assert len(rows) == 20
    assert rows[0] == {"n": 0, "day": "2020-01-01"}
    passed = NodeResult("test.x", "pass", 0.1, None, 0, sql="select * from t")
    assert failing_rows(database, passed) == []
    gone = NodeResult("test.x", "fail", 0.1, None, 1, sql="select * from not_built")
    assert failing_rows(database, gone) == []


def test_what_is_of_the_moment_is_tried_again_and_a_refusal_is_not() -> None:
    seen: list[str] = []

    @dg.op
    def shaky() -> None:
        seen.append("tried")
        with retrying_io_errors(seconds=0):
            if seen.count("tried") < 3:
                raise OSError("no space left on device")

    @dg.op
    def refused() -> None:
        seen.append("refused")
        with retrying_io_errors(seconds=0), refusing_damage():
            raise LakeError("a file is damaged")

    @dg.job
    def some() -> None:
        shaky()
        refused()

    with dg.DagsterInstance.ephemeral() as instance:
        done = some.execute_in_process(instance=instance, raise_on_error=False)
    assert not done.success
    assert sorted(seen) == ["refused", "tried", "tried", "tried"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("job", "title"), [("weekly_analysis", "周分析"), ("monthly_bulletin", "月通报")]
)
def test_an_edition_is_issued_and_announced_once(copy_of_loaded: Eco, job: str, title: str) -> None:
    home = copy_of_loaded.home
    load = {"home_dir": str(home.root), "builds": False}
    configuration = {"resources": {"load": {"config": load}}}
    with open_instance(home) as instance:
        for _ in range(2):
            done = defs.resolve_job_def(job).execute_in_process(
                run_config=configuration, instance=instance
            )
            [made] = done.get_asset_materialization_events()
    page = Path(made.materialization.metadata["page"].value)
    assert page.is_file()
    assert page.is_relative_to(home.published / "bulletins")
    log = (home.logs / "alerts.log").read_text("utf-8")
    assert log.count(f"{title} {page.stem} 已生成") == 1
