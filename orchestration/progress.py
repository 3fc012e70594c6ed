"""What a person sees of a load on the terminal: one line a thing that was done, with its time."""

import logging
import sys
import time
from typing import Any

import dagster as dg

LOGGER = "eco.terminal"
# What Dagster says of steps that are left out: it follows from the line that was just printed.
_BOOKKEEPING = ("Dependencies for step", "Skipping step", "op '")


def failure_text(event: dg.DagsterEvent) -> str:
    """Why a step failed, as its author said it, else the error at the root of it."""
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "no reason given"


class _Lines(logging.Handler):
    """Prints what assets say, and why steps fail; Dagster's own bookkeeping stays in its log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {}) or {}
        event = meta.get("dagster_event")
        if event is not None:
            if not event.is_step_failure:
                return
            text = f"{event.step_key} failed: {failure_text(event)}"
        else:
            text = str(meta.get("orig_message") or record.getMessage())
            if text.startswith(_BOOKKEEPING):
                return
        elapsed = time.monotonic() - self._started
        sign = "!" if record.levelno >= logging.WARNING else " "
        print(f"{elapsed:6.1f} s {sign} {text}", file=sys.stderr, flush=True)


@dg.logger(None, "One line a thing that was done, for a person at a terminal.")
def terminal_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Make the logger; Dagster makes one a run."""
    made = logging.Logger(LOGGER, logging.INFO)
    made.addHandler(_Lines())
    return made
