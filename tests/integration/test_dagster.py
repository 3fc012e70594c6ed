"""What Dagster is told: assets, checks, job and schedule, and that a fresh home can be opened."""

import dagster as dg
import pytest

import expectations
from orchestration.definitions import NIGHTLY, defs
from orchestration.instance import open_instance, prepare_instance
from sources.contracts import load_contracts
from warehouse.home import Home


def assets() -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in defs.resolve_all_asset_specs()}


def test_every_dataset_is_an_asset_upstream_of_its_staging_model() -> None:
    known = assets()
    for dataset, contract in load_contracts().datasets.items():
        spec = known[dg.AssetKey(["lake", dataset])]
        assert spec.group_name == contract.domain
        staging = known[dg.AssetKey(["staging", f"stg_{dataset}"])]
        assert spec.key in {dep.asset_key for dep in staging.deps}


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
    configuration = dict(request.run_config)
    configuration["resources"]["load"]["config"]["home_dir"] = str(empty_home.root)
    prepare_instance(empty_home)
    with open_instance(empty_home) as instance, empty_home.lock("load"):
        job = defs.resolve_job_def("ingest")
        assert job.execute_in_process(run_config=configuration, instance=instance).success
    assert list(empty_home.receipts("forestry").glob("f.csv*.html"))


def test_a_prepared_home_has_dagsters_databases(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    prepare_instance(empty_home)
    assert (empty_home.dagster / "dagster.yaml").exists()
    with open_instance(empty_home) as instance:
        assert list(instance.get_runs()) == []
        assert not instance.telemetry_enabled
