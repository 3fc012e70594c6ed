"""A build on Apache Spark: the sources of the build file as Spark's tables, its marts as Parquet.

The build file is made as ever (warehouse/build/start.py) and decides what the build sees. Spark has
a table per dataset over exactly the files of the submissions in it, typed by the contract, and
tables of the schemas that describe the build. What Spark makes lies as Parquet beside the build
file, whose views of it publication reads like any other build. Spark must see the home under the
same path.

Nothing of Spark is imported before a session begins.
"""

import json
import logging
import os
import re
import shutil
import socket
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import duckdb

from sources.contracts import ROW_COLUMNS, Contract, Contracts
from warehouse.home.layout import Home
from warehouse.home.settings import EngineSettings
from warehouse.home.sql import identifier, literal
from warehouse.lake.index import submissions
from warehouse.publication.history import SCHEMA as LAST_PUBLICATION
from warehouse.publication.marts import SCHEMA as MARTS
from warehouse.publication.marts import VIEWS, Mart

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Schemas of the build file that Spark reads as they are.
_DESCRIBING = ("intake", LAST_PUBLICATION)
# The mark of a server that builds: its comment names the home.
_MARK = "eco_build"
_ACROSS_ENGINES = {
    # As DuckDB understands dates, numbers and names.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # Spark 4.3 fails with a ClassCastException in some unions that it plans anew.
    "spark.sql.adaptive.enabled": "false",
    # From expressions that follow from one another it infers millions of conditions.
    "spark.sql.constraintPropagation.enabled": "false",
}
# Rows of the lake from which on queries are compiled and their rows spread: on fewer rows, that
# costs more than to run them.
_LARGE = 2_000_000
# Groups of a task whose lists (the days of a month, for a percentile) are kept in memory; beyond
# them Spark sorts the rows. Its own limit is 128.
_LISTS = 250_000
_MESSAGE_LINES = 12  # of an error, without plans and traces


class SparkError(RuntimeError):
    """Spark cannot be used as it is set; the message says why and what to do."""


def _require_reachable(address: str, variable: str) -> None:
    """Raise SparkError when nothing listens at host and port of an address."""
    place = urlsplit(address)
    try:
        host, port = place.hostname, place.port or 15002  # of Spark Connect
        socket.create_connection((host or "", port), timeout=10).close()
    except (OSError, ValueError) as error:
        raise SparkError(
            f"{variable} is '{address}', and nothing answers there ({error}): start Spark, or "
            "correct the variable; unset ECO_ENGINE to build with DuckDB"
        ) from None


def require_spark(settings: EngineSettings) -> None:
    """Raise SparkError when the environment lacks what the settings need: one sentence each."""
    missing = [name for name in ("pyspark", "dbt.adapters.spark") if not _is_installed(name)]
    if missing:
        raise SparkError(
            f"ECO_ENGINE is 'spark', and {', '.join(missing)} is not installed: install the "
            "requirements of requirements-cluster.lock, or unset ECO_ENGINE to build with DuckDB"
        )
    if settings.spark_remote:
        _require_reachable(settings.spark_remote, "SPARK_REMOTE")
        return
    if not settings.spark_master:
        raise SparkError(
            "ECO_ENGINE is 'spark', and nothing says where Spark is: set SPARK_REMOTE to the "
            "address of a Spark Connect server (sc://host:15002), or ECO_SPARK_MASTER to a master "
            "(local[2], spark://host:7077)"
        )
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else "java"
    if shutil.which(java) is None:
        raise SparkError(
            f"ECO_SPARK_MASTER is '{settings.spark_master}', and there is no Java ({java}): "
            "install Java 17, or set SPARK_REMOTE to a Spark Connect server elsewhere"
        )
    if settings.spark_master.startswith("spark://") and "," not in settings.spark_master:
        _require_reachable(settings.spark_master, "ECO_SPARK_MASTER")


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package around it
        return False


