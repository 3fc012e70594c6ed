"""What a region costs above its counties' loads, and what one county's correction makes anew.

    python -m tests.benchmarks.region [--counties 10] [--demo plans|full] [--processes N]

Not a test. The counties are made up of the same deliveries, each in a home of its own. Printed are
the time of all first loads and the region's layer's share of it (at most 10 %), the loads that
one correction causes, and the mark of a county whose load is refused; every mart of every county is
compared with the region's file, row by row.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.region_rows import differences
from warehouse.home.layout import Home
from warehouse.lake.index import submissions
from warehouse.region import members
from warehouse.region.members import Region

ECO = Path(sys.executable).with_name("eco")


def eco(*arguments: object) -> str:
    """Run a command to its end; return what it printed. The exit code is that of the loads."""
    done = subprocess.run(
        [str(ECO), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if not done.stdout:
        raise RuntimeError(done.stderr)
    return done.stdout


def load(region: Region, processes: int | None) -> tuple[dict[str, Any], float]:
    """Load the region; return its result and the seconds of the whole command."""
    chosen = ("--processes", processes) if processes else ()
    started = time.perf_counter()
    done = json.loads(eco("region", "nightly", "--home", region.root, "--json", *chosen))
    return done, time.perf_counter() - started


def report(title: str, region: Region, done: dict[str, Any], seconds: float) -> None:
    """Print how a load ended and what it took, and whether the region has the counties' rows."""
    counts = Counter(county["result"] for county in done["counties"])
    loads = seconds - done["layer_seconds"]
    print(
        f"{title}: {dict(counts)}, loads {loads:.1f} s, layer {done['layer']} in "
        f"{done['layer_seconds']:.2f} s ({100 * done['layer_seconds'] / loads:.1f} % of them); "
        f"marts that differ: {differences(region) or 'none'}",
        flush=True,
    )


def make_region(root: Path, counties: int, demo: str) -> Region:
    """Make a region of counties with the same deliveries."""
    first = root / "county00"
    eco("init", "--demo", demo, "--home", first)
    region = members.create(root, "测试市")
    for number in range(counties):
        home = root / f"county{number:02}"
        if number:
            shutil.copytree(first, home, symlinks=True)
        region = members.add(region, Home.at(home), f"{140500 + number}", f"第{number + 1}县")
    return region


def correct(home: Home) -> None:
    """Put a correction of one value into landing."""
    path = home.department("forestry") / "更正.csv"
    path.write_text("年份,区域,森林覆盖率\n2023,全县,49.9\n", encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=10)
    parser.add_argument("--demo", choices=["plans", "full"], default="plans")
    parser.add_argument("--processes", type=int)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        region = make_region(Path(folder), chosen.counties, chosen.demo)
        report("first load", region, *load(region, chosen.processes))
        report("nothing new", region, *load(region, chosen.processes))
        changed, broken = region.home_of(region.members[0]), region.home_of(region.members[-1])
        correct(changed)
        report("one correction", region, *load(region, chosen.processes))
        file = next(s for s in submissions(broken) if s.files).files[0]
        (broken.root / file.path).unlink()
        done, seconds = load(region, chosen.processes)
        report("one load refused", region, done, seconds)
        for county in done["counties"]:
            if county["is_kept"]:
                since = county["kept_since"]
                print(f"kept: {county['name_zh']}, {county['stamp']}, since {since}")


if __name__ == "__main__":
    main()
