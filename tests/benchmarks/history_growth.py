"""What `eco nightly` costs after one new day, at ten years of history and at one.

    python -m tests.benchmarks.history_growth [--stations 5] [--years 10] [--runs 3]
        [--delivery day] [--home DIR]

Not a test. Two homes with hours of air up to the same day, in files as a clerk delivers them
(`--delivery`: one a day, a month or a year), committed to the lake as intake commits them; each is
loaded and published once. Then a file with the next day is put into the landing folder of each and
the whole command is measured, one home after the other, `--runs` times. The ratio is to be no more
than 1.5; the floor of both is the home of one year. With --home the homes are made there once and
used again, a day further each time.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tests.benchmarks.hourly_lake import fill, hours
from warehouse.home.layout import Home

ECO = Path(sys.executable).with_name("eco")
LAST = date(2025, 12, 15)
DEPARTMENT = "ecology"


def eco(*arguments: object) -> None:
    """Run a command quietly. Raises CalledProcessError."""
    subprocess.run([str(ECO), *map(str, arguments)], check=True, capture_output=True)


def measured(command: list[object]) -> tuple[float, float]:
    """Wall and processor seconds of a process that says nothing. Raises CalledProcessError."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([str(part) for part in command], check=True, stdout=quiet, stderr=quiet)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def home_with_history(root: Path, stations: int, years: int, delivery: str) -> Home:
    """A home with so many years of hours up to LAST, published once."""
    home = Home.at(root)
    if home.database.exists():
        return home
    eco("init", "--home", root)
    fill(home, stations, date(LAST.year - years + 1, 1, 1), LAST, delivery)
    eco("nightly", "--home", root)
    return home


def last_day(home: Home) -> date:
    """The last day that a home has published."""
    with duckdb.connect(str(home.database), read_only=True) as connection:
        return connection.execute("select max(day) from marts.air_quality_daily").fetchone()[0]


def night(home: Home, stations: int, day: date) -> tuple[float, float]:
    """Deliver one day's hours; wall and processor seconds of the load."""
    file = home.landing / DEPARTMENT / f"环境空气小时监测{day}.csv"
    hours(stations, day, day).write_csv(file, datetime_format="%Y-%m-%d %H:%M:%S")
    cost = measured([ECO, "nightly", "--home", home.root])
    if file.exists():
        raise SystemExit(f"{file} was not taken in")
    return cost


def main() -> None:
    """Print each night of both homes, the medians and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stations", type=int, default=5)
    arguments.add_argument("--years", type=int, default=10)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--home", type=Path)
    arguments.add_argument("--delivery", choices=("day", "month", "year"), default="day")
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = given.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        homes = {
            years: home_with_history(folder / str(years), given.stations, years, given.delivery)
            for years in (1, given.years)
        }
        costs: dict[int, list[tuple[float, float]]] = {years: [] for years in homes}
        print("years     wall s  processor s")
        for _ in range(given.runs):
            day = max(last_day(home) for home in homes.values()) + timedelta(days=1)
            for years, home in homes.items():
                costs[years].append(night(home, given.stations, day))
                print(
                    f"{years:5} {costs[years][-1][0]:10.1f} {costs[years][-1][1]:12.1f}", flush=True
                )
    medians = {
        years: [statistics.median(column) for column in zip(*pairs, strict=True)]
        for years, pairs in costs.items()
    }
    ratios = [medians[given.years][i] / medians[1][i] for i in (0, 1)]
    for years, (wall, cpu) in medians.items():
        print(f"median, {years:2} year(s) {wall:6.1f} {cpu:12.1f}")
    print(f"{'ratio':20} {ratios[0]:6.2f} {ratios[1]:12.2f}")


if __name__ == "__main__":
    main()
