"""What the air marts cost to build from ten years of hours, against the bare aggregation.

    python -m tests.benchmarks.air_marts [--stations 571] [--years 10] [--home DIR] [--runs 1]

Not a test. 571 stations over ten years are fifty million rows. The floor in the same run is the
bare aggregation of the lake's Parquet in DuckDB: to days the six means of each station in one
statement; from them to months and years, as HJ 663 has it, four means and the percentiles of CO and
O3. No hour is checked, no day judged. The build is that of a load: the build file made anew, then
dbt in the same process with the project parsed before (which a load does once, whatever the number
of rows), the data tests included. `years kept` is the same build again, when all years of the lake
are as they were. Processor time says more where other work is on the machine. With --home the lake
is made there once and used again.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.dbt_build.runner import invoke, parsed_project
from sources.contracts import load_contracts
from tests.benchmarks.hourly_lake import fill, make_home
from warehouse.build.start import start_build
from warehouse.home.layout import Home
from warehouse.home.software import collect_garbage_rarely

LAST_YEAR = 2025
MARTS = [f"+air_quality_{period}" for period in ("daily", "monthly", "annual")]
MEANS = "avg(pm25) as pm25, avg(pm10) as pm10, avg(so2) as so2, avg(no2) as no2"
OF_DAYS = f"{MEANS}, avg(co) as co, avg(o3) as o3"
OF_PERIODS = f"{MEANS}, quantile_cont(co, 0.95) as co, quantile_cont(o3, 0.9) as o3"


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor seconds, of all threads."""
    wall, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - used


def floors(home: Home) -> tuple[tuple[float, float], tuple[float, float]]:
    """The bare aggregation to days, and to days, months and years."""
    scratch = home.state / "floor.duckdb"
    scratch.unlink(missing_ok=True)
    files = str(home.lake / "air_quality_hourly" / "*" / "*.parquet")

    def days() -> None:
        with duckdb.connect(str(scratch)) as connection:
            connection.execute("set enable_progress_bar = false")
            connection.execute(
                "create table days as "
                "select station, cast(observed_at - interval 1 microsecond as date) as day, "
                f"{OF_DAYS} from read_parquet(?, hive_partitioning = false) group by 1, 2",
                [files],
            )

    def periods() -> None:
        with duckdb.connect(str(scratch)) as connection:
            for period in ("month", "year"):
                connection.execute(
                    f"create table of_{period} as select station, "
                    f"date_trunc('{period}', day) as {period}, {OF_PERIODS} from days group by 1, 2"
                )

    of_days, of_periods = timed(days), timed(periods)
    return of_days, (of_days[0] + of_periods[0], of_days[1] + of_periods[1])


def build(home: Home, project: Any) -> None:
    """From the lake to the daily, monthly and yearly marts. Raises SystemExit when dbt fails."""
    selected = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"]
    selected += ["--select", *MARTS]
    database = start_build(home, load_contracts())
    done = invoke("build", home.dbt_target, *selected, database=database, project=project)
    if not done.success:
        raise SystemExit("dbt failed")


def main() -> None:
    """Print the floors, the build of all years and the build with all years kept."""
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
        collect_garbage_rarely()  # as `eco`
        project = parsed_project()
        for _ in range(given.runs):
            shutil.rmtree(home.kept, ignore_errors=True)
            days, periods = floors(home)
            print("                              wall s  processor s   wall, of floor")
            for name, (wall, cpu) in {
                "floor: days": days,
                "floor: days, months, years": periods,
                "build": timed(lambda: build(home, project)),
                "build, years kept": timed(lambda: build(home, project)),
            }.items():
                of_floors = f"{wall / days[0]:.2f} of days, {wall / periods[0]:.2f} of all"
                print(f"{name:27} {wall:8.2f} {cpu:12.2f}   {of_floors}", flush=True)


if __name__ == "__main__":
    main()
