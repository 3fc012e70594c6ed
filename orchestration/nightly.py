"""A nightly load run by the command line: the job that the schedule runs, in this process."""

import logging
from dataclasses import dataclass
from pathlib import Path

from orchestration.instance import open_instance
from orchestration.monitoring.model import Result
from warehouse.home.layout import Home
from warehouse.publication.current import current_manifest
from warehouse.publication.manifest import PublicationManifest


@dataclass(frozen=True)
class Outcome:
    """The outcome of a load as `eco nightly` reports it.

    `manifest` is the publication that the load made or left in force, `stands` a sentence about
    what readers see where it published nothing, `held` a line for each submission that is left out.
    """

    result: Result
    run_id: str
    manifest: PublicationManifest | None
    problems: tuple[str, ...] = ()
    data_docs: Path | None = None
    stands: str = ""
    held: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0: published or nothing new, 2: refused by checks, 1: failed."""
        return {"published": 0, "unchanged": 0, "refused": 2, "failed": 1}[self.result]


def run_nightly(
    home: Home, *, as_of: str | None = None, year: int | None = None, rebuild: bool = False
) -> Outcome:
    """Run the nightly job of a home; `rebuild` builds and publishes even when nothing is new.

    Raises HomeError when the home cannot be used, PlanError when the plan cannot, SparkError when
    the engine cannot.
    """
    from orchestration.dbt_build.engines import require_engine
    from orchestration.definitions import NIGHTLY, defs
    from orchestration.monitoring import aftermath
    from orchestration.monitoring.status import held_lines, what_stands
    from orchestration.outcome import load_outcome
    from sources.contracts import plan_in_force

    home.require()
    plan_in_force()
    require_engine()
    configuration = {
        "resources": {
            "load": {
                "config": {
                    "home_dir": str(home.root),
                    "as_of": as_of,
                    "year": year,
                    "rebuild": rebuild,
                }
            }
        },
        "loggers": {"terminal": {}},
    }
    # Dagster's own messages are in its event log; without a handler Python would print them between
    # the lines of progress.
    logging.getLogger("dagster").addHandler(logging.NullHandler())
    job = defs.resolve_job_def(NIGHTLY)
    with open_instance(home) as instance:
        result = job.execute_in_process(
            run_config=configuration,
            instance=instance,
            raise_on_error=False,
            # The daemon must not retry a run of this process.
            tags={"eco/started_by": "command line", "dagster/max_retries": "0"},
        )
        ended = load_outcome(instance, result.run_id)
    assert ended is not None, "a run in this process has ended"
    aftermath.conclude(home, ended)
    if result.success:
        held = tuple(held_lines(home))
        return Outcome(
            ended.result, ended.run_id, current_manifest(home), stands=what_stands(home), held=held
        )
    pages = max(home.candidates.glob("*/report/data_docs/index.html"), default=None)
    return Outcome(
        ended.result, ended.run_id, None, ended.problems, pages, stands=what_stands(home)
    )
