"""Some files broken in their structure, taken in: all have receipts, also those that end a worker.

Thousands of them: `python -m tests.reliability.broken_files --files 2000`.
"""

import random
from collections import Counter

from orchestration.workers.pool import Workers
from sources.limits import MIB
from tests.reliability.broken_files import Result, take_in
from warehouse.home.layout import Home

FILES = 60


def test_every_broken_file_has_its_receipt(empty_home: Home) -> None:
    first = random.randrange(10**9)
    print(f"seeds {first} to {first + FILES - 1}")
    workers = Workers(memory_bytes=1024 * MIB, seconds=60, module="tests.tools.faulty_worker")
    result = Result(Counter(), Counter(), [])
    take_in(empty_home, workers, range(first, first + FILES), 40, result)
    workers.close()
    assert not result.wrong, "\n".join(result.wrong)
