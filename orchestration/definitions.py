"""Dagster's code location: assets, checks, jobs, schedules and sensors of the warehouse."""

import json
from typing import TYPE_CHECKING

import dagster as dg

from orchestration import logs
from orchestration.assets import editions, publication, serving, transform
from orchestration.assets.deliveries import landing_specs
from orchestration.assets.intake import intake_assets
from orchestration.dbt_build.runner import manifest_path
from orchestration.instance import BUILDS
from orchestration.plan import is_chosen, use_plan_of
from orchestration.progress import terminal_logger
from orchestration.resources import Load, default_home
from orchestration.sensors import ending_sensors, landing_sensor, watch_sensor
from sources.contracts import load_contracts
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.layout import Home
from warehouse.home.software import software_version
from warehouse.output import bulletins
from warehouse.publication.marts import read_marts

if TYPE_CHECKING:  # what dg.define_asset_job returns; Dagster exports no public name of it
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

NIGHTLY = "nightly"
INGEST = "ingest"
# Dagster starts no second run with this tag while one is running (`orchestration.instance`); the
# home's load lock also covers loads started otherwise.
BUILDS_TAG = {BUILDS: "warehouse"}
_PERIODS: dict[editions.Kind, str] = {"weekly": "week", "monthly": "month"}


def _schedule(
    name: str, job: "UnresolvedAssetJobDefinition", cron: str, description: str
) -> dg.ScheduleDefinition:
    """Return a schedule that is active from the start, in the time zone of Yangcheng."""
    return dg.ScheduleDefinition(
        name=name,
        job=job,
        cron_schedule=cron,
        execution_timezone=str(COUNTY_ZONE),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )


def build_definitions(load: Load | None = None) -> dg.Definitions:
    """Return all definitions; `load` replaces the default resource (in tests).

    Raises DbtError when the dbt project does not parse.
    """
    manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
    marts = transform.mart_keys(manifest)
    declared = read_marts(manifest)
    version = {"eco/software_version": software_version()}
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all()
        - dg.AssetSelection.assets(*map(editions.edition_key, editions.NAMES)),
        description="Intake, dbt build, checks and publication of one data home.",
        tags={**BUILDS_TAG, **version},
    )
    ingest = dg.define_asset_job(
        INGEST,
        selection=dg.AssetSelection.assets(*intake_assets.keys).without_checks(),
        description="Intake alone: takes in the files of the landing folders and writes receipts.",
        tags=version,
    )
    announcing = {
        kind: dg.define_asset_job(
            name,
            selection=dg.AssetSelection.assets(editions.edition_key(kind)),
            description=f"Issues and announces the {bulletins.TITLES[kind]} of the last "
            f"{_PERIODS[kind]}.",
            config={
                "resources": {"load": {"config": {"home_dir": default_home(), "builds": False}}}
            },
            tags=version,
        )
        for kind, name in editions.NAMES.items()
    }
    return dg.Definitions(
        assets=[
            *landing_specs(load_contracts()),
            *transform.source_specs(manifest, set(intake_assets.keys)),
            intake_assets,
            transform.define(manifest),
            publication.define_asset(marts, declared),
            serving.define_asset(declared),
            *map(editions.define, editions.NAMES),
        ],
        asset_checks=[publication.define_checks(marts, declared)],
        jobs=[nightly, ingest, *announcing.values()],
        sensors=[landing_sensor(ingest), *ending_sensors(nightly), watch_sensor],
        schedules=[
            _schedule("nightly_at_0200", nightly, "0 2 * * *", "Runs the nightly load."),
            _schedule(
                "weekly_analysis_on_monday",
                announcing["weekly"],
                "0 6 * * 1",
                "Issues the 周分析 of the last week.",
            ),
            _schedule(
                "monthly_bulletin_on_the_2nd",
                announcing["monthly"],
                "30 6 2 * *",
                "Issues the 月通报 of the last month.",
            ),
        ],
        resources={"load": load or Load(home_dir=default_home())},
        loggers={"terminal": terminal_logger},
        executor=dg.in_process_executor,
    )


# In the command line's own process `eco` has configured logging before.
if not logs.is_configured():
    logs.configure_logging("service")
    logs.keep_log(Home.at(default_home()))
if not is_chosen():  # by a command, which may be for another home
    use_plan_of(Home.at(default_home()))
defs = build_definitions()
