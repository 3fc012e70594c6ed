"""What starts runs by itself, beside the clock: files that arrive in the landing folders."""

import json
from hashlib import sha256
from typing import Any

import dagster as dg

from orchestration.intake import waiting_files
from orchestration.resources import default_home
from warehouse.home import Home

LANDING_SENSOR = "landing_files"
# With the intake's own seconds for a file to be still, a receipt is there within a minute.
INTERVAL_SECONDS = 15


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
        request = dg.RunRequest(
            run_config={"resources": {"load": {"config": {"builds": False}}}},
            tags={"eco/files": str(len(waiting))},
        )
        return dg.SensorResult(run_requests=[request], cursor=seen)

    return landing_files
