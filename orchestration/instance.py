"""Dagster's instance inside a data home: settings, databases, opening it, dead runs."""

import logging
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy
import yaml

from orchestration.storage import BUSY_SECONDS
from warehouse.home import state
from warehouse.home.files import write_text
from warehouse.home.layout import Home, HomeError
from warehouse.home.settings import DagsterSettings

_log = logging.getLogger(__name__)
POSTGRES_VARIABLE = DagsterSettings.variable("dagster_postgres")
BUILDS = "eco/builds"
_NOTE = (
    "# Made by eco. Remove this line to keep changes of your own.\n"  # checked in existing files
)
# No data leaves the machine. Without a database server Dagster keeps its tables in SQLite below
# DAGSTER_HOME.
_SETTINGS: dict[str, Any] = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},  # no invitation to sign up
    "concurrency": {
        "runs": {
            "max_concurrent_runs": 4,
            "tag_concurrency_limits": [{"key": BUILDS, "limit": 1}],
        }
    },
    # A load has some 2,000 events of Dagster: they are in its event log, not in the journal.
    "python_logs": {"python_log_level": "INFO"},
    "run_monitoring": {"enabled": True, "start_timeout_seconds": 300},
    # A run is retried once when its process was lost, not when a step failed.
    "run_retries": {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False},
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 90}},
    },
}
_SQLITE = {
    "storage": {
        "custom": {
            "module": "orchestration.storage",
            "class": "Storage",
            "config": {"base_dir": {"env": "DAGSTER_HOME"}},
        }
    }
}
_POSTGRES = {"storage": {"postgres": {"postgres_url": {"env": POSTGRES_VARIABLE}}}}
# Dagster's SQLite files below DAGSTER_HOME; each run has one of its own beside the events' index.
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
_RUN_DATABASES = "history/runs/*.db"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)
# What a run intends to do is stored in batches of so many events.
_BATCH_EVENTS = 1000
# A starting load has taken the home's lock long before.
_GRACE = timedelta(minutes=5)
# A load that released the lock a moment ago still reports its result.
_RESULT_SECONDS = 2.0


def _with_driver(address: str) -> str:
    """Add the driver to an address without one: SQLAlchemy's default is not Dagster's psycopg2."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", address)


def _write_settings(home: Home) -> None:
    """Update dagster.yaml, unless it was taken over by a person (its first line is removed).

    Raises HomeError when this home's runs are in PostgreSQL and its address is not set: a process
    without the setting must not continue with empty tables of its own.
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
            f"address as in the other processes, or remove {target} to go back to SQLite"
        )
    # First, so that a file that was cut off still says where the runs are.
    settings = {**(_POSTGRES if postgres else _SQLITE), **_SETTINGS}
    text = _NOTE + yaml.safe_dump(settings, sort_keys=False)
    if text != before:
        if target.exists():
            _log.info("%s: its settings are not those of this version; written again", target)
        write_text(target, text)


def mend(home: Home) -> None:
    """Set Dagster's damaged files aside, which it makes again.

    The databases of runs, events and schedules belong together: sensors remember numbers of
    events, so that where one is missing or damaged its history begins anew with all.
    """
    _mend_settings(home)
    databases = {path: _database_problem(path) for path in map(home.dagster.joinpath, DATABASES)}
    problems = {path: problem for path, problem in databases.items() if problem}
    if problems and any(path.exists() for path in databases):
        reason = "; ".join(f"{path.name}: {problem}" for path, problem in problems.items())
        folders = {home.dagster / Path(name).parts[0] for name in DATABASES}
        state.set_aside(home.state, sorted(f for f in folders if f.exists()), reason)
        return
    for path in home.dagster.glob(_RUN_DATABASES):
        if path not in databases and not _is_whole_database(path):
            state.set_aside(home.state, [path], "it is no complete database")


def _mend_settings(home: Home) -> None:
    path = home.dagster / "dagster.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except IsADirectoryError:
        state.set_aside(home.state, [path], "a folder in its place")
        return
    except (ValueError, yaml.YAMLError):
        content = None
    if not isinstance(content, dict):
        state.set_aside(home.state, [path], "it has no settings")


def _database_problem(path: Path) -> str | None:
    """Return why Dagster cannot use a database, None where it can."""
    if not path.is_file():
        return "it is missing"
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            [tables] = connection.execute("select count(*) from sqlite_master").fetchone()
            [found] = connection.execute("pragma quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:  # busy, or a full disk
            raise
        return str(error)
    if not tables:
        return "it is empty"
    return None if found == "ok" else found


def _is_whole_database(path: Path) -> bool:
    """Return whether a run's database has its first page and its length.

    There are too many to read them whole. One that is empty is being made.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(100)
    if not head or path.with_name(f"{path.name}-wal").exists():
        return True
    page_bytes = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    size = path.stat().st_size
    return head.startswith(b"SQLite format 3\0") and pages * max(page_bytes, 512) <= size


def environment(home: Home) -> dict[str, str]:
    """Return the environment variables with which Dagster's processes work in a data home."""
    return {"DAGSTER_HOME": str(home.dagster), "DAGSTER_EVENT_BATCH_SIZE": str(_BATCH_EVENTS)}


def prepare_instance(home: Home) -> None:
    """Write Dagster's settings and create its databases.

    They must exist before web server and daemon start together: both would create them at once.
    Raises HomeError when PostgreSQL is configured and cannot be reached.
    """
    with open_instance(home) as instance:
        instance.get_runs(limit=1)


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Open Dagster's instance of a data home; missing settings are written first.

    Raises HomeError when its database cannot be reached.
    """
    os.environ.update(environment(home))
    mend(home)
    _write_settings(home)
    with dg.DagsterInstance.get() as instance:
        try:
            yield instance
        finally:
            if instance.schedule_storage is not None:  # Dagster disposes of the other parts
                instance.schedule_storage.dispose()


def _reach(address: str) -> None:
    """Raise HomeError unless the server responds; Dagster itself would retry for minutes."""
    engine = sqlalchemy.create_engine(address, connect_args={"connect_timeout": 10})
    try:
        engine.connect().close()
    except sqlalchemy.exc.OperationalError as error:
        reason = " ".join(str(error.orig).split())
        raise HomeError(
            f"Dagster's database cannot be reached: {reason} Is the server running, and "
            f"is {POSTGRES_VARIABLE} correct (postgresql://user:password@host:port/database)?"
        ) from error
    finally:
        engine.dispose()


def end_dead_loads(home: Home, instance: dg.DagsterInstance) -> list[str]:
    """Mark loads as failed whose process died (killed, or the machine went down).

    Dagster on one machine does not notice by itself, and would wait for them forever before it
    starts the next load. A running load holds the home's load lock. Returns the run ids.
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
            time.sleep(_RESULT_SECONDS)
            for run in candidates:
                now = instance.get_run_by_id(run.run_id)
                if now is not None and not now.is_finished:
                    instance.report_run_failed(now, "the process of this load died")
                    ended.append(run.run_id)
    except HomeError:
        return []
    return ended