def _session(settings: EngineSettings, folder: Path) -> "SparkSession":
    """Return the session of the settings; a new one writes below the folder."""
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    # They print every query that fails, and a session that is gone; the load reports both.
    # Without a handler of the root logger Python would add one that prints.
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    PySparkLogger.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    if settings.spark_remote:
        # dbt-spark asks for a catalogue with each statement; that of the server is checked below.
        warnings.filterwarnings("ignore", "Failed to set spark.sql.catalogImplementation")
        return SparkSession.builder.remote(settings.spark_remote).getOrCreate()
    master = settings.spark_master or ""
    builder = (
        SparkSession.builder.master(master)
        .appName("eco")
        .config(
            map={
                "spark.driver.memory": settings.spark_memory,
                "spark.log.level": "FATAL",  # the load reports errors
                "spark.sql.catalogImplementation": "in-memory",
                "spark.sql.warehouse.dir": str(folder / "main"),
                # What pages about queries would need takes a gigabyte.
                "spark.sql.ui.retainedExecutions": "1",
                "spark.ui.retainedJobs": "1",
                "spark.ui.retainedStages": "1",
                "spark.ui.retainedTasks": "10",
                "spark.ui.enabled": "false",
                "spark.ui.showConsoleProgress": "false",
            }
        )
    )
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return builder.getOrCreate()


@contextmanager
def session(home: Home, settings: EngineSettings) -> Iterator["SparkSession"]:
    """Yield a Spark session for builds of the home, and end it. Raises SparkError."""
    begun = begin_session(home, settings)
    _require_own_catalogue(begun)
    _take_server(begun, home)
    try:
        yield begun
    finally:
        with suppress(Exception):  # of a server that is gone
            begun.sql(f"drop schema if exists {_MARK} cascade")
        with suppress(Exception):
            begun.stop()


def begin_session(home: Home, settings: EngineSettings) -> "SparkSession":
    """Return a Spark session for a build of the home. Raises SparkError."""
    require_spark(settings)
    try:
        session = _session(settings, _folder(home))
        for name, value in _ACROSS_ENGINES.items():
            session.conf.set(name, value)
    except Exception as error:
        raise SparkError(
            f"Spark does not start: {type(error).__name__}: {first_sentence(str(error))}"
        ) from error
    return session


def _folder(home: Home) -> Path:
    return home.build_database.parent / "spark"


def _text(text: object) -> str:
    """Return a text as a literal of Spark, which knows escapes."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pattern(path: str) -> str:
    """Return the pattern that means a path and nothing else."""
    return re.sub(r"([\\{}\[\]*?,])", r"\\\1", path)


def _lake_table(home: Home, contract: Contract, files: Iterable[str]) -> str:
    """Return the statement for a dataset's table over these files; without any it is empty."""
    types = {f.field: f.sql_type for f in contract.fields} | ROW_COLUMNS
    columns = ", ".join(f"{identifier(column)} {sql_type}" for column, sql_type in types.items())
    table = f"create table lake.{identifier(contract.dataset)} ({columns}) using parquet"
    names = ",".join(_pattern(path) for path in files)
    if not names:
        return table
    return f"{table} options (path {_text(f'{_pattern(str(home.root))}/{{{names}}}')})"


def _visible_files(home: Home, connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return by dataset the files of the submissions that a build file sees."""
    seen = {
        identity
        for (identity,) in connection.execute(
            "select submission_id from intake.submissions "
            "except select submission_id from intake.holds"
        ).fetchall()
    }
    found: dict[str, list[str]] = {}
    for submission in submissions(home):
        if submission.submission_id in seen and submission.dataset:
            paths = [file.path for file in submission.files]
            found.setdefault(submission.dataset, []).extend(paths)
    return found


def _describing_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path
) -> Iterator[tuple[str, str, Path]]:
    """Yield schema, name and a new Parquet file of each table that describes the build."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where list_contains(?, schema_name)",
        [list(_DESCRIBING)],
    ).fetchall()
    for schema, table in tables:
        path = folder / "sources" / f"{schema}.{table}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        name = f"{identifier(schema)}.{identifier(table)}"
        connection.execute(f"copy {name} to {literal(path)} (format parquet)")
        yield schema, table, path


def _suit_size(
    session: "SparkSession", connection: duckdb.DuckDBPyConnection, partitions: int
) -> None:
    """Let Spark compile queries and spread rows where the build sees many, and not elsewhere."""
    (count,) = connection.execute(
        "select coalesce(sum(rows_accepted), 0) from intake.submissions"
    ).fetchone() or (0,)
    is_large = count >= _LARGE
    session.conf.set("spark.sql.objectHashAggregate.sortBased.fallbackThreshold", str(_LISTS))
    session.conf.set("spark.sql.codegen.wholeStage", str(is_large).lower())
    session.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if is_large else "NO_CODEGEN")
    session.conf.set("spark.sql.shuffle.partitions", str(partitions if is_large else 1))


