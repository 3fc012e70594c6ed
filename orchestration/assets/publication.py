"""The publication: a candidate made of the marts, its Great Expectations checks, publishing it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

import expectations
from orchestration.keys import DATA_TEAM, PUBLICATION, PUBLISHED
from orchestration.monitoring.health import OVERDUE_AFTER, STALE_AFTER
from orchestration.progress import Heartbeat
from orchestration.refusals import CAUSES, retrying_io_errors
from orchestration.release.refusal import explain
from orchestration.release.service import check, publish_candidate
from orchestration.resources import Load
from warehouse.home.demonstration import label_of
from warehouse.home.software import software_version
from warehouse.publication import history
from warehouse.publication.candidate import assemble, pending_candidate
from warehouse.publication.manifest import BuildInfo, PublicationManifest
from warehouse.publication.marts import Mart

FRESHNESS = dg.FreshnessPolicy.time_window(warn_window=STALE_AFTER, fail_window=OVERDUE_AFTER)


def _check_specs(marts: Sequence[dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    by_table = {key.path[-1]: key for key in marts}
    return [
        dg.AssetCheckSpec(
            entry.expectation_id,
            asset=by_table[entry.table],
            blocking=entry.severity == "critical",
            description=entry.description_zh,
        )
        for entry in expectations.catalogue()
    ]


def define_asset(marts: Sequence[dg.AssetKey], declared: Mapping[str, Mart]) -> dg.AssetsDefinition:
    """Return the asset of the published file; `declared` are the marts of the dbt manifest."""

    @dg.asset(
        key=PUBLISHED,
        deps=marts,
        group_name=PUBLICATION,
        owners=[DATA_TEAM],
        kinds={"duckdb"},
        freshness_policy=FRESHNESS,
        description="published/eco.duckdb, the file that BI tools open. Replaced only when no "
        "critical check failed.",
    )
    def eco(context: dg.AssetExecutionContext, load: Load) -> dg.MaterializeResult[None]:
        load.require_lock()
        candidate = pending_candidate(load.home)
        with retrying_io_errors(), Heartbeat("publication: writing report and open data"):
            manifest = publish_candidate(load.home, candidate, load.contracts, declared)
        changes = manifest.changes
        if changes.against is None:
            summary = "the first publication"
        else:
            summary = f"{len(changes.tables_changed) or 'no'} mart(s) changed"
        context.log.info(f"published {manifest.stamp}: {summary}")
        return dg.MaterializeResult(metadata=_publication_metadata(load, manifest))

    return eco


def define_checks(
    marts: Sequence[dg.AssetKey], declared: Mapping[str, Mart]
) -> dg.AssetChecksDefinition:
    """Return Great Expectations' checks of the marts; critical ones block the publication.

    They assemble the candidate, so that the checked file is the one that is published.
    """

    @dg.multi_asset_check(specs=_check_specs(marts), name="great_expectations")
    def checks(context: dg.AssetCheckExecutionContext, load: Load) -> Iterator[dg.AssetCheckResult]:
        load.require_lock()
        with retrying_io_errors(), Heartbeat("candidate: copying the marts"):
            candidate = assemble(
                load.home,
                build=BuildInfo(
                    software_version=software_version(),
                    run_id=context.run.run_id,
                    as_of=load.moment.isoformat() if load.moment else None,
                    year=load.year,
                    inputs=load.inputs(),
                    moment=history.build_moment(load.home.build_database).isoformat(),
                    seen=history.build_visible_data(load.home.build_database),
                    demonstration=label_of(load.home),
                ),
                marts=declared,
            )
        context.log.info(f"candidate {candidate.stamp}: {len(candidate.manifest.tables)} marts")
        with Heartbeat("checks: running"):
            report = check(load.home, candidate)
        context.log.info(_summary(report.results))
        asset_of = {spec.name: spec.asset_key for spec in _check_specs(marts)}
        for result in report.results:
            critical = result.severity == "critical"
            causes = []
            if critical and not result.success:
                causes = explain(candidate, result, load.contracts)
                for line in causes:
                    context.log.warning(f"{result.table}: {result.expectation_id}: {line}")
            yield dg.AssetCheckResult(
                passed=result.success,
                asset_key=asset_of[result.expectation_id],
                check_name=result.expectation_id,
                severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
                description=result.description_zh,
                metadata={
                    "observed": dg.MetadataValue.text(str(result.observed)),
                    "failing_rows": dg.MetadataValue.json(result.failing_rows),
                    CAUSES: dg.MetadataValue.json(causes),
                },
            )

    return checks


def _summary(results: Sequence[expectations.CheckResult]) -> str:
    """Return one line about all checks: what failed without blocking are findings, no problems."""
    failed = Counter[str](result.severity for result in results if not result.success)
    text = f"checks: {len(results) - failed.total()} of {len(results)} passed"
    if findings := [f"{failed[s]} {s}" for s in ("verify", "notice") if failed[s]]:
        text += f", {' and '.join(findings)} with findings (listed in the report)"
    if failed["critical"]:
        text += f", {failed['critical']} CRITICAL"
    return text


def _publication_metadata(load: Load, manifest: PublicationManifest) -> dict[str, Any]:
    return {
        "stamp": manifest.stamp,
        "database": dg.MetadataValue.path(load.home.database),
        "changes": dg.MetadataValue.json(manifest.changes.to_dict()),
    }
