"""The progress of a load on the terminal: one line per finished part, with the elapsed time."""

import logging
import sys
import time
from typing import Any

import dagster as dg

LOGGER = "eco.terminal"
# Messages of Dagster about steps that are skipped: they follow from the line before.
_BOOKKEEPING = ("Dependencies for step", "Skipping step", "op '")


def failure_text(event: dg.DagsterEvent) -> str:
    """Return why a step failed: the description of its failure, else the root cause."""
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "no reason recorded"


class _ProgressHandler(logging.Handler):
    """Prints messages of assets and failures of steps; other events of Dagster stay in its log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        metadata: dict[str, Any] = getattr(record, "dagster_meta", {}) or {}
        event = metadata.get("dagster_event")
        if event is not None:
            if not event.is_step_failure:
                return
            text = f"{event.step_key} failed: {failure_text(event)}"
        else:
            text = str(metadata.get("orig_message") or record.getMessage())
            if text.startswith(_BOOKKEEPING):
                return
        elapsed = time.monotonic() - self._started
        sign = "!" if record.levelno >= logging.WARNING else " "
        print(f"{elapsed:6.1f} s {sign} {text}", file=sys.stderr, flush=True)


@dg.logger(None, "One line per finished part of a load, for a person at a terminal.")
def terminal_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger of a run; Dagster calls this once per run."""
    logger = logging.Logger(LOGGER, logging.INFO)
    logger.addHandler(_ProgressHandler())
    return logger
