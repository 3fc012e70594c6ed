"""A second night after the samples: one load for all tests that need one with new files."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from tests.conftest import Eco

WENT_WRONG: dict[str, bytes] = {
    "forestry/noise.csv": bytes(range(256)) * 40,
    "forestry/empty.csv": b"",
    "forestry/header.csv": "年份,区域,森林覆盖率\n".encode(),
    "forestry/ff.csv": b"\xff" * 1000,
    "forestry/letter.csv": "您好，\n附件请查收。\n".encode(),
    "energy/not_theirs.csv": "年份,区域,森林覆盖率\n2021,全县,47.1\n".encode(),
}
# What a check lets not through is held; one row of the other is rejected.
ABOVE = {"ecology/above.csv": "年份,区域,农村人口,覆盖人口\n2024,全县,100000,154000\n"}
IN_PART = {"forestry/good.csv": "年份,区域,森林覆盖率\n2021,全县,47.1\n2021,月球,1\n"}
# Years across.
TURNED = {
    "water_affairs/节水灌溉.csv": "\n".join(
        [
            "阳城县节水灌溉,,,",
            "指标,单位,2021年,2022年",
            "有效灌溉面积,公顷,9000,9100",
            "节水灌溉面积,公顷,5000,5100",
            "高效节水灌溉面积,亩,15000,30000",
        ]
    )
}
# A finding is mended, one only changes its value.
CORRECTED = {
    "statistics/更正.csv": "年份,统计指标,数值,单位\n2019,废气排放总量,22551,吨\n"
    "2019,工业固体废物处置量比上年增长,-30,%\n"
}
EXPLAINED_RULE = ("value_revised", "air_quality_annual.pm25 2018")


def run(eco: "Eco") -> None:
    """Drop the files and run the load, with readers of the published file all the time."""
    [(explained,)] = eco.sql(
        "select finding_id from marts.findings where rule = '{}' and subject = '{}'".format(
            *EXPLAINED_RULE
        )
    )
    # As the clerk copies the number.
    answer = f"问题编号,情况说明,说明人\n{explained.upper()},以终报为准,李某\n"
    files = {**WENT_WRONG, **ABOVE, **IN_PART, **TURNED, **CORRECTED, "ecology/说明.csv": answer}
    for path, content in files.items():
        eco.drop(*path.split("/"), content)
    _load_under_readers(eco)


def seen_by_readers(eco: "Eco") -> Path:
    """Return the file of the counts that readers saw during that load."""
    return eco.home.root.with_name("seen_by_readers.json")


def _load_under_readers(eco: "Eco") -> None:
    """Run a load that publishes more values, while one reader keeps the file open and others come.

    Records (values, indicators) as each of them counted them.
    """
    counts = (
        "select (select count(*) from marts.indicator_values), "
        "(select count(*) from marts.indicator_progress)"
    )
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(*c.execute(sys.argv[2]).fetchone())"
    )
    held = duckdb.connect(str(eco.home.database), read_only=True)
    by_the_one, by_others = set(), set()
    load = eco.start("nightly")
    while load.poll() is None:
        by_the_one.add(held.execute(counts).fetchone())
        fresh = subprocess.run(
            [sys.executable, "-c", script, str(eco.home.database), counts],
            capture_output=True,
            text=True,
        )
        assert fresh.returncode == 0, fresh.stderr
        by_others.add(tuple(map(int, fresh.stdout.split())))
        time.sleep(0.5)  # leave the load its core
    _, err = load.communicate()
    assert load.returncode == 0, err
    held.close()
    seen = {"the_one": sorted(by_the_one), "others": sorted(by_others)}
    seen_by_readers(eco).write_text(json.dumps(seen), encoding="utf-8")
