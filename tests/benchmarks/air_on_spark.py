"""What the air marts cost to build from hours on Apache Spark, against DuckDB in the same run.

    python -m tests.benchmarks.air_on_spark [--stations 115] [--years 10] [--workers 0] [--home DIR]

Not a test; it needs the environment of requirements-cluster.lock and Java 17. 115 stations over ten
years are ten million rows. Spark is `local[2]`, or with --workers a standalone cluster on this
machine of workers with one processor each. The build is that of tests.benchmarks.air_marts; on
Spark the lake's tables are registered in it, and the session is begun before it. Processor seconds
and memory are those of all processes below this one: on Spark the driver, executors, workers.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.dbt_build.runner import Engine, invoke, parsed_project
from sources.contracts import load_contracts
from tests.benchmarks.air_marts import LAST_YEAR, MARTS
from tests.benchmarks.hourly_lake import fill, make_home
from tests.cluster.standalone import standalone
from warehouse.build import spark
from warehouse.build.start import start_build
from warehouse.home.layout import Home
from warehouse.home.settings import EngineSettings
from warehouse.home.software import collect_garbage_rarely

SLOWEST = 5  # models that are listed
TICKS = os.sysconf("SC_CLK_TCK")


def processes(pid: int | str = "self") -> Iterator[Path]:
    """A process and those below it, as folders of /proc."""
    yield Path(f"/proc/{pid}")
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from processes(child)


def processor() -> float:
    """Processor seconds of all processes so far, with those that have ended."""
    total = 0.0
    for process in processes():
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15])) / TICKS
    return total


def peak_memory() -> list[int]:
    """Megabytes that each process held at most, the largest first."""
    found = []
    for process in processes():
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmHWM"):
                found.append(int(line.split()[1]) // 1024)
    return sorted(found, reverse=True)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds and the result of a piece of work."""
    wall, used = time.perf_counter(), processor()
    result = work()
    return time.perf_counter() - wall, processor() - used, result


def build(home: Home, project: Any, engine: Engine) -> list[tuple[float, str]]:
    """Build the air marts; return the seconds of each model. Raises SystemExit when dbt fails."""
    selected = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"]
    selected += ["--select", *MARTS]
    done = invoke(
        "build",
        home.dbt_target,
        *selected,
        database=home.build_database,
        project=project,
        engine=engine,
    )
    if not done.success or done.result is None:
        raise SystemExit(f"dbt failed: {done.exception}")
    return [(each.execution_time, each.node.name) for each in done.result.results]


def on_duckdb(home: Home) -> Callable[[], list[tuple[float, str]]]:
    """The build in this process."""
    project = parsed_project()

    def work() -> list[tuple[float, str]]:
        start_build(home, load_contracts())
        return build(home, project, "duckdb")

    return work


def on_spark(home: Home, session: Any) -> Callable[[], list[tuple[float, str]]]:
    """The build in a session of Spark."""
    project = parsed_project("spark")
    schemas = {node.schema for node in project.nodes.values() if node.resource_type != "test"}

    def work() -> list[tuple[float, str]]:
        start_build(home, load_contracts())
        spark.register_sources(session, home, load_contracts(), schemas=schemas)
        return build(home, project, "spark")

    return work


def report(name: str, found: tuple[float, float, list[tuple[float, str]]], floor: float) -> None:
    """Print a line about a build, and its slowest models."""
    wall, used, models = found
    times = f"{used / floor:.1f} times DuckDB's processor"
    print(f"{name:22} {wall:8.1f} {used:12.1f}   {times}; memory in MB {peak_memory()[:4]}")
    for seconds, model in sorted(models, reverse=True)[:SLOWEST]:
        print(f"    {seconds:8.1f} s {model}", flush=True)


def main() -> None:
    """Print the build on DuckDB and on Spark."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stations", type=int, default=115)
    arguments.add_argument("--years", type=int, default=10)
    arguments.add_argument("--workers", type=int, default=0)
    arguments.add_argument("--home", type=Path)
    given = arguments.parse_args()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home = make_home(given.home or scratch / "home")
        if not any(home.manifests.iterdir()):
            first = date(LAST_YEAR - given.years + 1, 1, 1)
            rows = fill(home, given.stations, first, date(LAST_YEAR, 12, 31), "month")
            print(f"{rows} hourly rows made")
        size = sum(path.stat().st_size for path in home.lake.rglob("*.parquet"))
        print(f"lake: {size / 2**20:.0f} MB")
        shutil.rmtree(home.kept, ignore_errors=True)
        collect_garbage_rarely()  # as `eco`
        print("                         wall s  processor s")
        of_duckdb = timed(on_duckdb(home))
        report("DuckDB", of_duckdb, of_duckdb[1])
        master = "local[2]"
        if given.workers:
            master = stack.enter_context(standalone(scratch, given.workers)).master
        os.environ[EngineSettings.variable("spark_master")] = master
        session = stack.enter_context(spark.session(home, EngineSettings.load()))
        report(f"Spark, {master}"[:22], timed(on_spark(home, session)), of_duckdb[1])


if __name__ == "__main__":
    main()
