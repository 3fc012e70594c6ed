"""The dbt models as assets, their data tests as asset checks."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.assets.dbt_decorator import DagsterDbtTranslator, dbt_assets
from orchestration.dbt_build.engines import DuckDBEngine, open_engine
from orchestration.dbt_build.runner import NodeResult
from orchestration.keys import DATA_TEAM
from orchestration.monitoring.status import what_stands
from orchestration.refusals import REFUSED_BY_CHECKS, refusing_damage, retrying_io_errors
from orchestration.release import holding
from orchestration.resources import Load
from sources.contracts import plan_in_force
from warehouse.build.start import start_build
from warehouse.care import verify
from warehouse.lake.holds import Decision
from warehouse.lake.index import submissions
from warehouse.publication import history
from warehouse.publication.commit import find_unchanged


class Translator(DagsterDbtTranslator):
    """Describes dbt's nodes for Dagster: key, group, description, checks."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the key in a source's meta; for other nodes [schema, name]."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the group that the node names, else its schema."""
        return super().get_group_name(dbt_resource_props) or dbt_resource_props["schema"]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the Chinese title, the description and the SQL."""
        description = super().get_description(dbt_resource_props)
        title = dbt_resource_props.get("meta", {}).get("title_zh")
        return f"{title}\n\n{description}" if title else description

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: Any,
    ) -> dg.AssetCheckSpec | None:
        """Return the check of a test, described by its name and arguments if by nothing else."""
        # Dagster keeps the specs of a manifest by its identity: a copy would cost them all again.
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        node = manifest["nodes"][unique_id]
        if spec is None or node.get("description") or node.get("meta", {}).get("description"):
            return spec
        test = node.get("test_metadata") or {"name": node["name"], "kwargs": {}}
        arguments = [f"{k}: {v}" for k, v in test["kwargs"].items() if k != "model"]
        return spec._replace(description="; ".join([test["name"], *arguments]))


TRANSLATOR = Translator()


def mart_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """Return the asset keys of the marts: the dbt models in the schema of that name."""
    return [
        TRANSLATOR.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]


def source_specs(manifest: Mapping[str, Any], produced: set[dg.AssetKey]) -> list[dg.AssetSpec]:
    """Return external assets for dbt's sources that no asset produces (`produced`)."""
    return [
        dg.AssetSpec(
            key,
            group_name=source["schema"],
            description=f"{source['meta'].get('title_zh', '')}\n\n{source['description']}".strip(),
            owners=[DATA_TEAM],
            kinds={"duckdb"},
        )
        for source in manifest["sources"].values()
        if (key := TRANSLATOR.get_asset_key(source)) not in produced
    ]


def previous_tables(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the dbt sources in the previous publication, as {table: {column: type}}."""
    return {
        source["name"]: {c["name"]: c["data_type"] for c in source["columns"].values()}
        for source in manifest["sources"].values()
        if source["schema"] == history.SCHEMA
    }


FAILED = ("error", "fail", "runtime error")  # statuses of nodes that stop a load
# A value that a held submission hid may fail in its turn.
MAX_REBUILDS = 3


class BuildFailed(dg.Failure):
    """The build failed: a model could not be built, or a test of severity error failed."""


def _failure(problems: list[NodeResult]) -> BuildFailed:
    refused = all(result.status == "fail" for result in problems)
    lines = [f"{r.unique_id}: {r.status}: {r.message or ''}".rstrip() for r in problems]
    summary = "a dbt test failed" if refused else "dbt could not build a node"
    return BuildFailed(
        description=f"{summary}; nothing is published\n" + "\n".join(lines),
        metadata={REFUSED_BY_CHECKS: refused, "nodes": "\n".join(lines)},
        allow_retries=False,
    )


def _metadata(result: NodeResult) -> dict[str, Any]:
    return {"unique_id": result.unique_id, "seconds": result.seconds}


def _check_result(
    key: dg.AssetCheckKey, result: NodeResult, engine: DuckDBEngine
) -> dg.AssetCheckResult:
    """Return the result of a data test; its failing rows are read from the finished build."""
    warning = result.status == "warn"
    rows = [] if result.passed else engine.failing_rows(result)
    return dg.AssetCheckResult(
        passed=result.passed,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=dg.AssetCheckSeverity.WARN if warning else dg.AssetCheckSeverity.ERROR,
        metadata={
            **_metadata(result),
            "failures": result.failures or 0,
            "failing_rows": dg.MetadataValue.json(rows),
        },
    )


def _build(
    context: dg.AssetExecutionContext,
    load: Load,
    manifest: Mapping[str, Any],
    engine: DuckDBEngine,
) -> list[NodeResult]:
    """Build the warehouse; return the results of all nodes.

    Submissions whose values fail a check are held and the build is made again without them, a
    few times at most. A build as of a past moment leaves them out without putting it on record.
    """
    held: dict[str, Decision] = {}
    for rebuilds_left in reversed(range(MAX_REBUILDS + 1)):
        with retrying_io_errors(), refusing_damage():
            database = start_build(
                load.home,
                load.contracts,
                as_of=load.moment,
                previous_tables=previous_tables(manifest),
                also_held=held,
            )
        context.log.info("dbt: building the warehouse")
        variables = {} if load.year is None else {"year": load.year}
        results = engine.build(variables)
        if not rebuilds_left or any(result.status in FAILED for result in results):
            break
        found = holding.submissions_to_hold(
            load.home, database, load.contracts, by=f"run {context.run.run_id}"
        )
        if not found:
            break
        if load.moment is None:
            holding.record(load.home, load.contracts, found)
        held |= found
        for line in holding.describe(found, load.home):
            context.log.warning(f"held, {line}")
        context.log.info(f"building again without {len(found)} submission(s)")
    return results


def _reported(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    results: list[NodeResult],
    engine: DuckDBEngine,
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Yield the results of a build's nodes as Dagster records them."""
    checks = {key.name: key for key in context.selected_asset_check_keys}
    for result in results:
        node = manifest["nodes"].get(result.unique_id)
        if node is None:  # a unit test: no asset, no check
            continue
        if node["resource_type"] == "test" and node["name"] in checks:
            if result.status != "skipped":
                yield _check_result(checks[node["name"]], result, engine)
        elif node["resource_type"] in ("model", "seed") and result.passed:
            yield dg.MaterializeResult(
                asset_key=TRANSLATOR.get_asset_key(node), metadata=_metadata(result)
            )


def define(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Return the assets and checks of a dbt manifest."""

    @dbt_assets(manifest=manifest, dagster_dbt_translator=TRANSLATOR, name="transform")
    def transform(context: dg.AssetExecutionContext, load: Load) -> Iterator[Any]:
        load.require_lock()
        with retrying_io_errors(), refusing_damage():
            if not load.rebuild and find_unchanged(load.home, load.inputs()):
                verify.require_whole(load.home, submissions(load.home, load.moment))
                context.log.info(f"nothing new: {what_stands(load.home)}")
                return
        if plan := plan_in_force():
            context.log.info(plan.summary())
        with open_engine(load.home, load.contracts, manifest) as engine:
            results = _build(context, load, manifest, engine)
            yield from _reported(context, manifest, results, engine)
        passed = sum(1 for r in results if r.passed)
        context.log.info(f"dbt: {passed} of {len(results)} nodes built or tested")
        if problems := [result for result in results if result.status in FAILED]:
            raise _failure(problems)

    return transform
