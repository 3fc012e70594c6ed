"""The dbt models as assets, their data tests as asset checks."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration.dbt_build import runner as dbt_runner
from orchestration.dbt_build.runner import NodeResult
from orchestration.keys import DATA_TEAM
from orchestration.refusals import REFUSED_BY_CHECKS, refusing_damage, trying_again
from orchestration.resources import Load
from warehouse.build.start import start_build
from warehouse.care import verify
from warehouse.lake.submissions import submissions
from warehouse.publication import history
from warehouse.publication.commit import find_unchanged


class Translator(DagsterDbtTranslator):
    """Names dbt's nodes for Dagster: key = layer and name, group = layer unless the node says."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """A source keeps the key that its meta gives; anything else is [schema, name]."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return super().get_group_name(dbt_resource_props) or dbt_resource_props["schema"]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The Chinese title, the description, the SQL."""
        said = super().get_description(dbt_resource_props)
        title = dbt_resource_props.get("meta", {}).get("title_zh")
        return f"{title}\n\n{said}" if title else said

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: Any,
    ) -> dg.AssetCheckSpec | None:
        """Described as the test is; one that says nothing, by its kind and what it is given."""
        node = manifest["nodes"][unique_id]
        kind = node.get("test_metadata") or {"name": node["name"], "kwargs": {}}
        given = [f"{k}: {v}" for k, v in kind["kwargs"].items() if k != "model"]
        words = node.get("description") or "; ".join([kind["name"], *given])
        meta = {"description": words, **node.get("meta", {})}
        nodes = {**manifest["nodes"], unique_id: {**node, "meta": meta}}
        return super().get_asset_check_spec(
            asset_spec, {**manifest, "nodes": nodes}, unique_id, project
        )


TRANSLATOR = Translator()


def mart_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """The assets of the marts: the models that dbt puts into the schema of that name."""
    return [
        TRANSLATOR.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]


def source_specs(manifest: Mapping[str, Any], made: set[dg.AssetKey]) -> list[dg.AssetSpec]:
    """dbt's sources that are nobody's asset: what a build is told beside the delivered rows."""
    return [
        dg.AssetSpec(
            key,
            group_name=source["schema"],
            description=f"{source['meta'].get('title_zh', '')}\n\n{source['description']}".strip(),
            owners=[DATA_TEAM],
            kinds={"duckdb"},
        )
        for source in manifest["sources"].values()
        if (key := TRANSLATOR.get_asset_key(source)) not in made
    ]


def previous_tables(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the dbt sources in the previous publication, as {table: {column: type}}."""
    return {
        source["name"]: {c["name"]: c["data_type"] for c in source["columns"].values()}
        for source in manifest["sources"].values()
        if source["schema"] == history.SCHEMA
    }


class BuildFailed(dg.Failure):
    """The build stopped: a model could not be made, or a test that must hold did not."""


def _failure(problems: list[NodeResult]) -> BuildFailed:
    refused = all(result.status == "fail" for result in problems)
    lines = [f"{r.unique_id}: {r.status}: {r.message or ''}".rstrip() for r in problems]
    summary = "a dbt test failed" if refused else "dbt could not build a node"
    return BuildFailed(
        description=f"{summary}; nothing is published\n" + "\n".join(lines),
        metadata={REFUSED_BY_CHECKS: refused, "nodes": "\n".join(lines)},
        allow_retries=False,
    )


def define(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """The assets of a dbt manifest."""

    @dbt_assets(manifest=manifest, dagster_dbt_translator=TRANSLATOR, name="transform")
    def transform(context: dg.AssetExecutionContext, load: Load) -> Iterator[Any]:
        with trying_again(), refusing_damage():
            if not load.rebuild and (stamp := find_unchanged(load.home, load.inputs())):
                verify.require_whole(load.home, submissions(load.home, load.moment))
                context.log.info(f"nothing new: the publication {stamp} stands")
                return
            database = start_build(
                load.home,
                load.contracts,
                as_of=load.moment,
                previous_tables=previous_tables(manifest),
            )
        context.log.info("dbt: building the warehouse")
        results = dbt_runner.build(
            database=database,
            target=load.home.dbt_target,
            variables={} if load.year is None else {"year": load.year},
        )
        checks = {key.name: key for key in context.selected_asset_check_keys}
        problems = []
        for result in results:
            node = manifest["nodes"].get(result.unique_id)
            if result.status in ("error", "fail", "runtime error"):
                problems.append(result)
            if node is None:  # a unit test: no asset, no check
                continue
            metadata: dict[str, Any] = {"unique_id": result.unique_id, "seconds": result.seconds}
            if node["resource_type"] == "test" and node["name"] in checks:
                key = checks[node["name"]]
                if result.status != "skipped":
                    yield dg.AssetCheckResult(
                        passed=result.passed,
                        asset_key=key.asset_key,
                        check_name=key.name,
                        severity=dg.AssetCheckSeverity.WARN
                        if result.status == "warn"
                        else dg.AssetCheckSeverity.ERROR,
                        metadata={
                            **metadata,
                            "failures": result.failures or 0,
                            "failing_rows": dg.MetadataValue.json(
                                [] if result.passed else dbt_runner.failing_rows(database, result)
                            ),
                        },
                    )
            elif node["resource_type"] in ("model", "seed") and result.passed:
                yield dg.MaterializeResult(
                    asset_key=TRANSLATOR.get_asset_key(node), metadata=metadata
                )
        built = sum(1 for r in results if r.passed)
        context.log.info(f"dbt: {built} of {len(results)} nodes built or tested")
        if problems:
            raise _failure(problems)

    return transform
