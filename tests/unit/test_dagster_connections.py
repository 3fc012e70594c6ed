"""The SQLite storage with connections that stay open: Dagster's own files, one connection each."""

import multiprocessing
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from orchestration.instance import open_instance
from orchestration.storage import EventLog, Storage
from warehouse.home.layout import Home

ASSETS = 12


@dg.multi_asset(
    specs=[dg.AssetSpec(f"a{number}") for number in range(ASSETS)],
    check_specs=[dg.AssetCheckSpec("whole", asset=f"a{number}") for number in range(ASSETS)],
)
def many() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    for number in range(ASSETS):
        yield dg.MaterializeResult(asset_key=f"a{number}")
        yield dg.AssetCheckResult(passed=number != 3, asset_key=f"a{number}", check_name="whole")


def _open_below(folder: Path) -> set[str]:
    """Return the files below a folder that this process has open; none where /proc is missing."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []:
        try:
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:  # the one of the listing itself
            continue
        if path.is_relative_to(folder):
            found.add(path.name)
    return found


def run(home: Home) -> str:
    with open_instance(home) as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        return dg.materialize([many], instance=instance).run_id


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files to which connections are opened during the test."""
    opened: list[str] = []

    def connect(path: str, *args: object, **kwargs: object) -> sqlite3.Connection:
        opened.append(Path(path).name)
        return original(path, *args, **kwargs)  # type: ignore[call-overload]

    original = sqlite3.dbapi2.connect
    monkeypatch.setattr(sqlite3.dbapi2, "connect", connect)
    return opened


def test_a_file_is_opened_once_or_twice_and_not_for_each_event(
    empty_home: Home, connections: list[str]
) -> None:
    run(empty_home)
    connections.clear()
    run_id = run(empty_home)
    assert connections.count(f"{run_id}.db") <= 2
    assert connections.count("index.db") <= 4


def test_dagsters_own_storage_and_this_one_continue_each_other(empty_home: Home) -> None:
    empty_home.dagster.joinpath("dagster.yaml").write_text(
        "telemetry: {enabled: false}\n", encoding="utf-8"
    )
    with dg.DagsterInstance.from_config(str(empty_home.dagster)) as before:
        assert not isinstance(before.event_log_storage, EventLog)
        old = dg.materialize([many], instance=before).run_id
    empty_home.dagster.joinpath("dagster.yaml").unlink()
    new = run(empty_home)
    own = DagsterSqliteStorage(str(empty_home.dagster)).event_log_storage
    ours = Storage(str(empty_home.dagster)).event_log_storage
    for storage in (own, ours):
        counts = []
        for run_id in (old, new):
            events = storage.get_logs_for_run(run_id)
            counts.append(
                sorted(e.dagster_event_type.value for e in events if e.dagster_event_type)
            )
        assert counts[0] == counts[1]
        keys = [dg.AssetKey(f"a{number}") for number in range(ASSETS)]
        assert {*storage.all_asset_keys()} == {*keys}
        latest = storage.get_latest_asset_check_execution_by_key(
            [dg.AssetCheckKey(key, "whole") for key in keys]
        )
        assert {key.asset_key.path[0]: record.run_id for key, record in latest.items()} == {
            key.path[0]: new for key in keys
        }
        failed = [k for k, r in latest.items() if r.status.value == "FAILED"]
        assert [key.asset_key.path for key in failed] == [["a3"]]
    ours.dispose()


def test_a_file_that_was_replaced_is_opened_anew(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    log.enable_secondary_index("one")
    assert log.has_secondary_index("one")
    shutil.move(tmp_path / "index.db", tmp_path / "aside")
    for name in tmp_path.glob("index.db-*"):
        name.unlink()
    assert not log.has_secondary_index("one"), "a new file with its tables"
    log.enable_secondary_index("two")
    with sqlite3.connect(tmp_path / "index.db") as connection:
        names = connection.execute("select name from secondary_indexes").fetchall()
    assert ("two",) in names
    log.dispose()


def _in_a_fork(log: EventLog, inherited: int, found: "multiprocessing.Queue[object]") -> None:
    with log.index_connection() as connection:
        own = id(connection.connection.dbapi_connection)
    log.enable_secondary_index("from the fork")
    found.put(own != inherited)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_fork_uses_no_connection_of_its_parent(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    with log.index_connection() as connection:
        inherited = id(connection.connection.dbapi_connection)
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    child = context.Process(target=_in_a_fork, args=(log, inherited, found))
    child.start()
    assert found.get(timeout=30)
    child.join()
    assert log.has_secondary_index("from the fork")
    log.dispose()


def test_disposing_leaves_no_file_open_and_no_write_ahead_log(empty_home: Home) -> None:
    run(empty_home)
    assert not [path.name for path in empty_home.dagster.rglob("*-wal")]
    assert not _open_below(empty_home.dagster)


def test_a_batch_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    def event(message: str, run_id: str) -> dg.EventLogEntry:
        return dg.EventLogEntry(
            error_info=None, level="debug", user_message=message, run_id=run_id, timestamp=0.0
        )

    log = EventLog(str(tmp_path))
    log.store_event_batch([event("one", "r"), event("two", "r"), event("three", "s")])
    assert [entry.user_message for entry in log.get_logs_for_run("r")] == ["one", "two"]
    unknown = tmp_path / "no" / "folder"
    with pytest.raises(sqlalchemy.exc.OperationalError):
        log.store_event_batch([event("four", "r"), event("five", str(unknown))])
    assert [entry.user_message for entry in log.get_logs_for_run("r")] == ["one", "two"]
    assert [entry.user_message for entry in log.get_logs_for_run("s")] == ["three"]
    log.dispose()


def test_many_runs_are_read_with_few_files_open(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    for number in range(8):
        with log.run_connection(f"run{number}") as connection:
            assert sqlalchemy.inspect(connection).has_table("event_logs")
    assert len({name for name in _open_below(tmp_path) if name.endswith(".db")}) <= 4
    log.dispose()
