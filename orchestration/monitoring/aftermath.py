"""What follows a load or an intake, whoever started it: its record, the health files, the alerts.

None of it may fail a load: what goes wrong here is said, and done again at the next occasion.
"""

import logging
import traceback
from collections.abc import Callable, Iterable

from orchestration.monitoring.alerts.dispatch import dispatch
from orchestration.monitoring.alerts.model import Alert
from orchestration.monitoring.health import examine, write
from orchestration.monitoring.loads import LoadOutcome, record_load
from warehouse.home.layout import Home

_log = logging.getLogger(__name__)


def conclude(home: Home, outcome: LoadOutcome, say: Callable[[str], None] = _log.info) -> None:
    """Record the result of a load, send alerts, write the health files.

    Repeated for the same run, it changes and sends nothing more.
    """
    _guarded(lambda: record_load(home, outcome), say)
    review(home, say=say)


def review(home: Home, news: Iterable[Alert] = (), say: Callable[[str], None] = _log.info) -> None:
    """Look at the home: alerts for what is wrong, then the health files."""
    _guarded(lambda: dispatch(home, examine(home), news, say), say)
    note(home, say)


def note(home: Home, say: Callable[[str], None] = _log.info) -> None:
    """Write the health files."""
    _guarded(lambda: write(home), say)


def _guarded(step: Callable[[], object], say: Callable[[str], None]) -> None:
    try:
        step()
    except Exception as error:  # a load's end must not hang on its watchers
        say(f"after the load: {error}")
        _log.debug("%s", traceback.format_exc())
