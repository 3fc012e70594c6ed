"""dbt in this process: the manifest that Dagster's definitions are made of, and builds.

dbt's own programmatic runner is used, because a separate dbt process costs several seconds per
load. No model is named here.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

import duckdb

from warehouse.home.files import fresh_folder, write_text
from warehouse.home.locks import file_lock
from warehouse.home.settings import BuildSettings
from warehouse.home.software import PROJECT

if TYPE_CHECKING:  # importing dbt takes seconds
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.results import RunExecutionResult

DBT_PROJECT = PROJECT / "dbt_project"
TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
# Of each engine, in a folder of its own for all but DuckDB (`_target`).
UNIT_TESTS_PASSED = "unit_tests_passed"
PARSED_FILES = "parsed_files"  # fingerprint of the project that dbt's cache was made of
PARSE_LOCK = TARGET / "parse.lock"  # one process at a time parses into the target folder


LISTED_ROWS = 20  # of a data test's failing rows
Engine = Literal["duckdb", "spark"]


class DbtError(RuntimeError):
    """dbt could not run at all; the message contains its error."""


@dataclass(frozen=True)
class NodeResult:
    """The result of one node of a build: `failures` is the number of failing rows of a test."""

    unique_id: str
    status: str
    seconds: float
    message: str | None
    failures: int | None
    sql: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the node was built, or its test passed."""
        return self.status in ("success", "pass")


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _target(engine: Engine) -> Path:
    return TARGET if engine == "duckdb" else TARGET / engine


def _arguments(command: str, target: Path, engine: Engine) -> list[str]:
    return [
        command,
        "--target",
        "build" if engine == "duckdb" else engine,
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(target),
        "--log-path",
        str(target / "logs"),
        "--quiet",
        "--no-use-colors",
        "--no-version-check",
    ]


def _project_files() -> Iterator[Path]:
    for path in DBT_PROJECT.rglob("*"):
        if path.suffix in (".sql", ".yml", ".csv", ".md") and TARGET not in path.parents:
            yield path


