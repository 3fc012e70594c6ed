"""Checking a finished DuckDB file: `run_checks` and the report that it gives.

Importing this module is cheap; Great Expectations is loaded when checks are run.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from expectations.declarations import Severity, load_expectations


class CheckError(RuntimeError):
    """The checks could not be run at all; the message says why and what to do."""


@dataclass(frozen=True)
class CheckResult:
    """What became of one expectation. Every value is one that JSON can carry.

    `observed` is the number of failing rows, or the value that an expectation about a whole table
    looked at; `failing_rows` a sample of the rows; `exception` what was raised when the
    expectation could not be evaluated: then the severity is critical, whatever was declared.
    """

    suite: str
    table: str
    expectation_id: str
    expectation_type: str
    column: str | None
    severity: Severity
    success: bool
    observed: Any
    failing_rows: list[Mapping[str, Any]]
    description_zh: str
    exception: str | None


@dataclass(frozen=True)
class CheckReport:
    """The results of all expectations, in the order in which they are declared."""

    results: list[CheckResult]

    @property
    def success(self) -> bool:
        """Whether nothing critical failed and every expectation could be evaluated."""
        return not any(r.severity == "critical" and not r.success for r in self.results)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON can carry it."""
        return {"success": self.success, "results": [asdict(result) for result in self.results]}


def run_checks(database: Path, *, docs_dir: Path | None, work_dir: Path) -> CheckReport:
    """Check the marts of a finished DuckDB file, which is opened read-only and let go of again.

    `docs_dir` becomes the Data Docs (index.html ..., readable offline), in the place of what it
    held before; with None none are written. `work_dir` may be used for temporary files.
    Raises CheckError when the file is missing or no DuckDB database, SuiteError when a suite or
    the table of rules cannot be used.
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
            "that nothing writes to and that this process has not open elsewhere"
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
