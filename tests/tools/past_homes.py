"""Homes as earlier versions of this project made them, kept in tests/data/past_homes.

For each of EPOCHS the program takes that commit's code from git, lets it make a home and take in
the files below, and keeps archive, lake and quarantine, with the rows that its own build sees. Run
by hand, in a clone with the whole history:

    python -m tests.tools.past_homes            make the kept homes again
    python -m tests.tools.past_homes --check    compare them with what the history makes today

Kept homes are not changed otherwise: they stand for homes that are in use.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
KEPT = PROJECT / "tests" / "data" / "past_homes"
ROWS = "rows.json"
FOLDERS = ("archive", "lake", "quarantine")
# The last commits of three stages: first loads; backups, alerts and time travel; supervision.
EPOCHS = {"2026-11-23": "970eb9b", "2026-11-25": "12b7f25", "2026-11-27": "9907b88"}
# Taken in one after the other; the last one corrects a row of the first and withdraws another.
FILES = {
    "forestry/a.csv": (
        "年份,区域,林地面积（万亩）,森林面积（万亩）,森林覆盖率（%）\n"
        "2020,全县,166.7,121.11,46.63\n2021,全县,166.8,121.4,46.7\n2022,全县,多,122,47\n"
    ),
    "ecology/b.csv": (
        "站点名称,日期,PM2.5,PM10,SO2,NO2,CO,O3-8h\n"
        "站点甲,2023-03-01,35,70,10,20,0.8,90\n站点甲,2023年3月2日,<1,71,11,21,0.9,91\n"
        "站点甲,2023/3/3,—,72,12,22,1.0,92\n"
    ),
    "forestry/c.csv": (
        "年份,区域,林地面积（万亩）,森林面积（万亩）,森林覆盖率（%）,操作\n"
        "2021,全县,166.9,121.5,46.8,\n2020,全县,166.7,121.11,46.63,删除\n"
    ),
}
# Run by the code of the past: writes the rows of its build's views of the lake to a file.
_WRITE_ROWS = """
import json, sys
import duckdb
from sources.contracts import load_contracts
try:
    from warehouse.build.start import start_build
    from warehouse.home.layout import Home
except ImportError:  # before the packages were divided
    from warehouse.build import start_build
    from warehouse.home import Home
found = {}
with duckdb.connect(str(start_build(Home.at(sys.argv[1]), load_contracts()))) as connection:
    views = "select view_name from duckdb_views() where schema_name = 'lake' order by 1"
    for (view,) in connection.sql(views).fetchall():
        relation = connection.sql(f'select * from lake."{view}" order by all')
        rows = [dict(zip(relation.columns, map(str, row))) for row in relation.fetchall()]
        found |= {view: rows} if rows else {}
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(found, file, ensure_ascii=False, indent=1)
"""
_ECO = "import sys; from orchestration.cli import main; main()"


def _run(code: Path, program: str, *arguments: str) -> None:
    """Run a program with the code of the past."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECO_")}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=code,
        env={**kept, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr[-2000:]}")


def make(commit: str, folder: Path) -> Path:
    """Make a home with a commit's code below `folder`; return it, with the file of its rows."""
    code, home = folder / "code", folder / "home"
    archived = subprocess.run(
        ["git", "-C", str(PROJECT), "archive", commit], capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        archive.extractall(code, filter="data")
    _run(code, _ECO, "init", "--home", str(home))
    for name, text in FILES.items():
        path = home / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
        _run(code, _ECO, "ingest", "--home", str(home))
    _run(code, _WRITE_ROWS, str(home), str(home / ROWS))
    return home


def described(home: Path) -> dict[str, Any]:
    """Return what two homes that the same code made have in common: rows, without times."""
    rows = json.loads((home / ROWS).read_text(encoding="utf-8"))
    archived = sorted(path.name for path in (home / "archive").glob("??/*"))
    return {"rows": rows, "archive": archived}


def main() -> None:
    """Make the kept homes again, or compare them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    for epoch, commit in EPOCHS.items():
        with tempfile.TemporaryDirectory() as scratch:
            made, kept = make(commit, Path(scratch)), KEPT / epoch
            if check:
                same = described(made) == described(kept)
                print(f"{epoch} {commit}: {'the same' if same else 'DIFFERS'}")
                continue
            shutil.rmtree(kept, ignore_errors=True)
            for name in FOLDERS:
                shutil.copytree(made / name, kept / name)
            shutil.copyfile(made / ROWS, kept / ROWS)
            print(f"{epoch} {commit}: {sum(1 for p in kept.rglob('*') if p.is_file())} files")


if __name__ == "__main__":
    main()
