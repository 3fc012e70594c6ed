"""Running the checks on a finished DuckDB file: `run_checks` and its report.

Importing this module is fast; Great Expectations is loaded when checks are run.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from expectations.declarations import Severity, load_expectations
from warehouse.home.records import Json


class CheckError(RuntimeError):
    """The checks could not be run; the message names cause and remedy."""


@dataclass(frozen=True)
class CheckResult:
    """The result of one expectation. All values can be serialized as JSON.

    `observed` is the number of failing rows, or the value that an expectation of a whole table
    evaluated; `failing_rows` is a sample of the rows; `exception` is the error when the expectation
    could not be evaluated: the severity is then critical, whatever was declared.
    """

    suite: str
    table: str
    expectation_id: str
    expectation_type: str
    column: str | None
    severity: Severity
    success: bool
    observed: Json
    failing_rows: list[Mapping[str, Json]]
    description_zh: str
    exception: str | None


@dataclass(frozen=True)
class CheckReport:
    """The results of all expectations, in the order in which they are declared."""

    results: list[CheckResult]

    @property
    def success(self) -> bool:
        """Whether no critical expectation failed and all of them could be evaluated."""
        return not any(r.severity == "critical" and not r.success for r in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {"success": self.success, "results": [asdict(result) for result in self.results]}


def run_checks(database: Path, *, docs_dir: Path | None, work_dir: Path) -> CheckReport:
    """Check the marts of a finished DuckDB file, which is opened read-only and closed again.

    The Data Docs (index.html ..., readable offline) replace the content of `docs_dir`; with None
    none are written. `work_dir` is for temporary files. Raises CheckError when the file is missing
    or not a DuckDB database, SuiteError when a suite or the table of rules cannot be used.
    """
    declared = load_expectations()
    if not database.is_file():
        raise CheckError(f"there is no file {database} to check; build it first")
    from expectations import engine
    from warehouse.publication.titles import UnreadableDatabase

    try:
        outcomes = engine.run(
            database.resolve(), declared, docs_dir=docs_dir, work_dir=work_dir.resolve()
        )
    except UnreadableDatabase as error:
        raise CheckError(
            f"{database} cannot be opened for checking: {error}. It must be a finished DuckDB file "
            "that no process writes to and that this process has not opened elsewhere"
        ) from error
    return CheckReport(
        [
            CheckResult(
                suite=expectation.suite,
                table=expectation.table,
                expectation_id=expectation.expectation_id,
                expectation_type=expectation.type or "expect_no_failing_rows",
                column=expectation.column,
                severity="critical" if outcome.exception else expectation.severity,
                success=outcome.success,
                observed=outcome.observed,
                failing_rows=list(outcome.failing_rows),
                description_zh=expectation.description_zh,
                exception=outcome.exception,
            )
            for expectation in declared
            for outcome in (outcomes[expectation.expectation_id],)
        ]
    )
