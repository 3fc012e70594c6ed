"""Files broken in their structure, taken in as departments send them: each has its receipt.

    python -m tests.reliability.broken_files --files 2000 [--seed N]

The files are those of `tests.unit.structure_fuzz` (parts of XLSX, records of XLS and XLSB, ZIP
directories, markup, delimited text). One of a hundred ends the worker that reads it, as a fault of
a library would (`tests.tools.faulty_worker`). Every file must be taken in, a receipt written, the
rows accounted for; a second intake finds nothing. Prints seed, outcomes and the peak memory of the
service, which is this process. The suite takes some in (`test_broken_files.py`).
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.service import Intake
from orchestration.workers.pool import Workers
from sources.contracts import load_contracts
from sources.limits import MIB
from sources.reading.raw import READING_STOPPED
from tests.tools.faulty_worker import FAULTS
from tests.unit.structure_fuzz import broken_file
from warehouse.home.layout import Home

MOST_MEMORY_MB = 600  # of the service, beside its workers
ENDING = ("abort", "memory", "native")  # "hang" takes the whole time limit
_BATCH = 100


@dataclass
class Result:
    """What became of the files: by outcome, by reason of refusal; those that broke the rule."""

    outcomes: Counter[str]
    reasons: Counter[str]
    wrong: list[str]


def content(seed: int, ending: bool) -> bytes:
    """Return the bytes of a file; `ending`: of one that ends its worker."""
    if not ending:
        return broken_file(seed).content
    fault = random.Random(seed).choice(ENDING)
    assert fault.encode() in FAULTS
    return f"{fault} {seed}".encode()


def take_in(home: Home, workers: Workers, seeds: range, every: int, result: Result) -> None:
    """Take in the files of these seeds; one of `every` ends its worker."""
    contracts = load_contracts()
    for seed in seeds:
        path = home.department("forestry") / f"{seed}.dat"
        path.write_bytes(content(seed, seed % every == 0))
        os.utime(path, (1_700_000_000, 1_700_000_000))
    intake = Intake(home, contracts, "test", workers)
    outcomes = intake.run(settle_seconds=0)
    for outcome in outcomes:
        seed = int(outcome.file_name.removesuffix(".dat"))
        result.outcomes[outcome.outcome] += 1
        codes = {s.reason_code for s in outcome.submissions}
        result.reasons.update(str(code) for code in codes)
        taken = outcome.outcome in ("taken", "known")  # two seeds may make the same file
        if not taken or outcome.receipt is None or not outcome.receipt.exists():
            result.wrong.append(f"{seed}: {outcome.outcome}, {outcome.error}")
        if "unreadable_content" in codes:  # an exception that nothing but the last guard caught
            result.wrong.append(f"{seed}: unreadable_content")
        if (READING_STOPPED in codes) != (seed % every == 0):
            result.wrong.append(f"{seed}: {sorted(map(str, codes))}")
        for submission in outcome.submissions:
            s = submission
            if s.rows_read != s.rows_accepted + s.rows_rejected + s.rows_duplicate:
                result.wrong.append(f"{seed}: rows of {s.sheet}")
    if len(outcomes) != len(seeds):
        result.wrong.append(f"{len(outcomes)} outcomes of {len(seeds)} files")
    if again := intake.run(settle_seconds=0):
        result.wrong.append(f"tried again: {[o.file_name for o in again]}")


def peak_memory_mb() -> int:
    """Return the largest memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Take the files in and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--memory-mb", type=int, default=1024, help="limit of a worker")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    result, begun = Result(Counter(), Counter(), []), time.monotonic()
    workers = Workers(
        memory_bytes=chosen.memory_mb * MIB, seconds=60, module="tests.tools.faulty_worker"
    )
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(Path(folder))
        home.create(load_contracts().departments)
        end = chosen.seed + chosen.files
        for first in range(chosen.seed, end, _BATCH):
            take_in(home, workers, range(first, min(first + _BATCH, end)), 100, result)
            count = sum(result.outcomes.values())
            print(f"{time.monotonic() - begun:6.0f} s {count} files", flush=True)
    workers.close()
    memory = peak_memory_mb()
    print(f"outcomes {dict(result.outcomes)}")
    print(f"reasons {dict(result.reasons.most_common())}")
    print(f"peak memory of the service {memory} MB (at most {MOST_MEMORY_MB})")
    for text in result.wrong:
        print(f"WRONG {text}")
    print(f"{sum(result.outcomes.values())} files, {len(result.wrong)} broke the rule")
    sys.exit(1 if result.wrong or memory > MOST_MEMORY_MB else 0)


if __name__ == "__main__":
    main()
