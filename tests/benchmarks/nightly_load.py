"""What a nightly load costs as a whole process when nothing new has come.

    python -m tests.benchmarks.nightly_load [--runs 3]

Not a test. The floor in the same run is a process that only imports the libraries the load needs:
below it nothing can go that uses them.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ECO = Path(sys.executable).with_name("eco")
IMPORTS = "import dagster, dagster_dbt, dbt.cli.main, duckdb, polars, pandera.polars, pyarrow"
FLOOR = [sys.executable, "-c", f"{IMPORTS}, great_expectations"]


def seconds(command: list[object]) -> float:
    """Run a command to its end and return its wall time. Raises CalledProcessError."""
    started = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print medians of the first load, the load after it, and the floor."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=3)
    runs = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        made = seconds([ECO, "init", "--demo", "--home", home])
        first = seconds([ECO, "nightly", "--home", home])
        pairs = [(seconds([ECO, "nightly", "--home", home]), seconds(FLOOR)) for _ in range(runs)]
    loads, floors = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"eco init --demo             {made:6.1f} s")
    print(f"eco nightly, 29 new files   {first:6.1f} s")
    print(f"eco nightly, nothing new    {loads:6.1f} s  median of {runs}")
    print(f"imports alone (floor)       {floors:6.1f} s  median of {runs}")
    print(f"load / floor                {loads / floors:6.1f}")


if __name__ == "__main__":
    main()
