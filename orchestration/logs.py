"""The configuration of Python logging: the same for command line, watcher, daemon and web UI.

Only messages of the project's own packages are configured; Dagster configures its own. Messages
inside a Dagster run go through `context.log` into Dagster's event log. What all processes of a home
log, and what a load prints, is also in one file a month: state/logs/eco-2026-11.log.
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from typing import Literal

from orchestration.errors import keep_details
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.layout import Home

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


class HomeLog(logging.Handler):
    """Appends each message as a line, with the process, to the home's log of the month.

    Several processes append to it. A message that cannot be written is lost: a full disk or a
    missing right must not stop what is logged, and the same message is on standard error.
    """

    def __init__(self, home: Home) -> None:
        super().__init__(logging.INFO)
        self._folder = home.logs
        self._format = ServiceFormatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record."""
        month = f"{datetime.fromtimestamp(record.created, COUNTY_ZONE):%Y-%m}"
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with (self._folder / f"eco-{month}.log").open("a", encoding="utf-8") as file:
                file.write(f"[{os.getpid()}] {self._format.format(record)}\n")


def keep_log(home: Home) -> None:
    """Append messages of the project's packages to the log of a home, too.

    A further call changes the home. Does nothing where there is no home.
    """
    if not home.manifests.is_dir():
        return
    handler = HomeLog(home)
    for package in PACKAGES:
        logger = logging.getLogger(package)
        logger.handlers = [h for h in logger.handlers if not isinstance(h, HomeLog)]
        logger.addHandler(handler)


def log_to_home(name: str, level: int, text: str) -> None:
    """Append a message that was printed already to the home's log, if there is one."""
    for handler in logging.getLogger(PACKAGES[0]).handlers:
        if isinstance(handler, HomeLog):
            handler.emit(logging.LogRecord(name, level, "", 0, text, None, None))


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
