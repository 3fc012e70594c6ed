"""What Dagster loads: the assets, checks, job and schedule of the warehouse, put together."""

import json

import dagster as dg

from orchestration.assets import publication, transform
from orchestration.assets.intake import intake_assets
from orchestration.dbt_runner import manifest_path
from orchestration.progress import terminal_logger
from orchestration.resources import Load, default_home
from orchestration.sensors import landing_sensor
from warehouse.clock import COUNTY_ZONE
from warehouse.marts import read_marts

NIGHTLY = "nightly"
INGEST = "ingest"
# Dagster starts no second run with this tag while one is under way (`instance.SETTINGS`); the
# home's load lock holds whoever starts it.
BUILDS_TAG = {"eco/builds": "warehouse"}
NIGHTLY_CRON = "0 2 * * *"


def build_definitions(load: Load | None = None) -> dg.Definitions:
    """All definitions; `load` replaces the default load resource, as tests do.

    Raises DbtError when the dbt project does not parse.
    """
    manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
    marts = transform.mart_keys(manifest)
    declared = read_marts(manifest)
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        description="Intake, dbt build, checks and publication of one data home.",
        tags=BUILDS_TAG,
    )
    ingest = dg.define_asset_job(
        INGEST,
        selection=dg.AssetSelection.assets(*intake_assets.keys).without_checks(),
        description="Intake alone: what lies in the landing folders, with its receipts.",
    )
    return dg.Definitions(
        assets=[
            intake_assets,
            transform.define(manifest),
            publication.define_asset(marts, declared),
        ],
        asset_checks=[publication.define_checks(marts, declared)],
        jobs=[nightly, ingest],
        sensors=[landing_sensor(ingest)],
        schedules=[
            dg.ScheduleDefinition(
                name=f"{NIGHTLY}_at_0200",
                job=nightly,
                cron_schedule=NIGHTLY_CRON,
                execution_timezone=str(COUNTY_ZONE),
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description="The nightly load, at 02:00 in Yangcheng.",
            )
        ],
        resources={"load": load or Load(home_dir=default_home())},
        loggers={"console": dg.colored_console_logger, "terminal": terminal_logger},
        executor=dg.in_process_executor,
    )


defs = build_definitions()
