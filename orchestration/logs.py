"""The configuration of Python logging: the same for command line, watcher, daemon and web UI.

Only messages of the project's own packages are configured; Dagster configures its own. Messages
inside a Dagster run go through `context.log` into Dagster's event log.
"""

import logging
import sys
import traceback
from datetime import datetime
from typing import Literal

from orchestration.errors import keep_details
from warehouse.home.clock import COUNTY_ZONE

PACKAGES = ("sources", "warehouse", "expectations", "orchestration")
Style = Literal["terminal", "service"]


class TerminalFormatter(logging.Formatter):
    """The message alone, its level in front from WARNING on; tracebacks are kept in a file."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        warning = record.levelno >= logging.WARNING
        text = f"{record.levelname.lower() + ': ' if warning else ''}{record.getMessage()}"
        if record.exc_info and record.exc_info[0] is not None:
            text += f"\n{keep_details(''.join(traceback.format_exception(*record.exc_info)))}"
        return text


class ServiceFormatter(logging.Formatter):
    """Time in Yangcheng, level, module and message, with tracebacks, for a service's journal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Return the time of a record in Yangcheng, as 2026-11-26 02:00:00+0800."""
        return f"{datetime.fromtimestamp(record.created, COUNTY_ZONE):%Y-%m-%d %H:%M:%S%z}"


class _Handler(logging.StreamHandler):
    """Writes to standard error; a class of its own so that it is recognised."""


def configure_logging(style: Style) -> None:
    """Send messages of the project's packages from INFO on to standard error.

    A further call replaces the style.
    """
    handler = _Handler(sys.stderr)
    handler.setFormatter(TerminalFormatter() if style == "terminal" else ServiceFormatter())
    for package in PACKAGES:
        logger = logging.getLogger(package)
        logger.setLevel(logging.INFO)
        logger.handlers = [h for h in logger.handlers if not isinstance(h, _Handler)]
        logger.addHandler(handler)


def is_configured() -> bool:
    """Return whether this process has configured logging."""
    return any(isinstance(h, _Handler) for h in logging.getLogger(PACKAGES[0]).handlers)
