"""What the air marts cost to build from ten years of hours, against the bare aggregation.

    python -m tests.benchmarks.air_marts [--stations 571] [--years 10] [--home DIR] [--runs 1]

Not a test. 571 stations over ten years are fifty million rows. The floor in the same run is one
statement in DuckDB: the six daily means of each station, from the lake's Parquet into a table.
Whole processes are measured, dbt's start and the data tests included, by wall and by processor time
(the latter says more where other work is on the machine). `years kept` is the same build again,
when all years of the lake are as they were. With --home the lake is made there once and used again.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from sources.contracts import load_contracts
from tests.benchmarks.hourly_lake import fill, make_home
from warehouse.build import start_build
from warehouse.home import Home

PROJECT = Path(__file__).parents[2]
LAST_YEAR = 2025
MARTS = [f"+air_quality_{period}" for period in ("daily", "monthly", "annual")]
DBT = [
    *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "build"),
    *("--no-version-check", "--exclude-resource-type", "unit_test", "--select", *MARTS),
]
FLOOR = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute('set threads = 2')
connection.execute('''
    create table days as
    select
      station,
      cast(observed_at - interval 1 microsecond as date) as day,
      avg(pm25), avg(pm10), avg(so2), avg(no2), avg(co), avg(o3)
    from read_parquet(?, hive_partitioning = false)
    group by 1, 2
''', [sys.argv[2]])
"""


def measured(
    command: list[object], environment: dict[str, str] | None = None, output: int | None = None
) -> tuple[float, float]:
    """Wall and processor seconds of a process; `output` of both its streams as subprocess takes it.

    Raises CalledProcessError.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [str(part) for part in command], check=True, env=environment, stdout=output, stderr=output
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def floor(home: Home, scratch: Path) -> tuple[float, float]:
    """The bare aggregation."""
    scratch.unlink(missing_ok=True)
    files = home.lake / "air_quality_hourly" / "*" / "*.parquet"
    return measured([sys.executable, "-c", FLOOR, scratch, files])


def build(home: Home) -> tuple[float, float]:
    """From the lake to the daily, monthly and yearly marts."""
    started, used = time.perf_counter(), time.process_time()
    database = start_build(home, load_contracts())
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    environment = os.environ | {
        "ECO_BUILD_DB": str(database),
        "DBT_TARGET_PATH": str(home.dbt_target),
        "DBT_LOG_PATH": str(home.dbt_target / "logs"),
        "DBT_PROJECT_DIR": str(PROJECT / "dbt_project"),
        "DBT_PROFILES_DIR": str(PROJECT / "dbt_project"),
    }
    of_dbt = measured(DBT, environment)
    return wall + of_dbt[0], cpu + of_dbt[1]


def main() -> None:
    """Print the floor, the build of all years and the build with all years kept."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stations", type=int, default=571)
    arguments.add_argument("--years", type=int, default=10)
    arguments.add_argument("--home", type=Path)
    arguments.add_argument("--runs", type=int, default=1)
    given = arguments.parse_args()
    with ExitStack() as stack:
        root = given.home or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        home = make_home(root)
        if not any(home.manifests.iterdir()):
            first = date(LAST_YEAR - given.years + 1, 1, 1)
            rows = fill(home, given.stations, first, date(LAST_YEAR, 12, 31), "month")
            print(f"{rows} hourly rows made")
        build(home)  # dbt's parsing of the project is no part of a build
        for _ in range(given.runs):
            shutil.rmtree(home.kept)
            print("                       wall s  processor s")
            lines = {
                "floor": floor(home, home.state / "floor.duckdb"),
                "build": build(home),
                "build, years kept": build(home),
            }
            for name, (wall, cpu) in lines.items():
                print(f"{name:20} {wall:8.1f} {cpu:12.1f}")
            ratios = [lines["build"][i] / lines["floor"][i] for i in (0, 1)]
            print(f"{'build / floor':20} {ratios[0]:8.2f} {ratios[1]:12.2f}", flush=True)


if __name__ == "__main__":
    main()
