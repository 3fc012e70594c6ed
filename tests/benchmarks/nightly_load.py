"""What a nightly load costs as a whole process, with one new file and with nothing new.

    python -m tests.benchmarks.nightly_load [--runs 3]

Not a test. Floors are measured in the same run, by turns: for a load with one new file the import
of the libraries that it uses, and `dbt build` of the same build file by dbt's own command; for a
load with nothing new `import dagster`, without which it would be no run of Dagster.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from warehouse.home.layout import Home
from warehouse.home.settings import BuildSettings
from warehouse.home.software import PROJECT

ECO = Path(sys.executable).with_name("eco")
DBT = Path(sys.executable).with_name("dbt")
PROJECT_OF_DBT = PROJECT / "dbt_project"
IMPORTS = "import dagster, dagster_dbt, duckdb, polars, pandera.polars, pyarrow, great_expectations"


def seconds(*command: object, **environment: str) -> float:
    """Run a command to its end and return its wall time. Raises CalledProcessError."""
    started = time.perf_counter()
    subprocess.run(
        [str(part) for part in command],
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
    )
    return time.perf_counter() - started


def drop(home: Home, number: int) -> None:
    """Put one new file into landing."""
    path = home.department("forestry") / f"new{number}.csv"
    path.write_text(f"年份,区域,森林覆盖率\n{2000 + number},全县,4{number}\n", encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))


def dbt_build(home: Home, target: Path) -> float:
    """Return the time of `dbt build` of the home's last build, without the unit tests."""
    database = target / "eco.duckdb"
    shutil.copyfile(home.build_database, database)
    folders = ("--project-dir", PROJECT_OF_DBT, "--profiles-dir", PROJECT_OF_DBT)
    return seconds(
        *(DBT, "--quiet", "build", *folders, "--target-path", target),
        *("--exclude-resource-type", "unit_test"),
        **{BuildSettings.variable("build_db"): str(database), "DBT_USE_FAST_TEST_EDGES": "true"},
    )


def medians(runs: int, *measures: Callable[[int], float]) -> list[float]:
    """Return the median of each measure; they are taken by turns."""
    rounds = [[measure(number) for measure in measures] for number in range(runs)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def main() -> None:
    """Print medians of loads and floors."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=3)
    runs = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        home, target = Home.at(Path(folder) / "home"), Path(folder) / "target"
        target.mkdir()
        made = seconds(ECO, "init", "--demo", "--home", home.root)
        first = seconds(ECO, "nightly", "--home", home.root)
        dbt_build(home, target)  # dbt's own first parse

        def with_one_file(number: int) -> float:
            drop(home, number)
            return seconds(ECO, "nightly", "--home", home.root)

        new, imports, build, unchanged, dagster = medians(
            runs,
            with_one_file,
            lambda _: seconds(sys.executable, "-c", IMPORTS),
            lambda _: dbt_build(home, target),
            lambda _: seconds(ECO, "nightly", "--home", home.root),
            lambda _: seconds(sys.executable, "-c", "import dagster"),
        )
    print(f"eco init --demo                        {made:6.1f} s")
    print(f"eco nightly, the samples               {first:6.1f} s")
    print(f"eco nightly, one new file              {new:6.1f} s  median of {runs}")
    print(f"floor: imports {imports:4.1f} s + dbt build {build:4.1f} s {imports + build:6.1f} s")
    print(f"load / floor                           {new / (imports + build):7.2f}")
    print(f"eco nightly, nothing new               {unchanged:6.1f} s")
    print(f"floor: import dagster                  {dagster:6.1f} s")
    print(f"load / floor                           {unchanged / dagster:7.2f}")


if __name__ == "__main__":
    main()
