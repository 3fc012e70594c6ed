"""How fast intake is, beside DuckDB's own COPY of the same rows in the same run.

    python -m tests.benchmarks.intake_throughput [--rows 10000000] [--files 20] [--times 3]
                                                 [--bad 0.025] [--keep DIR]

Not a test: it prints rows per second and peak memory of each way and its share of the floor.
"Clean and write" is reading, cleaning, checking, rejecting, the second lock, and writing the lake
and quarantine Parquet files with their manifests; "whole intake" adds the archive and the receipts.

Each repetition measures every way right after its floor, in processes of their own that have taken
a small file before (a running process has its libraries loaded); shares are medians over the
repetitions. Beside the share in rows per second of the clock stands that in processor seconds,
which other work on the machine disturbs less.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

DEPARTMENT = "ecology"
HEADER = "站点编码,站点名称,监测时间,PM2.5,PM10,SO2,NO2,CO,O3,AQI,首要污染物,备注"


def write_files(
    folder: Path, rows: int, files: int, encoding: str = "utf-8", bad_share: float = 0.025
) -> None:
    """Write hourly air data: 12 columns, `bad_share` of rows break a rule, 2 % have a gap."""
    import numpy as np
    import polars as pl

    each = rows // files
    stations = 20
    for number in range(files):
        random = np.random.default_rng(number)
        start = datetime(2021, 1, 1) + timedelta(hours=number * each // stations)
        hours = pl.Series(range(each)) // stations
        n = each
        bad = random.random(n)
        frame = pl.DataFrame(
            {
                "code": [f"14052{i % stations:02d}A" for i in range(n)],
                "station": [f"阳城县第{i % stations + 1:02d}监测站" for i in range(n)],
                "hour": hours,
                "pm25": random.gamma(3, 12, n).round(0),
                "pm10": random.gamma(3, 25, n).round(0),
                "so2": random.gamma(2, 6, n).round(0),
                "no2": random.gamma(3, 9, n).round(0),
                "co": random.gamma(3, 0.3, n).round(2),
                "o3": random.gamma(4, 20, n).round(0),
                "aqi": random.integers(10, 300, n),
            }
        ).with_columns(
            (pl.lit(start) + pl.duration(hours="hour"))
            .dt.strftime("%Y-%m-%d %H:%M:%S")
            .alias("hour"),
            # One rule broken in each of these rows: a range, a required value.
            pm25=pl.when(pl.lit(bad) < bad_share * 0.4).then(-5.0).otherwise("pm25"),
            o3=pl.when(pl.lit(bad).is_between(bad_share * 0.4, bad_share * 0.8))
            .then(9999.0)
            .when(pl.lit(random.random(n)) < 0.02)
            .then(None)
            .otherwise("o3"),
            station=pl.when(pl.lit(bad).is_between(bad_share * 0.8, bad_share))
            .then(None)
            .otherwise("station"),
            primary=pl.lit("细颗粒物"),
            note=pl.lit(None, pl.String),
        )
        body = frame.write_csv(include_header=False)
        (folder / f"小时{number:02d}.csv").write_bytes(f"{HEADER}\n{body}".encode(encoding))


def intake(folder: Path, home: Path) -> dict[str, int]:
    """Take every file of a folder into a data home as orchestration does, one by one."""
    from orchestration.intake.service import Intake
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home

    there = Home.at(home)
    there.create(load_contracts().departments)
    for path in sorted(folder.glob("*.csv")):
        os.link(path, there.department(DEPARTMENT) / path.name)
    started = time.perf_counter()
    outcomes = Intake(there, load_contracts(), "benchmark").run(settle_seconds=0)
    seconds = time.perf_counter() - started
    tables = [s for o in outcomes for s in o.submissions]
    for table in tables:
        assert table.rows_read == table.rows_accepted + table.rows_rejected + table.rows_duplicate
    return {
        "rows": sum(t.rows_read for t in tables),
        "rejected": sum(t.rows_rejected for t in tables),
        "seconds": seconds,
    }


def clean_and_write(folder: Path, home: Path) -> dict[str, int]:
    """Clean every file and commit it to the lake, without archive and receipt."""
    from orchestration.intake.service import read_ahead
    from sources.contracts import load_contracts
    from sources.read_file import read_file
    from sources.summary import TableResult
    from tests.tools.lake import commit_frames
    from warehouse.home.layout import Home
    from warehouse.lake.submissions import Submission

    contracts = load_contracts()
    there = Home.at(home)
    there.create(contracts.departments)
    started = time.perf_counter()
    rows = rejected = 0

    def read(path: Path) -> list[TableResult]:
        return read_file(path, file_name=path.name, department=DEPARTMENT, contracts=contracts)

    def write(number: int, path: Path, table: TableResult) -> None:
        submission = Submission(
            submission_id=f"{number:016d}",
            department=DEPARTMENT,
            file_name=path.name,
            landing_path=path.name,
            sheet="",
            sha256="",
            size_bytes=0,
            received_at=datetime.now().isoformat(),
            dataset=table.dataset,
            status=table.status,
            reason_code=table.reason_code,
            reason_zh=table.reason_zh,
            encoding=table.encoding,
            rows_read=table.rows_read,
            rows_accepted=table.rows_accepted,
            rows_rejected=table.rows_rejected,
            rows_duplicate=table.rows_duplicate,
            periods=tuple(table.periods),
            software_version="benchmark",
            details=table.summary(),
        )
        commit_frames(there, submission, contracts[table.dataset], table.accepted, table.rejected)

    files = [(path, path.stat().st_size) for path in sorted(folder.glob("*.csv"))]
    for number, (path, tables) in enumerate(read_ahead(files, read)):
        (table,) = tables.result()
        write(number, path, table)
        rows += table.rows_read
        rejected += table.rows_rejected
    return {"rows": rows, "rejected": rejected, "seconds": time.perf_counter() - started}


def duckdb_copy(folder: Path, home: Path) -> dict[str, int]:
    """The floor: DuckDB reads the same files and writes them as Parquet, unchecked."""
    import duckdb

    home.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    (rows,) = duckdb.execute(
        f"COPY (SELECT * FROM read_csv('{folder}/*.csv')) TO '{home}/floor.parquet' "
        "(FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    return {"rows": rows, "rejected": 0, "seconds": time.perf_counter() - started}


def warm_up(way: Callable[[Path, Path], object], home: Path) -> None:
    """Go the way with a file of 1,000 rows, so that what follows is that of a running process."""
    small = home / "small"
    small.mkdir(parents=True)
    write_files(small, 1_000, 1)
    way(small, home / "home")


def one_small_file(folder: Path, home: Path) -> dict[str, float]:
    """From drop to receipt of files of 1,000 rows, one after another, while an intake watches."""
    from orchestration.intake.service import Intake
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home

    there = Home.at(home)
    there.create(load_contracts().departments)
    stop, done, after = threading.Event(), threading.Event(), []
    watching = threading.Thread(
        target=Intake(there, load_contracts(), "benchmark").watch,
        args=(stop,),
        kwargs={"on_file": lambda outcome: (after.append(outcome), done.set())},
    )
    watching.start()
    seconds = []
    for number in range(6):
        written = home / f"written{number}"
        written.mkdir()
        write_files(written, 1_000, 1)
        [file] = written.iterdir()
        with file.open("a", encoding="utf-8") as more:
            more.write(f"1405299A,站{number},2020-01-01 00:00:00,5,5,5,5,0.5,5,9,,\n")
        done.clear()
        started = time.perf_counter()
        shutil.copy(file, there.department(DEPARTMENT) / f"{number}.csv")
        done.wait()
        seconds.append(time.perf_counter() - started)
        assert after[-1].receipt.exists()
        assert after[-1].submissions[0].rows_read == 1_001
    stop.set()
    watching.join()
    return {"rows": 1_001, "rejected": 0, "first": seconds[0], "seconds": median(seconds[1:])}


WAYS = {
    "DuckDB COPY": duckdb_copy,
    "clean and write the lake": clean_and_write,
    "whole intake (archive, receipts)": intake,
}


def _child(way: str, folder: str, home: str) -> None:
    functions = {**{f.__name__: f for f in WAYS.values()}, "one_small_file": one_small_file}
    if way not in ("duckdb_copy", "one_small_file"):
        warm_up(functions[way], Path(home) / "before")
    before = processor_seconds()
    result = functions[way](Path(folder), Path(home) / "home")
    cpu = processor_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = [int(_status(p, "VmHWM")) / 1024 for p in _workers()]
    peaks = {"peak_mb": round(peak), "workers_mb": [round(w) for w in workers]}
    print(json.dumps({**result, "cpu": cpu, **peaks}))


def _workers() -> list[Path]:
    """Return the processes in /proc that this one has started and that run."""
    found = Path("/proc/self/task").glob("*/children")
    return [Path("/proc") / child for children in found for child in children.read_text().split()]


def _status(process: Path, name: str) -> str:
    lines = (process / "status").read_text().splitlines()
    return next((line.split()[1] for line in lines if line.startswith(f"{name}:")), "0")


def processor_seconds() -> float:
    """Return the processor seconds that this process and its workers have taken."""
    times = os.times()
    ticks = 0
    for process in _workers():
        ticks += sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:13]))
    return times.user + times.system + ticks / os.sysconf("SC_CLK_TCK")


def _measure(way: str, folder: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", __spec__.name, "--child", way, str(folder), home]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _compare(label: str, way: str, folder: Path, floor_folder: Path, times: int) -> None:
    """Measure a way and its floor by turns, and print medians."""
    pairs = [(_measure("duckdb_copy", floor_folder), _measure(way, folder)) for _ in range(times)]
    found = [way for _, way in pairs]
    shares = [f["seconds"] / w["seconds"] * w["rows"] / f["rows"] for f, w in pairs]
    of_cpu = [f["cpu"] / w["cpu"] * w["rows"] / f["rows"] for f, w in pairs]
    floors = [f["rows"] / f["seconds"] for f, _ in pairs]
    speed = median(w["rows"] / w["seconds"] for w in found)
    each = " ".join(f"{share:.2f}" for share in shares)
    print(
        f"  {label:<34} {speed / 1e6:5.2f} M rows/s, COPY {median(floors) / 1e6:5.2f}: "
        f"x{median(shares):.2f} ({each}), x{median(of_cpu):.2f} in processor time, "
        f"peak {max(w['peak_mb'] for w in found):,} MB and of workers "
        f"{max((m for w in found for m in w['workers_mb']), default=0):,} MB, "
        f"{found[0]['rejected']:,} rejected",
        flush=True,
    )


def main() -> None:
    """Write the files, measure each way beside its floor, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--bad", type=float, default=0.025, help="share of rows that break a rule")
    parser.add_argument("--keep", type=Path, help="folder for the input files, kept for next time")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _child(*arguments.child)
        return
    with tempfile.TemporaryDirectory() as scratch:
        base = arguments.keep or Path(scratch)
        folders = {}
        few, files = arguments.rows // 5, max(1, arguments.files // 5)
        for name, encoding, rows, count in (
            ("UTF-8", "utf-8", arguments.rows, arguments.files),
            ("a fifth of it", "utf-8", few, files),
            ("GB18030", "gb18030", few, files),
        ):
            folder = folders[name] = base / f"{encoding}-{rows}-{count}-{arguments.bad:g}"
            if not folder.exists():
                folder.mkdir(parents=True)
                write_files(folder, rows, count, encoding, arguments.bad)
            size = sum(f.stat().st_size for f in folder.glob("*.csv")) / 1e6
            print(f"{name}: {rows:,} rows, {size:,.0f} MB in {count} files of {encoding}")
        whole, part, gb = folders.values()
        for label, way, folder, floor, times in (
            ("clean and write", "clean_and_write", whole, whole, arguments.times),
            ("clean and write, GB18030", "clean_and_write", gb, part, arguments.times),
            ("whole intake", "intake", part, part, 1),
        ):
            _compare(label, way, folder, floor, times)
        from orchestration.intake.service import WATCH_SETTLE_SECONDS

        small = [_measure("one_small_file", Path(scratch)) for _ in range(arguments.times)]
        print(
            f"  1,000 rows from drop to receipt, while an intake watches: "
            f"{median(s['seconds'] for s in small):.2f} s, the first "
            f"{median(s['first'] for s in small):.2f} s; of these {WATCH_SETTLE_SECONDS} s wait "
            "for the file to be still"
        )


if __name__ == "__main__":
    main()
