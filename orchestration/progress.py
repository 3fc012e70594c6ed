"""What a person sees of a load on the terminal: one line a thing that was done, with its time."""

import logging
import sys
import time
from typing import Any

import dagster as dg

LOGGER = "eco.terminal"


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
            error = event.step_failure_data.error
            text = f"{event.step_key} failed: {error.message.strip() if error else ''}"
        else:
            text = str(meta.get("orig_message") or record.getMessage())
        elapsed = time.monotonic() - self._started
        sign = "!" if record.levelno >= logging.WARNING else " "
        print(f"{elapsed:6.1f} s {sign} {text}", file=sys.stderr, flush=True)


@dg.logger(description="One line a thing that was done, for a person at a terminal.")
def terminal_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Make the logger; Dagster makes one a run."""
    made = logging.Logger(LOGGER, logging.INFO)
    made.addHandler(_Lines())
    return made
