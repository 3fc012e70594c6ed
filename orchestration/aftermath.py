"""What follows a load or an intake, whoever started it: its record, the health files, the alerts.

None of it may fail a load: what goes wrong here is said, and done again at the next occasion.
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from orchestration import health
from orchestration.alerts.dispatch import dispatch
from orchestration.alerts.raised import Alert
from warehouse.home import Home

if TYPE_CHECKING:  # it takes a second to import, and `eco ingest` only needs `note`
    from dagster import DagsterInstance

    from orchestration.outcome import LoadOutcome

_log = logging.getLogger(__name__)


def conclude(
    home: Home,
    instance: "DagsterInstance",
    run_id: str,
    say: Callable[[str], None] = _log.info,
) -> "LoadOutcome | None":
    """Record how a load ended and tell what is to be told; None when the run has not ended.

    Done twice for the same run, it changes and sends nothing more.
    """
    from orchestration.assets.publication import PUBLISHED
    from orchestration.outcome import load_outcome

    outcome = load_outcome(instance, run_id, PUBLISHED)
    if outcome is not None:
        _guarded(lambda: health.record_load(home, outcome), say)
        review(home, say=say)
    return outcome


def review(home: Home, news: Iterable[Alert] = (), say: Callable[[str], None] = _log.info) -> None:
    """Look at the home: alerts for what is wrong, then the health files."""
    _guarded(lambda: dispatch(home, health.examine(home), news, say), say)
    note(home, say)


def note(home: Home, say: Callable[[str], None] = _log.info) -> None:
    """Write the health files."""
    _guarded(lambda: health.write(home), say)


def _guarded(step: Callable[[], object], say: Callable[[str], None]) -> None:
    try:
        step()
    except Exception as error:  # a load's end must not hang on its watchers
        say(f"after the load: {error}")
        _log.debug("%s", traceback.format_exc())
