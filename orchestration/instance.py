"""Dagster's own home inside a data home: its settings, its databases, opening it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import sqlalchemy
import yaml
from sqlalchemy.engine import Engine

from warehouse.files import write_text
from warehouse.home import Home

# SQLite below DAGSTER_HOME is Dagster's default storage; nothing leaves the machine.
SETTINGS = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},  # no invitation to sign up somewhere
    "concurrency": {
        "runs": {
            "max_concurrent_runs": 4,
            "tag_concurrency_limits": [{"key": "eco/builds", "limit": 1}],
        }
    },
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 90}},
    },
}


@sqlalchemy.event.listens_for(Engine, "connect")
def _write_without_waiting(connection: object, _record: object) -> None:
    """Let SQLite not wait for the disk at each of the several hundred events of a load.

    With its write-ahead log a crash costs nothing, a power cut the last events at most: they are
    the history of runs, not data.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = normal")


def prepare_instance(home: Home) -> None:
    """Write Dagster's settings and make its databases.

    They must be there before web server and daemon start together: both would make them at once.
    """
    with open_instance(home) as instance:
        instance.get_runs(limit=1)


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of a data home, under our settings also where somebody removed them."""
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        write_text(settings, yaml.safe_dump(SETTINGS, sort_keys=False))
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    with dg.DagsterInstance.get() as instance:
        yield instance
