"""What a load refuses, told apart from what breaks: Dagster failures that say why in one text.

And what is only of the moment: it is tried again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from warehouse.lake.submissions import LakeError

# In a failure's metadata: whether what was checked refused the publication (exit code 2), or
# something broke (exit code 1).
REFUSED_BY_CHECKS = "refused_by_checks"


class DamagedLake(dg.Failure):
    """Files of the lake are not as they were committed; the last publication stays."""


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Turn a LakeError into a refusal that is not tried again: no retry brings a file back."""
    try:
        yield
    except LakeError as error:
        raise DamagedLake(
            description=str(error), metadata={REFUSED_BY_CHECKS: True}, allow_retries=False
        ) from None


@contextmanager
def trying_again(seconds: float = 10) -> Iterator[None]:
    """Have a step begin anew when the disk or a share fails it: twice, after some seconds.

    Only around what begins with a fresh file of its own.
    """
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=seconds) from error
