"""One nightly load from the command line: the same job that the schedule runs, in this process."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import dagster as dg

from orchestration.instance import open_instance
from orchestration.progress import failure_text
from orchestration.refusals import REFUSED_BY_CHECKS
from warehouse.home import Home
from warehouse.publish import current_manifest


@dataclass(frozen=True)
class Outcome:
    """How a load ended."""

    result: Literal["published", "unchanged", "refused", "failed"]
    run_id: str
    manifest: Mapping[str, Any] | None
    problems: list[str] = field(default_factory=list)
    data_docs: Path | None = None

    @property
    def exit_code(self) -> int:
        """0 published or nothing new, 2 refused by checks, 1 anything else."""
        return {"published": 0, "unchanged": 0, "refused": 2, "failed": 1}[self.result]


def _rows(metadata: Mapping[str, dg.MetadataValue]) -> list[str]:
    """The failing rows of a check in one line, as far as it says which they are."""
    rows = getattr(metadata.get("failing_rows"), "value", None)
    if not isinstance(rows, list) or not rows:
        return []
    return ["; ".join(", ".join(f"{k}={v}" for k, v in row.items()) for row in rows)]


def _problems(result: dg.ExecuteInProcessResult) -> tuple[bool, list[str]]:
    """Whether checks refused the publication, and what failed."""
    checks = [
        evaluation
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
    ]
    lines = [
        ": ".join([c.asset_key.to_user_string(), c.check_name, *_rows(c.metadata)]) for c in checks
    ]
    refused = bool(checks)
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            marks = data.user_failure_data.metadata if data.user_failure_data else {}
            if REFUSED_BY_CHECKS in marks:
                refused = bool(marks[REFUSED_BY_CHECKS].value)
            if not checks:
                lines.append(f"{event.step_key}: {failure_text(event)}")
    return refused, lines


def run_nightly(
    home: Home, *, as_of: str | None = None, year: int | None = None, rebuild: bool = False
) -> Outcome:
    """Run the nightly job of a home; `rebuild` builds also when nothing is new.

    Raises HomeError when the home cannot be used.
    """
    from orchestration.assets.publication import PUBLISHED
    from orchestration.definitions import NIGHTLY, defs

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
            tags={"eco/started_by": "command line"},
        )
    if result.success:
        made = any(
            event.asset_key == PUBLISHED for event in result.get_asset_materialization_events()
        )
        state: Literal["published", "unchanged"] = "published" if made else "unchanged"
        return Outcome(state, result.run_id, current_manifest(home))
    refused, problems = _problems(result)
    pages = max(home.candidates.glob("*/report/data_docs/index.html"), default=None)
    return Outcome("refused" if refused else "failed", result.run_id, None, problems, pages)
