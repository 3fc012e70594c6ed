"""Locks between processes: an advisory lock on a file, released when its holder ends or is killed.

Belongs here: acquiring a lock. Which locks there are is defined where they are used.
"""

import fcntl
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.05


class LockTimeout(Exception):
    """Another process held the lock for longer than was waited."""


@contextmanager
def file_lock(
    path: Path, *, wait_seconds: float = math.inf, on_wait: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Hold the lock of a file, which is created if need be.

    `on_wait` is called once when another process holds it. Raises LockTimeout when that lasts
    longer than `wait_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o664)
    try:
        if not _taken(descriptor):
            _wait(descriptor, path, wait_seconds, on_wait)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, wait_seconds: float, on_wait: Callable[[], object]) -> None:
    deadline = time.monotonic() + wait_seconds
    if wait_seconds > 0:
        on_wait()
    while not _taken(descriptor):
        if time.monotonic() >= deadline:
            raise LockTimeout(f"{path} is locked by another process")
        time.sleep(_POLL_SECONDS)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
