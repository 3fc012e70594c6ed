"""Where Dagster keeps its runs: SQLite without a word, PostgreSQL by one setting."""

from datetime import timedelta

import dagster as dg
import psycopg2
import pytest

from orchestration.definitions import INGEST, defs
from orchestration.instance import (
    BUILDS,
    POSTGRES_VARIABLE,
    end_dead_loads,
    open_instance,
    prepare_instance,
)
from tests.postgres_server import server  # noqa: F401 - a fixture
from warehouse.home.layout import Home, HomeError


@pytest.mark.slow
def test_runs_are_kept_in_postgresql_by_one_setting(
    empty_home: Home,
    server: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, server)
    empty_home.department("forestry").joinpath("f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    prepare_instance(empty_home)
    with open_instance(empty_home) as instance:
        configuration = {
            "resources": {"load": {"config": {"home_dir": str(empty_home.root), "builds": False}}}
        }
        job = defs.resolve_job_def(INGEST)
        assert job.execute_in_process(run_config=configuration, instance=instance).success
    with psycopg2.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute("select pipeline_name, status from runs")
        assert cursor.fetchall() == [(INGEST, "SUCCESS")]
        cursor.execute("select count(*) from asset_keys where asset_key like '[\"lake\"%'")
        assert cursor.fetchone() >= (40,)
    connection.close()
    assert not list(empty_home.dagster.rglob("*.db")), "nothing beside it in SQLite"
    settings = (empty_home.dagster / "dagster.yaml").read_text("utf-8")
    assert server not in settings, "the address with its password stays in the environment"
    monkeypatch.delenv(POSTGRES_VARIABLE)
    with pytest.raises(HomeError, match=POSTGRES_VARIABLE), open_instance(empty_home):
        pass


def test_a_server_that_is_away_is_named(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, "postgresql://eco:s3cret@127.0.0.1:9/dagster")
    with pytest.raises(HomeError, match="cannot be reached") as caught:
        prepare_instance(empty_home)
    assert "s3cret" not in str(caught.value)


def test_settings_follow_the_software_until_somebody_makes_them_theirs(empty_home: Home) -> None:
    prepare_instance(empty_home)
    target = empty_home.dagster / "dagster.yaml"
    made = target.read_text("utf-8")
    note = made.splitlines()[0]
    target.write_text(f"{note}\ntelemetry: {{enabled: false}}\n", encoding="utf-8")
    prepare_instance(empty_home)
    assert target.read_text("utf-8") == made
    target.write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    prepare_instance(empty_home)
    assert target.read_text("utf-8") == "telemetry: {enabled: false}\n"


def test_a_load_whose_process_died_does_not_hold_up_the_next(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.instance._GRACE", timedelta(minutes=-1))
    monkeypatch.setattr("orchestration.instance._RESULT_SECONDS", 0.0)
    prepare_instance(empty_home)
    with open_instance(empty_home) as instance:
        run = instance.create_run_for_job(
            dg.job(name="nightly")(lambda: None),
            tags={BUILDS: "warehouse"},
            status=dg.DagsterRunStatus.STARTED,
        )
        with empty_home.lock("load"):
            assert end_dead_loads(empty_home, instance) == [], "it lives: it holds the lock"
        assert end_dead_loads(empty_home, instance) == [run.run_id]
        ended = instance.get_run_by_id(run.run_id)
        assert ended is not None
        assert ended.is_failure
        assert end_dead_loads(empty_home, instance) == []
