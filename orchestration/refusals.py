"""Dagster failures of a load: refusals by checks, and temporary errors that are retried."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from warehouse.lake.submissions import LakeError

# Key in a failure's metadata: whether checks refused the publication (exit code 2), or an error
# occurred (exit code 1).
REFUSED_BY_CHECKS = "refused_by_checks"
# Key in a failed check's metadata: a line for each failing row, with what it was made from.
CAUSES = "causes"


class DamagedLake(dg.Failure):
    """Files of the lake differ from what was committed; the last publication stays in force."""


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Turn a LakeError into a refusal that is not retried: no retry restores a file."""
    try:
        yield
    except LakeError as error:
        raise DamagedLake(
            description=str(error), metadata={REFUSED_BY_CHECKS: True}, allow_retries=False
        ) from None


@contextmanager
def retrying_io_errors(seconds: float = 10) -> Iterator[None]:
    """Retry a step twice, each time after some seconds, when a disk or a share fails.

    Only for steps that begin with a new file of their own.
    """
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=seconds) from error
