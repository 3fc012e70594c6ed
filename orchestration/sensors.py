"""What starts by itself, beside the clock: files that arrive, loads that end, the look around."""

import json
from hashlib import sha256
from typing import Any

import dagster as dg

from orchestration.instance import end_dead_loads
from orchestration.intake.landing import waiting_files
from orchestration.monitoring import aftermath
from orchestration.outcome import load_outcome
from orchestration.resources import default_home
from warehouse.home.layout import Home

LANDING_SENSOR = "landing_files"
# With the intake's own seconds for a file to be still, a receipt is there within a minute.
INTERVAL_SECONDS = 15
WATCH_SECONDS = 300


def landing_sensor(ingest: Any) -> dg.SensorDefinition:
    """The sensor that runs `ingest` when files lie in landing that no run has been asked to take.

    A file that no run could take (it was still growing, the disk was full) is asked for again by
    the nightly load, or as soon as anything in landing changes.
    """

    @dg.sensor(
        name=LANDING_SENSOR,
        job=ingest,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Takes files in as they arrive; receipts lie in landing/<department>/receipts.",
    )
    def landing_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        home = Home.at(default_home())
        if not home.landing.is_dir():
            return dg.SkipReason(f"{home.root} is no data home yet")
        waiting = waiting_files(home)
        if not waiting:
            return dg.SkipReason("no file waits in landing")
        seen = sha256(json.dumps(waiting, sort_keys=True).encode()).hexdigest()[:16]
        if seen == context.cursor:
            return dg.SkipReason(f"a run was asked for to take these {len(waiting)} file(s)")
        # Given here, configuration takes the place of all that the definitions say of a resource.
        load = {"home_dir": str(home.root), "builds": False}
        request = dg.RunRequest(
            run_config={"resources": {"load": {"config": load}}},
            tags={"eco/files": str(len(waiting))},
        )
        return dg.SensorResult(run_requests=[request], cursor=seen)

    return landing_files


def ending_sensors(nightly: Any) -> list[dg.SensorDefinition]:
    """The sensors that do what follows a load, as `eco nightly` does itself."""

    def ended(context: dg.RunStatusSensorContext) -> None:
        outcome = load_outcome(context.instance, context.dagster_run.run_id)
        if outcome is not None:
            aftermath.conclude(Home.at(default_home()), outcome, context.log.info)

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
                "After a good load: its record, the health files, the alerts.",
            ),
            (
                "load_failed",
                dg.DagsterRunStatus.FAILURE,
                "After a load that failed or was refused: the same.",
            ),
        )
    ]


@dg.sensor(
    name="watch",
    minimum_interval_seconds=WATCH_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Ends runs whose process died, tells alerts that did not get through, renews the "
    "health files.",
)
def watch_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look around every few minutes; it starts no run."""
    home = Home.at(default_home())
    if not home.landing.is_dir():
        return dg.SkipReason(f"{home.root} is no data home yet")
    ended = end_dead_loads(home, context.instance)
    aftermath.review(home, say=context.log.info)
    return dg.SkipReason(f"looked around; {len(ended)} dead run(s) ended")
