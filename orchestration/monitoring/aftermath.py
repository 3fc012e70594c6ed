"""The steps after a load or an intake, whoever started it: its record, alerts, the health files.

None of them may fail a load: their errors are logged, and the next load or the sensor `watch`
repeats them.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from orchestration.monitoring.alerts.dispatch import send_pending
from orchestration.monitoring.alerts.model import Alert
from orchestration.monitoring.health import assess, examine, write
from orchestration.monitoring.loads import record_load
from orchestration.monitoring.model import LoadOutcome
from warehouse.home.layout import Home

_log = logging.getLogger(__name__)


def conclude(home: Home, outcome: LoadOutcome, log: logging.Logger = _log) -> None:
    """Record the result of a load, send pending alerts, write the health files.

    Repeated for the same run, it changes and sends nothing more.
    """
    with _errors_logged("record of the load", log):
        record_load(home, outcome)
    review(home, log=log)


def review(home: Home, news: Iterable[Alert] = (), log: logging.Logger = _log) -> None:
    """Send pending alerts, then write the health files. The home is examined once.

    `news` are alerts that are sent once, beside those of current problems.
    """
    with _errors_logged("health files", log):
        report = examine(home)
        with _errors_logged("alerts", log):
            channels = send_pending(home, report, news, log)
            report = assess(replace(report.facts, alerts=channels))
        write(home, report)


def write_health_files(home: Home, log: logging.Logger = _log) -> None:
    """Examine the home and write the health files, without sending alerts."""
    with _errors_logged("health files", log):
        write(home, examine(home))


@contextmanager
def _errors_logged(step: str, log: logging.Logger) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a load must not fail because its monitoring does
        log.error("%s: %s: %s", step, type(error).__name__, error)
        log.debug("%s: details", step, exc_info=True)
