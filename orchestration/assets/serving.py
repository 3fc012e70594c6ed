"""The serving copy in PostgreSQL as an asset: it follows a publication and never holds it up."""

import time
from collections.abc import Iterator, Mapping

import dagster as dg

from orchestration.keys import DATA_TEAM, PUBLICATION, PUBLISHED, SERVED
from orchestration.resources import Load
from warehouse.home.layout import Home
from warehouse.home.settings import ServingSettings
from warehouse.output import postgres
from warehouse.output.serving import record
from warehouse.publication.current import current_manifest
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Mart

CHECK = "equals_the_published_file"
_TRIES = 3
_PAUSE_SECONDS = 5.0


def define_asset(declared: Mapping[str, Mart]) -> dg.AssetsDefinition:
    """Return the asset of the serving copy; it does nothing where none is wanted."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                SERVED,
                deps=[PUBLISHED],
                group_name=PUBLICATION,
                owners=[DATA_TEAM],
                kinds={"postgres"},
                skippable=True,
                description="The marts in PostgreSQL (ECO_SERVE_POSTGRES), replaced in one "
                "transaction after each publication.",
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=SERVED,
                description="Rows and sums of every column equal those of the published file.",
            )
        ],
        can_subset=True,
        name="serve_postgres",
    )
    def serve(
        context: dg.AssetExecutionContext, load: Load
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        settings = ServingSettings.load().serve_postgres
        manifest = current_manifest(load.home)
        if settings is None or manifest is None:
            return
        dsn = settings.get_secret_value()
        served, wrong = _serve(context, load.home, dsn, manifest, declared)
        if served is None:
            record(load.home, stamp=manifest.stamp, error="; ".join(wrong), seconds=0.0)
            yield _result(wrong)
            return
        problem = "; ".join(wrong) or None
        record(load.home, stamp=served.stamp, error=problem, seconds=served.seconds)
        yield dg.MaterializeResult(
            asset_key=SERVED,
            metadata={
                "stamp": served.stamp,
                "rows": sum(served.tables.values()),
                "tables": len(served.tables),
                "seconds": served.seconds,
            },
        )
        yield _result(wrong)

    return serve


def _serve(
    context: dg.AssetExecutionContext,
    home: Home,
    dsn: str,
    manifest: PublicationManifest,
    declared: Mapping[str, Mart],
) -> tuple[postgres.Served | None, list[str]]:
    """Copy and compare, at most three times; return the copy (None: not made) and its problems."""
    served, wrong = None, list[str]()
    for attempt in range(1, _TRIES + 1):
        try:
            served = postgres.serve(
                home.database, dsn, manifest=manifest, marts=declared, everything=bool(served)
            )
            wrong = postgres.differences(home.database, dsn, declared)
        except postgres.ServingError as failure:
            wrong = [str(failure)]
        if not wrong:
            break
        context.log.warning(f"PostgreSQL, attempt {attempt} of {_TRIES}: {wrong[0]}")
        time.sleep(_PAUSE_SECONDS * (attempt < _TRIES))
    return served, wrong


def _result(problems: list[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=SERVED,
        check_name=CHECK,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": "; ".join(problems)} if problems else {},
    )
