"""Running declared expectations with Great Expectations, and converting the results.

This module loads Great Expectations (4 s), so it is only imported where checks are run.
"""

import difflib
import math
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context import EphemeralDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent import SQLDatasource, TestConnectionError
from great_expectations.render import (
    CollapseContent,
    LegacyDiagnosticRendererType,
    RenderedTableContent,
)
from great_expectations.render.renderer.renderer import renderer

from expectations import data_docs
from expectations.declarations import Expectation, Severity, SuiteError, with_known_sets
from warehouse.home.records import Json
from warehouse.home.sql import literal
from warehouse.publication.marts import SCHEMA
from warehouse.publication.titles import MartTitles, UnreadableDatabase, read_titles

MAX_FAILING_ROWS = 50
# Severities: the Chinese name, and the name in Great Expectations.
_LEVELS: Mapping[Severity, tuple[str, str]] = {
    "critical": ("强制性（不通过则不予发布）", "critical"),
    "verify": ("核实性", "warning"),
    "notice": ("提示性", "info"),
}
# Arguments of the SQLAlchemy engine, which Great Expectations' type stubs leave out.
_ENGINE_OPTIONS: dict[str, Any] = {
    "kwargs": {
        "connect_args": {"read_only": True},
        # Without these two every expectation fails with "list index out of range".
        "isolation_level": "AUTOCOMMIT",
        "skip_autocommit_rollback": True,
    }
}


@dataclass(frozen=True)
class Outcome:
    """Outcome of an expectation: `observed` is a number of failing rows or an evaluated value."""

    success: bool
    observed: Json = None
    failing_rows: tuple[Mapping[str, Json], ...] = ()
    exception: str | None = None


