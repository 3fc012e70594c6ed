"""The progress of a load on the terminal: one line per finished part, with the elapsed time."""

import logging
import sys
import threading
import time
from typing import Any, Self

import dagster as dg

from orchestration.logs import log_to_home

LOGGER = "eco.terminal"
HEARTBEAT_SECONDS = 5.0
_terminal: logging.Logger | None = None  # of the run in this process, if a person watches it
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
        log_to_home(LOGGER, record.levelno, text)


class Heartbeat:
    """Prints every few seconds of a long phase how far it is, where a person watches the load.

    `text` has one place for the number of parts that `count` was called for. Only the terminal sees
    it: Dagster's event log, which is no place for threads, has the results.
    """

    def __init__(self, text: str, seconds: float = HEARTBEAT_SECONDS) -> None:
        self._text, self._seconds = text, seconds
        self._done = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def count(self) -> None:
        """Count a finished part."""
        self._done += 1

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds):
            if _terminal is not None:
                _terminal.info(self._text.format(self._done))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@dg.logger(None, "One line per finished part of a load, for a person at a terminal.")
def terminal_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger of a run; Dagster calls this once per run."""
    global _terminal
    _terminal = logging.Logger(LOGGER, logging.INFO)
    _terminal.addHandler(_ProgressHandler())
    return _terminal