def _fingerprint(engine: Engine) -> str:
    """Return a digest of all that the unit tests depend on: project files and engine."""
    package = {"duckdb": "duckdb", "spark": "pyspark"}[engine]
    digest = sha256(f"{version('dbt-core')} {version(package)}".encode())
    for path in sorted(_project_files()):
        digest.update(path.relative_to(DBT_PROJECT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def manifest_path() -> Path:
    """Return the path of dbt's manifest; the project is parsed when one of its files is newer.

    Raises DbtError when the project does not parse.
    """
    newest = max(path.stat().st_mtime for path in _project_files())
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < newest:
        with file_lock(PARSE_LOCK):
            if not MANIFEST.exists() or MANIFEST.stat().st_mtime < newest:
                _parse("duckdb")
    return MANIFEST


def read_manifest() -> dict[str, Any]:
    """Return dbt's manifest of the project. Raises DbtError when the project does not parse."""
    return json.loads(manifest_path().read_text(encoding="utf-8"))


def parsed_project(engine: Engine = "duckdb") -> "Manifest":
    """Return the parsed project for dbt's runner (`dbtRunner(manifest=...)`).

    One cache of it serves all homes and variables; dbt's own cache would be invalid for each new
    build file. Raises DbtError when the project does not parse.
    """
    with file_lock(PARSE_LOCK):
        return _parse(engine)


def import_dbt() -> "type[dbtRunner]":
    """Import dbt, which takes seconds, without the handler that it adds to the root logger."""
    root = logging.getLogger()
    before = list(root.handlers)
    from dbt.cli.main import dbtRunner

    root.handlers = before
    return dbtRunner


def _parse(engine: Engine) -> "Manifest":
    dbt_runner = import_dbt()
    from dbt.constants import PARTIAL_PARSE_FILE_NAME

    # Written elsewhere and moved: a truncated manifest must not take its place.
    written, parsed_files = _target(engine) / "parsed", _target(engine) / PARSED_FILES
    # dbt's cache is used for an unchanged project only. When files change while dbt reads them, as
    # in an upgrade, it can keep a node that is gone, and a unit test of that kind fails each build.
    fingerprint = _fingerprint(engine)
    if not _holds(parsed_files, fingerprint):
        (written / PARTIAL_PARSE_FILE_NAME).unlink(missing_ok=True)
    parsed_files.unlink(missing_ok=True)
    result = dbt_runner().invoke(_arguments("parse", written, engine))
    if not result.success:
        raise DbtError(f"the dbt project does not parse: {result.exception}")
    if _fingerprint(engine) == fingerprint:
        write_text(parsed_files, fingerprint)
    if engine == "duckdb":
        os.replace(written / MANIFEST.name, MANIFEST)
        MANIFEST.touch()
    return cast("Manifest", result.result)


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def unit_tests_passed(engine: Engine = "duckdb") -> bool:
    """Return whether dbt's unit tests have passed on the current files of the project."""
    return _holds(_target(engine) / UNIT_TESTS_PASSED, _fingerprint(engine))


def failing_rows(
    database: Path, test: NodeResult, limit: int = LISTED_ROWS
) -> list[dict[str, Any]]:
    """Return the first failing rows of a data test of a finished build, with values for JSON.

    They are empty when the tables of the test could not be built.
    """
    if not test.sql or not test.failures:
        return []
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.sql(test.sql).limit(limit)
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error:
        return []
    return json.loads(json.dumps(rows, default=str, ensure_ascii=False))


def invoke(
    command: str,
    target: Path,
    *arguments: str,
    database: Path,
    project: "Manifest | None" = None,
    callbacks: Iterable[Callable[[Any], None]] = (),
    engine: Engine = "duckdb",
) -> "dbtRunnerResult":
    """Run a dbt command on a build file, in this process; return dbt's own result.

    `project` is the result of `parsed_project`; without it dbt parses the project. `target` is the
    folder that dbt writes to; its JSON artifacts are not written, because that costs seconds.
    """
    runner = import_dbt()(manifest=project, callbacks=list(callbacks))
    variables = {
        BuildSettings.variable("build_db"): str(database),
        # The same order of models and tests, computed in a tenth of the time.
        "DBT_USE_FAST_TEST_EDGES": "true",
    }
    with _environment(variables):
        try:
            return runner.invoke(
                [*_arguments(command, target, engine), "--no-write-json", *arguments]
            )
        finally:
            from dbt.adapters.duckdb.connections import DuckDBConnectionManager

            # The adapter would keep its connection, and the next step could not open the file.
            DuckDBConnectionManager.close_all_connections()


def _replace_seeds(project: "Manifest", files: Mapping[str, Path]) -> None:
    """Let seeds of a parsed project be read from other files."""
    for node in project.nodes.values():
        if str(node.resource_type) == "seed" and node.name in files:
            node.original_file_path = str(files[node.name].resolve())


def build(
    *,
    database: Path,
    target: Path,
    variables: Mapping[str, Any],
    seeds: Mapping[str, Path] = MappingProxyType({}),
    on_node: Callable[[str, str], None] = lambda name, status: None,
    engine: Engine = "duckdb",
) -> list[NodeResult]:
    """Run `dbt build` into `database`; return the results of all nodes, failures included.

    `engine` is that of dbt's target; of Spark, a session has been begun (warehouse/build/spark.py).

    `seeds` are files that take the place of the project's, by the seeds' names.

    Unit tests depend on the project and not on the data: they run when it has changed since they
    last passed, in any build with the project's own seeds, which they read. `on_node` is called
    with name and status as nodes finish. `target` is emptied first.
    Raises DbtError when dbt fails outside of any node (parsing, connecting).
    """

    def on_event(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogSeedResult", "LogTestResult"):
            node = event.data.node_info
            on_node(node.node_name, node.node_status)

    arguments = []
    if variables:
        arguments += ["--vars", json.dumps(variables, sort_keys=True)]
    fresh_folder(target)
    fingerprint = _fingerprint(engine)
    if seeds or unit_tests_passed(engine):
        arguments += ["--exclude-resource-type", "unit_test"]
    project = parsed_project(engine)
    _replace_seeds(project, seeds)
    outcome = invoke(
        "build",
        target,
        *arguments,
        database=database,
        project=project,
        callbacks=[on_event],
        engine=engine,
    )
    if outcome.result is None:
        raise DbtError(f"dbt could not build: {outcome.exception}")
    results = [
        NodeResult(
            unique_id=result.node.unique_id,
            status=str(result.status),
            seconds=result.execution_time,
            message=result.message,
            failures=result.failures,
            sql=getattr(result.node, "compiled_code", None),
        )
        for result in cast("RunExecutionResult", outcome.result).results
    ]
    # Tests of a model that was skipped because another failed are missing in the results.
    passed = {result.unique_id for result in results if result.passed}
    if not seeds and {*project.unit_tests} <= passed:
        write_text(_target(engine) / UNIT_TESTS_PASSED, fingerprint)
    return results