def _require_own_catalogue(session: "SparkSession") -> None:
    """Raise SparkError when the catalogue may hold others' tables: schemas are dropped."""
    kind = session.conf.get("spark.sql.catalogImplementation")
    if kind != "in-memory":
        raise SparkError(
            f"spark.sql.catalogImplementation of the Spark server is '{kind}': start a server of "
            "its own for the load, with 'in-memory'; schemas of these names would be dropped there"
        )


def _take_server(session: "SparkSession", home: Home) -> None:
    """Mark that a server builds for this home. Raises SparkError when it builds for another."""
    schemas = {row[0] for row in session.sql("show schemas").collect()}
    if _MARK in schemas:
        described = session.sql(f"describe schema {_MARK}").collect()
        owner = next((row[1] for row in described if row[0] == "Comment"), "")
        if owner != str(home.root):
            raise SparkError(
                f"the Spark server is building for another home, {owner}: run one build at a time, "
                f"or give each home a server; if none is running, drop the schema {_MARK} there"
            )
    session.sql(f"create schema if not exists {_MARK} comment {_text(home.root)}")


def register_sources(
    session: "SparkSession",
    home: Home,
    contracts: Contracts,
    *,
    schemas: Iterable[str],
    on_table: Callable[[], None] = lambda: None,
) -> None:
    """Make tables of all that the build file has as sources; `schemas` are those that dbt fills.

    Raises SparkError when Spark does not see every file.
    """
    folder = _folder(home)
    for schema in {"lake", *_DESCRIBING, *schemas}:
        session.sql(f"drop schema if exists {schema} cascade")
        session.sql(f"create schema {schema} location {_text(folder / schema)}")
    with duckdb.connect(str(home.build_database)) as connection:
        _suit_size(session, connection, EngineSettings.load().spark_partitions)
        files = _visible_files(home, connection)
        for schema, table, path in _describing_tables(connection, folder):
            create_parquet_table(session, f"{schema}.{identifier(table)}", path)
            on_table()
    for contract in contracts:
        expected = files.get(contract.dataset, [])
        session.sql(_lake_table(home, contract, expected))
        if expected:
            seen = len(session.table(f"lake.{contract.dataset}").inputFiles())
            if seen != len(expected):
                raise SparkError(
                    f"Spark sees {seen} of the {len(expected)} files of {contract.dataset}: the "
                    f"data home must be at {home.root} on every machine of the cluster"
                )
        on_table()


def create_parquet_table(session: "SparkSession", name: str, path: Path) -> None:
    """Make a table of Spark of a Parquet file; it sees the file under the same path."""
    location = _text(_pattern(str(path)))
    session.sql(f"create table {name} using parquet options (path {location})")


def take_marts(session: "SparkSession", home: Home, marts: Mapping[str, Mart]) -> None:
    """Make the marts that Spark has built views of the build file, in schemas marts and bi."""
    built = {row["tableName"] for row in session.sql(f"show tables in {MARTS}").collect()}
    with duckdb.connect(str(home.build_database)) as connection:
        for schema in (MARTS, VIEWS):
            connection.execute(f"create schema if not exists {schema}")
        for mart in marts.values():
            if mart.name not in built:
                continue
            pattern = _folder(home) / MARTS / mart.name / "*.parquet"
            name = f"{MARTS}.{identifier(mart.name)}"
            connection.execute(
                f"create or replace view {name} as select * from read_parquet({literal(pattern)})"
            )
            columns = ", ".join(
                f"{identifier(c.name)} as {identifier(c.title_zh)}" for c in mart.columns.values()
            )
            connection.execute(
                f"create or replace view {VIEWS}.{identifier(mart.title_zh)} as "
                f"select {columns} from {name}"
            )


def first_sentence(message: str) -> str:
    """Return the message of an error of Spark without its plans and the traces of Java."""
    kept = []
    for line in message.splitlines():
        if line.strip().startswith(("JVM stacktrace", "at org.", "at java.")):
            break
        kept.append(line)
        if "SQLSTATE" in line or len(kept) == _MESSAGE_LINES:
            break
    return "\n".join(kept).strip()


def rows(session: "SparkSession", query: str, limit: int) -> list[dict[str, Any]]:
    """Return the first rows of a query, with values for JSON; none where it cannot run."""
    try:
        found = [row.asDict() for row in session.sql(query).limit(limit).collect()]
    except Exception:  # of whatever the session, its network or Java raises
        return []
    return json.loads(json.dumps(found, default=str, ensure_ascii=False))
