"""Dagster's SQLite storage with connections that stay open.

Dagster's own storage makes an engine for each event that it stores, connects, looks up tables and
columns, compiles the same statement again and closes the file. A load has some 2,000 events, so
that this was the largest part of its processor time. Here an engine is kept for each file; the
files and their tables are those of Dagster's own storage, which can read and continue them.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock, get_ident
from typing import Any, NamedTuple

import sqlalchemy
from dagster import DagsterInstance, EventLogEntry, StringSource
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

BUSY_SECONDS = 60  # a process waits this long for another one that writes
# The index of all events, the events of a few runs.
_MOST_ENGINES = 4
_Identity = tuple[int, int]


def _identity(path: Path) -> _Identity | None:
    """Return what tells a file from another one of the same name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _engine(path: Path) -> Engine:
    """Return a new engine of a SQLite file, which is created where it is missing.

    With SQLite's write-ahead log a crash loses nothing and a power cut at most the last events,
    which are the history of runs, not data; in return no event waits for the disk.
    """
    engine = sqlalchemy.create_engine(
        sqlalchemy.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},
    )
    sqlalchemy.event.listen(engine, "connect", _relax)
    with engine.connect() as connection:  # SQLite opens the file at the first query
        connection.exec_driver_sql("select count(*) from sqlite_master")
    return engine


def _relax(connection: Any, _record: object) -> None:
    connection.execute("pragma synchronous = normal")


class _Engines:
    """The engines of SQLite files, each kept as long as its path names the same file.

    Another process may set a damaged file aside (`orchestration.instance.mend`). No connection is
    used in a process other than the one that opened it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = os.getpid()
        self._kept: OrderedDict[Path, tuple[_Identity | None, Engine]] = OrderedDict()

    def of(self, path: Path) -> tuple[Engine, _Identity | None]:
        """Return the engine of a file, and the identity of the file."""
        with self._lock:
            if self._process != os.getpid():
                self._forget(close=False)
            identity, engine = self._kept.get(path, (None, None))
            if engine is not None and identity is not None and identity == _identity(path):
                self._kept.move_to_end(path)
                return engine, identity
            if engine is not None:
                engine.dispose()
            engine = _engine(path)
            identity = _identity(path)
            self._kept[path] = identity, engine
            while len(self._kept) > _MOST_ENGINES:
                _, (_, oldest) = self._kept.popitem(last=False)
                oldest.dispose()
            return engine, identity

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            self._forget(close=True)

    def _forget(self, *, close: bool) -> None:
        for _, engine in self._kept.values():
            engine.dispose(close=close)
        self._kept.clear()
        self._process = os.getpid()


class _Batch(NamedTuple):
    """Events that a thread stores together: the transactions that are open, by shard."""

    thread: int
    stack: ExitStack
    connections: dict[str, Connection]


class EventLog(SqliteEventLogStorage):
    """Dagster's event log: a file for each run, and one with an index of all runs."""

    def __init__(self, base_dir: str) -> None:
        self._engines = _Engines()
        self._known_tables: set[str] = set()
        self._asset_columns: set[str] = set()
        self._batch: _Batch | None = None
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if self._batch is not None and self._batch.thread == get_ident():
            if shard not in self._batch.connections:
                opened = self._batch.stack.enter_context(self._engine_of(shard).begin())
                self._batch.connections[shard] = opened
            yield self._batch.connections[shard]
            return
        with self._db_lock, self._engine_of(shard).begin() as connection:
            yield connection

    def _engine_of(self, shard: str) -> Engine:
        engine, identity = self._engines.of(Path(self.path_for_shard(shard)))
        if (shard, identity) not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add((shard, identity))
        return engine

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store all events or, where one cannot be stored, none: a transaction for each file."""
        with self._db_lock, ExitStack() as stack:
            self._batch = _Batch(get_ident(), stack, {})
            try:
                super().store_event_batch(events)
            finally:
                self._batch = None

    def has_table(self, table_name: str) -> bool:
        """Return whether the index has a table; once it has one, it is not looked up again."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._asset_columns and super()._has_asset_key_col_on_connection(
            conn, column_name
        ):
            self._asset_columns.add(column_name)
        return column_name in self._asset_columns

    def dispose(self) -> None:
        """Stop watching and close all files."""
        super().dispose()
        self._engines.close()


class _OneFile:
    """Mixin of Dagster's storages of runs and of schedules: one file with one engine."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines = _Engines()
        self._path = Path(sqlalchemy.make_url(conn_string).database or "")
        super().__init__(conn_string, inst_data)  # type: ignore[call-arg]

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Connect to the file for one transaction."""
        engine, _ = self._engines.of(self._path)
        with engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        self._engines.close()


class Runs(_OneFile, SqliteRunStorage):
    """Dagster's runs."""


class Schedules(_OneFile, SqliteScheduleStorage):
    """Dagster's schedules and sensors: their states and ticks."""


class Storage(DagsterStorage, ConfigurableClass):
    """Dagster's storage as `dagster.yaml` names it; `base_dir` is DAGSTER_HOME."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        base = Path(base_dir)
        self._inst_data = inst_data
        self._runs = Runs.from_local(str(base / "history"))
        self._events = EventLog(str(base / "history" / "runs"))
        self._schedules = Schedules.from_local(str(base / "schedules"))
        super().__init__()

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """The settings that this storage was made of."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return the settings of the storage."""
        return {"base_dir": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "Storage":
        """Return the storage of its settings in dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    def register_instance(self, instance: DagsterInstance) -> None:
        """Give the instance to all parts."""
        super().register_instance(instance)
        for part in (self._runs, self._events, self._schedules):
            if not part.has_instance:
                part.register_instance(instance)

    @property
    def event_log_storage(self) -> SqliteEventLogStorage:
        """The events."""
        return self._events

    @property
    def run_storage(self) -> SqliteRunStorage:
        """The runs."""
        return self._runs

    @property
    def schedule_storage(self) -> SqliteScheduleStorage:
        """The schedules and sensors."""
        return self._schedules

    def dispose(self) -> None:
        """Close all files."""
        for part in (self._events, self._runs, self._schedules):
            part.dispose()
