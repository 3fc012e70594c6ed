"""One nightly load from the command line: the same job that the schedule runs, in this process."""

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.instance import open_instance
from orchestration.monitoring.loads import Result
from warehouse.home.layout import Home
from warehouse.publication.current import current_manifest
from warehouse.publication.manifest import PublicationManifest


@dataclass(frozen=True)
class Outcome:
    """How a load ended."""

    result: Result
    run_id: str
    manifest: PublicationManifest | None
    problems: list[str] = field(default_factory=list)
    data_docs: Path | None = None

    @property
    def exit_code(self) -> int:
        """0 published or nothing new, 2 refused by checks, 1 anything else."""
        return {"published": 0, "unchanged": 0, "refused": 2, "failed": 1}[self.result]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run_nightly(
    home: Home, *, as_of: str | None = None, year: int | None = None, rebuild: bool = False
) -> Outcome:
    """Run the nightly job of a home; `rebuild` builds also when nothing is new.

    Raises HomeError when the home cannot be used.
    """
    from orchestration.definitions import NIGHTLY, defs
    from orchestration.monitoring import aftermath
    from orchestration.outcome import load_outcome

    home.require()
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
    # Dagster's own remarks are for its log; without a handler Python prints them between our lines.
    logging.getLogger("dagster").addHandler(logging.NullHandler())
    job = defs.resolve_job_def(NIGHTLY)
    with open_instance(home) as instance:
        result = job.execute_in_process(
            run_config=configuration,
            instance=instance,
            raise_on_error=False,
            # Nobody but this process can run it again.
            tags={"eco/started_by": "command line", "dagster/max_retries": "0"},
        )
        ended = load_outcome(instance, result.run_id)
    assert ended is not None, "a run in this process has ended"
    aftermath.conclude(home, ended, _say)
    if result.success:
        return Outcome(ended.result, ended.run_id, current_manifest(home))
    pages = max(home.candidates.glob("*/report/data_docs/index.html"), default=None)
    return Outcome(ended.result, ended.run_id, None, ended.problems, pages)
