"""Sixteen readers looping dashboard queries, with and without a nightly load beside them.

    python -m tests.benchmarks.readers [--readers 16] [--loads 2] [--quiet 30] [--home DIR]

Not a test. The readers share one core, the load has another. Stretches without and with a load take
turns; the floor is the same readers' 95th percentile without one, in the same run. A query is: open
the published file read-only, ask, fetch all rows, close, as tools do that hold no handle.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from warehouse.home.layout import Home

ECO = Path(sys.executable).with_name("eco")
WITHIN = 1.3
# What dashboards ask: a page of indicators, a line, a list of findings, a map, a share, a table.
QUERIES = (
    "select * from marts.indicator_progress where nature is not null order by indicator_id",
    "select status_zh, count(*) from marts.indicator_progress group by all order by 2 desc",
    "select year, value, milestone_value from marts.indicator_annual where indicator_id = 'B02' "
    "order by year",
    "select indicator_id, year, value from marts.indicator_values where area = '全县' order by all",
    "select severity_zh, rule_zh, department_zh, count(*) from marts.findings "
    "where state <> 'mended' group by all order by 4 desc",
    "select department, avg(acceptance_rate), sum(open_findings) from marts.department_scorecard "
    "group by department order by department",
    "select f.*, s.received_at from marts.indicator_lineage as f "
    "join marts.submissions as s using (submission_id) where f.indicator_id = 'B07'",
    "select extract(year from month) as y, station, avg(pm25) from marts.air_quality_monthly "
    "group by all order by all",
    "select target_id, subject_zh, target_value, measured_value, status from marts.plan_targets",
    'select * from bi."指标进展" limit 20',
)


def read(database: str, seed: int, out: str, stop: str) -> None:
    """One reader: loop until the file `stop` is there; write (end, seconds) and errors to `out`."""
    chance, taken, errors = random.Random(seed), [], []
    while not Path(stop).exists():
        started = time.monotonic()
        try:
            with duckdb.connect(database, read_only=True, config={"threads": 1}) as connection:
                connection.execute(chance.choice(QUERIES)).fetchall()
        except Exception as error:  # what a reader must never see
            errors.append(repr(error))
        ended = time.monotonic()
        taken.append((ended, ended - started))
    Path(out).write_text(json.dumps({"taken": taken, "errors": errors}), encoding="utf-8")


def percentile(values: list[float], share: float = 0.95) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def pinned(command: list[str], core: int) -> "subprocess.Popen[bytes]":
    """Start a command that may use one core only."""
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def _load(home: Home, core: int) -> None:
    """Run a load that publishes; exit when it fails."""
    load = pinned([str(ECO), "nightly", "--rebuild", "--home", str(home.root)], core)
    _, output = load.communicate()
    if load.returncode:
        raise SystemExit(f"the load failed\n{output.decode()}")


def _stretches(home: Home, core: int, loads: int, quiet: float) -> list[tuple[str, float, float]]:
    """Alternate stretches without and with a load; return kind, begin and end of each."""
    stretches = []
    for kind in ["quiet", *["load", "quiet"] * loads]:
        begun = time.monotonic()
        if kind == "load":
            _load(home, core)
        else:
            time.sleep(quiet)
        stretches.append((kind, begun, time.monotonic()))
    return stretches


def _loaded_home(root: Path, template: Path | None) -> Home:
    """Make a home with the samples, or a copy of a loaded one."""
    home = Home.at(root)
    if template:
        shutil.copytree(template, home.root, symlinks=True)
    else:
        subprocess.run([ECO, "init", "--demo", "--home", home.root], check=True)
        subprocess.run([ECO, "nightly", "--home", home.root], check=True)
    return home


def main() -> None:
    """Print the 95th percentiles with and without a load, and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--readers", type=int, default=16)
    arguments.add_argument("--loads", type=int, default=2)
    arguments.add_argument("--quiet", type=float, default=30, help="seconds without a load")
    arguments.add_argument("--home", type=Path, help="a loaded home to copy, instead of a new one")
    arguments.add_argument("--read", nargs=4, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.read:
        database, seed, out, stop = chosen.read
        read(database, int(seed), out, stop)
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("two cores are needed: one for the readers, one for the load")
    readers_core, load_core = cores[0], cores[1]
    with tempfile.TemporaryDirectory() as folder:
        home = _loaded_home(Path(folder) / "home", chosen.home)
        stop = Path(folder) / "stop"
        outs = [Path(folder) / f"{n}.json" for n in range(chosen.readers)]
        module = [sys.executable, "-m", "tests.benchmarks.readers", "--read", str(home.database)]
        readers = [
            pinned([*module, str(n), str(out), str(stop)], readers_core)
            for n, out in enumerate(outs)
        ]
        try:
            time.sleep(5)  # all of them have started
            stretches = _stretches(home, load_core, chosen.loads, chosen.quiet)
        finally:
            stop.touch()
        for reader in readers:
            _, output = reader.communicate()
            if reader.returncode:
                raise SystemExit(f"a reader ended\n{output.decode()}")
        results = [json.loads(out.read_text("utf-8")) for out in outs]
    errors = [error for result in results for error in result["errors"]]
    taken = [tuple(pair) for result in results for pair in result["taken"]]
    by_kind: dict[str, list[float]] = {"quiet": [], "load": []}
    for kind, begun, ended in stretches:
        seconds = [length for end, length in taken if begun <= end - length and end <= ended]
        by_kind[kind] += seconds
        print(
            f"{kind:6} {ended - begun:6.1f} s  {len(seconds):7} queries  "
            f"median {1000 * statistics.median(seconds):6.1f} ms  "
            f"95th {1000 * percentile(seconds):6.1f} ms"
        )
    floor, loaded = percentile(by_kind["quiet"]), percentile(by_kind["load"])
    print(f"{chosen.readers} readers, {len(taken)} queries, {len(errors)} errors {errors[:3]}")
    print(
        f"95th percentile with a load {1000 * loaded:.1f} ms / without {1000 * floor:.1f} ms "
        f"= {loaded / floor:.2f} (to be within {WITHIN})"
    )


if __name__ == "__main__":
    main()
