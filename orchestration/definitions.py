"""What Dagster loads: the assets, checks, job and schedule of the warehouse, put together."""

import json
from typing import Any

import dagster as dg

from orchestration.assets import editions, publication, serving, transform
from orchestration.assets.deliveries import landing_specs
from orchestration.assets.intake import intake_assets
from orchestration.dbt_build.runner import manifest_path
from orchestration.instance import BUILDS
from orchestration.progress import terminal_logger
from orchestration.resources import Load, default_home
from orchestration.sensors import ending_sensors, landing_sensor, watch_sensor
from sources.contracts import load_contracts
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.software import software_version
from warehouse.output import bulletins
from warehouse.publication.marts import read_marts

NIGHTLY = "nightly"
INGEST = "ingest"
# Dagster starts no second run with this tag while one is under way (`orchestration.instance`); the
# home's load lock holds whoever starts it.
BUILDS_TAG = {BUILDS: "warehouse"}


# A load has some 900 events of Dagster's own; they are in its log, not in the service's journal.
_console = dg.colored_console_logger.configured({"log_level": "INFO"})


def _schedule(name: str, job: Any, cron: str, description: str) -> dg.ScheduleDefinition:
    """A schedule that runs from the start, on the clock of Yangcheng."""
    return dg.ScheduleDefinition(
        name=name,
        job=job,
        cron_schedule=cron,
        execution_timezone=str(COUNTY_ZONE),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )


def build_definitions(load: Load | None = None) -> dg.Definitions:
    """All definitions; `load` replaces the default load resource, as tests do.

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
        description="Intake alone: what lies in the landing folders, with its receipts.",
        tags=version,
    )
    announcing = {
        kind: dg.define_asset_job(
            name,
            selection=dg.AssetSelection.assets(editions.edition_key(kind)),
            description=f"Issues and announces the last {bulletins.TITLES[kind]}.",
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
            _schedule("nightly_at_0200", nightly, "0 2 * * *", "The nightly load."),
            _schedule(
                "weekly_analysis_on_monday",
                announcing["weekly"],
                "0 6 * * 1",
                "周分析 of the week that is over.",
            ),
            _schedule(
                "monthly_bulletin_on_the_2nd",
                announcing["monthly"],
                "30 6 2 * *",
                "月通报 of the month that is over.",
            ),
        ],
        resources={"load": load or Load(home_dir=default_home())},
        loggers={"console": _console, "terminal": terminal_logger},
        executor=dg.in_process_executor,
    )


defs = build_definitions()
