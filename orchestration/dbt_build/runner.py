"""dbt inside this process: the manifest that Dagster's definitions need, and a build.

dbt's own programmatic runner is used, because a dbt process of its own costs several seconds a
load. Nothing here knows a model by name.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from warehouse.home.files import write_text
from warehouse.home.locks import file_lock
from warehouse.home.settings import BuildSettings
from warehouse.home.software import PROJECT

DBT_PROJECT = PROJECT / "dbt_project"
TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
UNIT_TESTS_PASSED = TARGET / "unit_tests_passed"
PARSE_LOCK = TARGET / "parse.lock"  # one process at a time parses into the target folder


class DbtError(RuntimeError):
    """dbt could not run at all; the message holds what it said."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one node of a build."""

    unique_id: str
    status: str
    seconds: float
    message: str | None
    failures: int | None
    sql: str | None = None

    @property
    def passed(self) -> bool:
        """Whether it was built, or its test held."""
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


def _arguments(command: str, target: Path) -> list[str]:
    return [
        command,
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


def _fingerprint() -> str:
    """What the unit tests' outcome depends on: the project's files and the engine."""
    digest = sha256(f"{version('dbt-core')} {version('duckdb')}".encode())
    for path in sorted(_project_files()):
        digest.update(path.relative_to(DBT_PROJECT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def manifest_path() -> Path:
    """Where dbt's manifest of the project lies; it is parsed anew when a project file is newer.

    Raises DbtError when the project does not parse.
    """
    newest = max(path.stat().st_mtime for path in _project_files())
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < newest:
        with file_lock(PARSE_LOCK):
            if not MANIFEST.exists() or MANIFEST.stat().st_mtime < newest:
                _parse()
    return MANIFEST


def read_manifest() -> dict[str, Any]:
    """Return dbt's manifest of the project. Raises DbtError when the project does not parse."""
    return json.loads(manifest_path().read_text(encoding="utf-8"))


def parsed_project() -> Any:
    """The project as dbt's own runner takes it (`dbtRunner(manifest=...)`).

    One cache of it serves all homes and all variables; dbt's own would be void for each new build
    file. Raises DbtError when the project does not parse.
    """
    with file_lock(PARSE_LOCK):
        return _parse()


def _parse() -> Any:
    from dbt.cli.main import dbtRunner

    # Written elsewhere and moved: a manifest that was cut off must not look like one.
    written = TARGET / "parsed"
    result = dbtRunner().invoke(_arguments("parse", written))
    if not result.success:
        raise DbtError(f"the dbt project does not parse: {result.exception}")
    os.replace(written / MANIFEST.name, MANIFEST)
    MANIFEST.touch()
    return result.result


def unit_tests_passed() -> bool:
    """Whether dbt's unit tests have passed on the project as it is now."""
    if not UNIT_TESTS_PASSED.exists():
        return False
    return UNIT_TESTS_PASSED.read_text(encoding="utf-8") == _fingerprint()


def failing_rows(database: Path, test: NodeResult, limit: int = 20) -> list[dict[str, Any]]:
    """The first rows that a data test found, of a finished build; every value as JSON carries it.

    Empty when they cannot be had: what the test is about could not be built.
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
    project: Any = None,
    callbacks: Iterable[Callable[[Any], None]] = (),
) -> Any:
    """Run a dbt command over a build file, in this process; return dbt's own result.

    `project` is what `parsed_project` gave; without one dbt parses the project anew. `target` is
    where dbt writes. What it has to say as JSON is not written: that costs seconds.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    runner = dbtRunner(manifest=project, callbacks=list(callbacks))
    variables = {
        BuildSettings.variable("build_db"): str(database),
        # Which models wait for which tests is the same, found in a tenth of the time.
        "DBT_USE_FAST_TEST_EDGES": "true",
    }
    with _environment(variables):
        try:
            return runner.invoke([*_arguments(command, target), "--no-write-json", *arguments])
        finally:
            # The adapter keeps its connection for the process; the next step opens the file.
            DuckDBConnectionManager.close_all_connections()


def build(
    *,
    database: Path,
    target: Path,
    variables: Mapping[str, Any],
    on_node: Callable[[str, str], None] = lambda name, status: None,
) -> list[NodeResult]:
    """Run `dbt build` into `database`; return what became of every node, failures included.

    Unit tests speak of the project and not of the data: they run when it has changed since they
    last passed, in whatever build. `on_node` is called with name and status as nodes finish.
    Raises DbtError when dbt fails outside of any node (parsing, connecting).
    """

    def heard(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogSeedResult", "LogTestResult"):
            node = event.data.node_info
            on_node(node.node_name, node.node_status)

    arguments = []
    if variables:
        arguments += ["--vars", json.dumps(variables, sort_keys=True)]
    fingerprint = _fingerprint()
    if unit_tests_passed():
        arguments += ["--exclude-resource-type", "unit_test"]
    project = parsed_project()
    outcome = invoke(
        "build", target, *arguments, database=database, project=project, callbacks=[heard]
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
        for result in outcome.result.results
    ]
    # Tests of a model that another's failure kept from being built are not in the results at all.
    if {*project.unit_tests} <= {result.unique_id for result in results if result.passed}:
        write_text(UNIT_TESTS_PASSED, fingerprint)
    return results
