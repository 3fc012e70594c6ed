"""Where Dagster keeps its runs: SQLite without a word, PostgreSQL by one setting."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

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
from warehouse.home.layout import Home, HomeError


def postgres_folder() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL of this test's own, below the system's temporary folder."""
    programs = postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    user = None
    if os.geteuid() == 0:  # it refuses to run as root
        user = next((u.pw_name for u in pwd.getpwall() if u.pw_name == "postgres"), "nobody")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="eco-postgres-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        log = folder / "log"
        done = subprocess.run(
            [programs / program, "-D", folder / "data", *arguments],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would keep a pipe open
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, log.read_text() if log.exists() else program

    options = f"-h 127.0.0.1 -p {port} -k {folder} -F -c max_connections=20"
    try:
        run("initdb", "-U", "eco", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgresql://eco@127.0.0.1:{port}/postgres"
    finally:
        if (folder / "data/postmaster.pid").exists():
            run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.mark.slow
def test_runs_are_kept_in_postgresql_by_one_setting(
    empty_home: Home, server: str, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr("orchestration.instance._LAST_WORDS", 0.0)
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
