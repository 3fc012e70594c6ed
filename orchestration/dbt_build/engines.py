"""The engine that a load builds with: DuckDB in this process, or Apache Spark where it is set.

A build on either begins with the build file and ends with the marts in it, so that what follows
(checks, publication, report) does not know the engine.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.dbt_build import runner
from orchestration.dbt_build.runner import NodeResult
from orchestration.progress import Heartbeat
from sources.contracts import Contracts, load_contracts, plan_in_force
from sources.contracts.derived import county_seeds
from warehouse.build import spark
from warehouse.home.files import fresh_folder
from warehouse.home.layout import Home
from warehouse.home.settings import EngineSettings
from warehouse.publication.marts import read_marts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _write_seeds(folder: Path) -> dict[str, Path]:
    """Write the tables of the county's own plan; return them by the seeds that they replace."""
    plan = plan_in_force()
    if plan is None:
        return {}
    texts = {name: table.text() for name, table in plan.seeds.items()}
    texts |= county_seeds(load_contracts())
    fresh_folder(folder)
    paths = {name: folder / f"{name}.csv" for name in texts}
    for name, path in paths.items():
        path.write_text(texts[name], encoding="utf-8")
    return paths


class DuckDBEngine:
    """dbt builds in the build file of a home itself."""

    name: runner.Engine = "duckdb"

    def __init__(self, home: Home) -> None:
        self._home = home

    def build(self, variables: Mapping[str, Any]) -> list[NodeResult]:
        """Build the marts of the build file; return the results of all nodes."""
        seeds = _write_seeds(self._home.build_database.parent / "plan")
        with Heartbeat("dbt: {} nodes built or tested so far") as heartbeat:
            return runner.build(
                database=self._home.build_database,
                target=self._home.dbt_target,
                seeds=seeds,
                variables=variables,
                on_node=lambda name, status: heartbeat.count(),
                engine=self.name,
            )

    def failing_rows(self, test: NodeResult) -> list[dict[str, Any]]:
        """Return the first failing rows of a data test, with values for JSON."""
        return runner.failing_rows(self._home.build_database, test)


class SparkEngine(DuckDBEngine):
    """dbt builds in a Spark session; the build file has views of its marts."""

    name: runner.Engine = "spark"

    def __init__(
        self,
        home: Home,
        session: "SparkSession",
        contracts: Contracts,
        manifest: Mapping[str, Any],
    ) -> None:
        super().__init__(home)
        self._session = session
        self._contracts = contracts
        self._manifest = manifest

    def build(self, variables: Mapping[str, Any]) -> list[NodeResult]:
        """Build the marts on Spark and make views of them; return the results of all nodes."""
        nodes = self._manifest["nodes"].values()
        schemas = {n["schema"] for n in nodes if n["resource_type"] in ("model", "seed")}
        with Heartbeat("Spark: {} tables of the lake registered so far") as heartbeat:
            spark.register_sources(
                self._session,
                self._home,
                self._contracts,
                schemas=schemas,
                on_table=heartbeat.count,
            )
        results = super().build(variables)
        # After an error nothing is published, and the session may be gone.
        if not any(result.status in ("error", "runtime error") for result in results):
            spark.take_marts(self._session, self._home, read_marts(self._manifest))
        return [
            replace(result, message=spark.first_sentence(result.message or ""))
            for result in results
        ]

    def failing_rows(self, test: NodeResult) -> list[dict[str, Any]]:
        """Return the first failing rows of a data test, with values for JSON."""
        if not test.sql or not test.failures:
            return []
        return spark.rows(self._session, test.sql, runner.LISTED_ROWS)


def require_engine() -> None:
    """Raise SparkError when the engine that is set cannot be used. Raises SettingsError."""
    settings = EngineSettings.load()
    if settings.engine == "spark":
        spark.require_spark(settings)


@contextmanager
def open_engine(
    home: Home, contracts: Contracts, manifest: Mapping[str, Any]
) -> Iterator[DuckDBEngine]:
    """Yield the engine of the environment for builds of a home; a session of Spark ends with it.

    Raises SparkError, SettingsError.
    """
    settings = EngineSettings.load()
    if settings.engine == "duckdb":
        yield DuckDBEngine(home)
        return
    with spark.session(home, settings) as session:
        yield SparkEngine(home, session, contracts, manifest)
