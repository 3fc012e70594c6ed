"""Dagster's own home inside a data home: its settings, its databases, opening it."""

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import sqlalchemy
import yaml
from sqlalchemy.engine import Engine

from warehouse.home.files import write_text
from warehouse.home.layout import Home, HomeError
from warehouse.home.settings import DagsterSettings

POSTGRES_VARIABLE = DagsterSettings.variable("dagster_postgres")
BUILDS = "eco/builds"
_NOTE = "# Made by eco. Remove this line to keep changes of your own.\n"
# Nothing leaves the machine. Without a database server Dagster keeps its tables in SQLite below
# DAGSTER_HOME.
_SETTINGS: dict[str, Any] = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},  # no invitation to sign up somewhere
    "concurrency": {
        "runs": {
            "max_concurrent_runs": 4,
            "tag_concurrency_limits": [{"key": BUILDS, "limit": 1}],
        }
    },
    "run_monitoring": {"enabled": True, "start_timeout_seconds": 300},
    # Once more, when the run's process was lost; what fails by itself would fail again.
    "run_retries": {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False},
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 90}},
    },
}
_POSTGRES = {"storage": {"postgres": {"postgres_url": {"env": POSTGRES_VARIABLE}}}}
# A load that begins takes the home's lock within seconds.
_GRACE = timedelta(minutes=5)
# One that has just let go of it is about to say how it ended.
_LAST_WORDS = 2.0


# SQLite files that the open instance has used, each with a connection of ours; None: none is open.
_held: dict[str, sqlite3.Connection] | None = None


@sqlalchemy.event.listens_for(Engine, "connect")
def _spare_the_disk(connection: object, _record: object) -> None:
    """Let SQLite not wait for the disk at each of the several hundred events of a load.

    With its write-ahead log a crash costs nothing, a power cut the last events at most: they are
    the history of runs, not data. Dagster opens and closes a file for each event; whoever closes
    it last merges the log into the file, a tenth of a load's time. While an instance is open, a
    connection of ours stays, so that this happens once.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("pragma synchronous = normal")
    _, _, path = connection.execute("pragma database_list").fetchone()
    if _held is not None and path and path not in _held:
        _held[path] = sqlite3.connect(path, check_same_thread=False)
        _held[path].execute("select count(*) from sqlite_master").fetchone()  # now it is open


@contextmanager
def _files_held() -> Iterator[None]:
    """Keep the SQLite files that are used meanwhile open."""
    global _held
    _held = {}
    try:
        yield
    finally:
        connections, _held = _held, None
        for connection in connections.values():
            connection.close()


def _with_driver(address: str) -> str:
    """SQLAlchemy would take psycopg 3 where an address names no driver; Dagster brings 2."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", address)


def _write_settings(home: Home) -> None:
    """Bring dagster.yaml up to date, unless somebody has made it theirs.

    Raises HomeError when this home's runs are in PostgreSQL and nobody says where that is: a
    process without the setting must not go on with empty tables of its own.
    """
    target = home.dagster / "dagster.yaml"
    before = target.read_text(encoding="utf-8") if target.exists() else _NOTE
    if not before.startswith(_NOTE):
        return
    postgres = DagsterSettings.load().dagster_postgres
    if postgres:
        # Dagster reads the variable itself, as dagster.yaml says.
        os.environ[POSTGRES_VARIABLE] = _with_driver(postgres)
        _reach(os.environ[POSTGRES_VARIABLE])
    if not postgres and POSTGRES_VARIABLE in before:
        raise HomeError(
            f"the runs of {home.root} are kept in PostgreSQL: set {POSTGRES_VARIABLE} to its "
            f"address as the other processes have it, or remove {target} to go back to SQLite"
        )
    settings = {**_SETTINGS, **(_POSTGRES if postgres else {})}
    text = _NOTE + yaml.safe_dump(settings, sort_keys=False)
    if text != before:
        write_text(target, text)


def prepare_instance(home: Home) -> None:
    """Write Dagster's settings and make its databases.

    They must be there before web server and daemon start together: both would make them at once.
    Raises HomeError when PostgreSQL is asked for and cannot be reached.
    """
    with open_instance(home) as instance:
        instance.get_runs(limit=1)


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of a data home, under our settings also where somebody removed them.

    Raises HomeError when its database cannot be reached.
    """
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    _write_settings(home)
    with _files_held(), dg.DagsterInstance.get() as instance:
        yield instance


def _reach(address: str) -> None:
    """Raise HomeError unless the server answers; Dagster itself would try for long."""
    engine = sqlalchemy.create_engine(address, connect_args={"connect_timeout": 10})
    try:
        engine.connect().close()
    except sqlalchemy.exc.OperationalError as error:
        reason = " ".join(str(error.orig).split())
        raise HomeError(
            f"Dagster's database cannot be reached: {reason} Is the server up, and is "
            f"{POSTGRES_VARIABLE} right (postgresql://user:password@host:port/database)?"
        ) from error
    finally:
        engine.dispose()


def end_dead_loads(home: Home, instance: dg.DagsterInstance) -> list[str]:
    """Mark loads as failed whose process is gone (killed, or the machine went down).

    Dagster on one machine does not notice by itself, and would wait for them for ever before it
    starts the next load. A load that lives holds the home's load lock. Returns the run ids.
    """
    filters = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING],
        updated_before=datetime.now(UTC) - _GRACE,
    )
    candidates = [r for r in instance.get_runs(filters) if BUILDS in r.tags]
    if not candidates:
        return []
    ended = []
    try:
        with home.lock("load", wait_seconds=0):
            time.sleep(_LAST_WORDS)
            for run in candidates:
                now = instance.get_run_by_id(run.run_id)
                if now is not None and not now.is_finished:
                    instance.report_run_failed(now, "the process of this load is gone")
                    ended.append(run.run_id)
    except HomeError:
        return []
    return ended