def plain(value: object) -> Json:
    """Return a value that can be serialized as JSON; NaN and infinities become text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


class ExpectNoFailingRows(gxe.UnexpectedRowsExpectation):
    """The query returns no row. Unlike its base class it keeps a sample of rows in every format."""

    def _validate(
        self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count = metrics["unexpected_rows_query.row_count"]
        rows = metrics["unexpected_rows_query.table"][:MAX_FAILING_ROWS]
        # Names and values are kept apart: a store would sort the keys of a mapping.
        result = {
            "observed_value": count,
            "columns": list(rows[0]) if rows else [],
            "failing_rows": [[plain(value) for value in row.values()] for row in rows],
        }
        return {"success": count == 0, "result": result}

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(
        cls,
        configuration: Any = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: Any = None,
    ) -> list[RenderedTableContent | CollapseContent] | None:
        found = (result.result or {}) if result else {}
        if not found.get("failing_rows"):
            return None
        return [
            RenderedTableContent(
                content_block_type="table",
                header_row=found["columns"],
                table=[
                    ["" if cell is None else str(cell) for cell in row]
                    for row in found["failing_rows"]
                ],
                styling={"body": {"classes": ["table-bordered", "table-sm", "mt-3"]}},
            )
        ]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(
        cls,
        configuration: Any = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: Any = None,
    ) -> str:
        count = (result.result or {}).get("observed_value") if result else None
        return "--" if count is None else f"{count} 行不符"


def _kind(expectation: Expectation) -> Callable[..., gxe.Expectation]:
    if expectation.type is None:
        return ExpectNoFailingRows
    name = "".join(part.capitalize() for part in expectation.type.split("_"))
    found = getattr(gxe, name, None)
    if found is None:
        like = difflib.get_close_matches(name, dir(gxe), n=1)
        known = re.sub(r"(?<!^)(?=[A-Z])", "_", like[0]).lower() if like else "its gallery"
        raise SuiteError(
            [
                f"{expectation.declared_at}: {expectation.expectation_id}: Great Expectations has "
                f"no '{expectation.type}'; the nearest is {known}"
            ]
        )
    return found


def declare(expectation: Expectation) -> gxe.Expectation:
    """Return the expectation as an object of Great Expectations.

    Raises SuiteError, naming file and line, for an unknown type or invalid arguments.
    """
    arguments = with_known_sets(expectation.arguments)
    level, severity = _LEVELS[expectation.severity]
    notes = [f"检查编号：`{expectation.expectation_id}`；级别：{level}"]
    if expectation.column is not None:
        arguments["column"] = expectation.column
    if expectation.failing_rows is not None:
        # The queries name their tables; Great Expectations requires its placeholder all the same.
        query = expectation.failing_rows.replace("{", "{{").replace("}", "}}")
        arguments["unexpected_rows_query"] = f"{query}\n/* {{batch}} */"
        notes.append(f"不符合的行由下列查询得出：\n\n```sql\n{expectation.failing_rows}\n```")
    try:
        return _kind(expectation)(
            **arguments,
            severity=severity,
            description=expectation.description_zh,
            notes=notes,
            meta={"expectation_id": expectation.expectation_id},
        )
    except (TypeError, ValueError) as error:
        raise SuiteError(
            [f"{expectation.declared_at}: {expectation.expectation_id}: {error}"]
        ) from error


def _exception(result: ExpectationValidationResult) -> str | None:
    """Return the errors of a result without traceback and SQL; None when there was no error."""
    info = result.exception_info or {}
    # The details are either in the mapping itself or in one mapping per metric.
    per_metric = [info] if "raised_exception" in info else list(info.values())
    messages = [
        str(details.get("exception_message")).split("\n[SQL:")[0].strip()
        for details in per_metric
        if details.get("raised_exception")
    ]
    return "; ".join(dict.fromkeys(messages)) or None


def _outcome(expectation: Expectation, result: ExpectationValidationResult) -> Outcome:
    if exception := _exception(result):
        return Outcome(False, exception=exception)
    found = result.result or {}
    if "failing_rows" in found:
        rows: list[Mapping[str, Any]] = [
            dict(zip(found["columns"], row, strict=True)) for row in found["failing_rows"]
        ]
    else:
        values = found.get("partial_unexpected_index_list") or found.get("partial_unexpected_list")
        rows = [
            value if isinstance(value, Mapping) else {expectation.column or "value": value}
            for value in values or ()
        ]
    observed = found.get("observed_value", found.get("unexpected_count"))
    return Outcome(
        bool(result.success),
        plain(observed),
        tuple({name: plain(v) for name, v in row.items()} for row in rows[:MAX_FAILING_ROWS]),
    )


@contextmanager
def _opened(
    context: EphemeralDataContext, database: Path, spill_to: Path
) -> Iterator[SQLDatasource]:
    """Open the database read-only as a data source; it is closed in any case.

    Raises UnreadableDatabase, for instance when this process has the file open with other settings.
    """
    try:
        source = context.data_sources.add_sql(
            "eco", connection_string=f"duckdb:///{quote(str(database))}", **_ENGINE_OPTIONS
        )
    except TestConnectionError as error:
        raise UnreadableDatabase(str(error.__cause__).split("\n")[0]) from error
    engine = source.get_engine()
    try:
        with engine.connect() as connection:
            # Temporary files go into the work folder, not beside the database.
            connection.exec_driver_sql(f"set temp_directory = {literal(spill_to)}")
        yield source
    finally:
        source.get_execution_engine().close()
        engine.dispose()


def _check_table(
    context: EphemeralDataContext,
    source: SQLDatasource,
    expectations: Sequence[Expectation],
) -> dict[str, Outcome]:
    """Run the expectations that one suite has of one table; return outcomes by expectation id."""
    table, key = expectations[0].table, expectations[0].key
    name = data_docs.page_name(expectations[0])
    assets = {asset.name: asset for asset in source.assets}
    asset = assets.get(table) or source.add_table_asset(table, table_name=table, schema_name=SCHEMA)
    batches = asset.add_batch_definition_whole_table(name)
    declared = gx.ExpectationSuite(name=name, expectations=[declare(e) for e in expectations])
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batches, suite=context.suites.add(declared))
    )
    checkpoint = gx.Checkpoint(
        name=name,
        validation_definitions=[definition],
        result_format={
            "result_format": "SUMMARY",
            "unexpected_index_column_names": list(key),
            "partial_unexpected_count": MAX_FAILING_ROWS,
        },
    )
    run = context.checkpoints.add(checkpoint).run(run_id=gx.RunIdentifier(run_name=data_docs.RUN))
    results = {
        result.expectation_config.meta["expectation_id"]: result
        for validation in run.run_results.values()
        for result in validation.results
        if result.expectation_config is not None
    }
    return {
        e.expectation_id: _outcome(e, results[e.expectation_id])
        if e.expectation_id in results
        else Outcome(False, exception="Great Expectations returned no result")
        for e in expectations
    }


def _observed_zh(outcome: Outcome) -> str:
    if outcome.exception:
        return f"无法执行：{outcome.exception}"
    return f"{outcome.observed} 行不符" if outcome.failing_rows else f"实际为 {outcome.observed}"


def _problems(
    expectations: Sequence[Expectation],
    outcomes: Mapping[str, Outcome],
    marts: Mapping[str, MartTitles],
) -> list[data_docs.Problem]:
    return [
        data_docs.Problem(
            severity="critical" if outcome.exception else expectation.severity,
            table_zh=marts[expectation.table].title_zh
            if expectation.table in marts
            else expectation.table,
            description_zh=expectation.description_zh,
            observed_zh=_observed_zh(outcome),
        )
        for expectation in expectations
        for outcome in (outcomes[expectation.expectation_id],)
        if not outcome.success
    ]


def run(
    database: Path,
    expectations: Sequence[Expectation],
    *,
    docs_dir: Path | None,
    work_dir: Path,
) -> dict[str, Outcome]:
    """Run expectations on the marts of a DuckDB file; write the Data Docs into `docs_dir`.

    Returns outcomes by expectation id. Raises UnreadableDatabase when the file is not a DuckDB
    database, SuiteError when Great Expectations rejects a declaration. A missing table is an
    exception of each of its expectations.
    """
    marts = read_titles(database)
    work_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=work_dir, prefix="checks-") as scratch:
        staged = Path(scratch) / "data_docs"
        context = gx.get_context(
            mode="ephemeral",
            project_config=DataContextConfig(
                store_backend_defaults=InMemoryStoreBackendDefaults(),
                data_docs_sites=data_docs.sites(staged, expectations, marts) if docs_dir else {},
                progress_bars=ProgressBarsConfig(globally=False),
                analytics_enabled=False,
            ),
        )
        outcomes: dict[str, Outcome] = {}
        with _opened(context, database, Path(scratch) / "spill") as source:
            for (_, table), group in groupby(expectations, lambda e: (e.suite, e.table)):
                of_table = list(group)
                if table in marts:
                    outcomes |= _check_table(context, source, of_table)
                else:
                    missing = Outcome(False, exception=f"there is no table {SCHEMA}.{table}")
                    outcomes |= {e.expectation_id: missing for e in of_table}
        if docs_dir is not None:
            problems = _problems(expectations, outcomes, marts)
            data_docs.write(context, staged, total=len(expectations), problems=problems)
            shutil.rmtree(docs_dir, ignore_errors=True)
            docs_dir.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(staged, docs_dir)
    return outcomes
