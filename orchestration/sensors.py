"""Sensors: files that arrive, loads that end, and regular supervision."""

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.instance import end_dead_loads
from orchestration.intake.survey import survey, waiting_files
from orchestration.monitoring import aftermath
from orchestration.outcome import load_outcome
from orchestration.resources import default_home
from warehouse.home.layout import Home, HomeError

if TYPE_CHECKING:  # what dg.define_asset_job returns; Dagster exports no public name of it
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

LANDING_SENSOR = "landing_files"
# Together with the intake's wait for complete files, a receipt is written within a minute.
INTERVAL_SECONDS = 15
WATCH_SECONDS = 300


def landing_sensor(ingest: "UnresolvedAssetJobDefinition") -> dg.SensorDefinition:
    """Return the sensor that requests a run of `ingest` for files that arrived in landing.

    A file that a run could not take (it was still being written, the disk was full) is taken by
    the nightly load, or by the run for the next change in landing.
    """

    @dg.sensor(
        name=LANDING_SENSOR,
        job=ingest,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Takes files in as they arrive and writes receipts to "
        "landing/<department>/receipts.",
    )
    def landing_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        home = Home.at(default_home())
        try:
            home.require()
        except HomeError as error:
            return dg.SkipReason(str(error))
        waiting = waiting_files(survey(home))
        if not waiting:
            return dg.SkipReason("there are no files in landing")
        seen = sha256(json.dumps(waiting, sort_keys=True).encode()).hexdigest()[:16]
        if seen == context.cursor:
            return dg.SkipReason(f"a run was requested for these {len(waiting)} file(s)")
        # Configuration of a run replaces the whole configuration of a resource.
        load = {"home_dir": str(home.root), "builds": False}
        request = dg.RunRequest(
            run_config={"resources": {"load": {"config": load}}},
            tags={"eco/files": str(len(waiting))},
        )
        return dg.SensorResult(run_requests=[request], cursor=seen)

    return landing_files


def ending_sensors(nightly: "UnresolvedAssetJobDefinition") -> list[dg.SensorDefinition]:
    """Return the sensors that conclude loads of the daemon, as `eco nightly` concludes its own."""

    def ended(context: dg.RunStatusSensorContext) -> None:
        outcome = load_outcome(context.instance, context.dagster_run.run_id)
        if outcome is not None:
            aftermath.conclude(Home.at(default_home()), outcome, context.log)

    return [
        dg.run_status_sensor(
            name=name,
            run_status=status,
            monitored_jobs=[nightly],
            minimum_interval_seconds=INTERVAL_SECONDS,
            default_status=dg.DefaultSensorStatus.RUNNING,
            description=description,
        )(ended)
        for name, status, description in (
            (
                "load_succeeded",
                dg.DagsterRunStatus.SUCCESS,
                "Records a successful load, sends alerts, writes the health files.",
            ),
            (
                "load_failed",
                dg.DagsterRunStatus.FAILURE,
                "Records a failed or refused load, sends alerts, writes the health files.",
            ),
        )
    ]


@dg.sensor(
    name="watch",
    minimum_interval_seconds=WATCH_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Fails runs whose process died, sends pending alerts, writes the health files.",
)
def watch_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Supervise the home every few minutes; no run is requested."""
    home = Home.at(default_home())
    try:
        home.require()
    except HomeError as error:
        return dg.SkipReason(str(error))
    ended = end_dead_loads(home, context.instance)
    aftermath.review(home, log=context.log)
    return dg.SkipReason(f"supervision done; {len(ended)} dead run(s) marked as failed")
