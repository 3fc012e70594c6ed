"""What is kept of the lake's years gives what a build without it gives, and is never the truth.

The expected rows come from the same models as plain tables, in one pass over all years at once
(intake.lake_years emptied), the days also from a loop in Python.
"""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orchestration.dbt_build import runner as dbt_runner
from sources.contracts import load_contracts
from tests.benchmarks.hourly_lake import submit
from warehouse.build.start import start_build
from warehouse.home.layout import Home

DATASET = "air_quality_hourly"
MODELS = ["air_limits", "int_air_limits", "int_air_hour_sums", "int_air_hour_days"]
RESULTS = ("int_air_hour_days", "int_air_year_rows")
POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co")
Rows = dict[str, list[tuple]]


def built(home: Home, *, as_of: datetime | None = None, plain: bool = False) -> Rows:
    """The results of a build; `plain`: without years of the lake that could be kept."""
    database = start_build(home, load_contracts(), as_of=as_of)
    if plain:
        with duckdb.connect(str(database)) as connection:
            connection.execute("delete from intake.lake_years")
    outcome = dbt_runner.invoke(
        *("build", home.dbt_target, "--exclude-resource-type", "unit_test"),
        *("--select", *MODELS, "stg_air_quality_daily", "int_air_year_rows"),
        database=database,
        project=dbt_runner.parsed_project(),
    )
    assert outcome.success, [r.message for r in outcome.result.results]
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name: sorted(
                connection.execute(f"select * from intermediate.{name}").fetchall(), key=str
            )
            for name in RESULTS
        }


def kept(home: Home) -> dict[str, int]:
    """The files that are kept, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in home.kept.rglob("*.parquet")}


class Deliveries:
    """Files of hours, committed, and in plain Python what counts of them."""

    def __init__(self, home: Home, seed: int) -> None:
        self.home = home
        self.random = random.Random(seed)
        self.files = 0
        self.latest: dict[tuple[str, datetime], dict[str, Any] | None] = {}

    def deliver(self, keys: list[tuple[str, datetime]], operation: str = "upsert") -> datetime:
        """Deliver values for these hours; return when they were received."""
        self.files += 1
        received = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(days=self.files)
        rows = [
            {
                "station": station,
                "observed_at": at,
                **{
                    name: None
                    if self.random.random() < 0.1
                    else round(self.random.uniform(0, 300), self.random.choice((0, 1, 3, 5)))
                    for name in (*POLLUTANTS, "o3")
                },
            }
            for station, at in keys
        ]
        frame = pl.DataFrame(rows, schema_overrides={n: pl.Float64 for n in (*POLLUTANTS, "o3")})
        frame = frame.with_columns(pl.col("observed_at").cast(pl.Datetime("us")))
        contract = load_contracts()[DATASET]
        submit(self.home, contract, frame, f"{self.files}.csv", received, operation=operation)
        for key, row in zip(keys, rows, strict=True):
            self.latest[key] = row if operation == "upsert" else None
        return received

    def means(self) -> dict[tuple, dict[str, float]]:
        """Each station's day by a loop over the hours that count."""
        hours = defaultdict(list)
        o3 = defaultdict(dict)
        for (station, at), row in self.latest.items():
            if row is not None:
                ends = at - timedelta(seconds=1)
                hours[station, ends.date()].append(row)
                o3[station, ends.date()][ends.hour] = row["o3"]
        found = {}
        for key, rows in hours.items():
            found[key] = {}
            for name in POLLUTANTS:
                values = [row[name] for row in rows if row[name] is not None]
                found[key][name] = sum(values) / len(values) if len(values) >= 20 else None
            windows = [
                [
                    o3[key][hour]
                    for hour in range(last - 7, last + 1)
                    if o3[key].get(hour) is not None
                ]
                for last in range(7, 24)
            ]
            valid = [sum(window) / len(window) for window in windows if len(window) >= 6]
            counts = len(valid) >= 14 or max(valid, default=0) > 160
            found[key]["o3_8h"] = max(valid) if counts else None
        return found


def assert_days(rows: Rows, deliveries: Deliveries) -> None:
    expected = deliveries.means()
    days = {
        (row[0], row[1]): dict(zip((*POLLUTANTS, "o3_8h"), row[2:8], strict=True))
        for row in rows[RESULTS[0]]
    }
    assert days.keys() == expected.keys()
    for key, values in expected.items():
        wanted = {
            name: None if value is None else pytest.approx(value, rel=1e-9)
            for name, value in values.items()
        }
        assert days[key] == wanted, key


@pytest.mark.slow
def test_kept_years_give_what_a_build_of_all_gives(empty_home: Home) -> None:
    """Over corrections across the years, withdrawals and builds as of a moment; then deleted."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    deliveries = Deliveries(empty_home, seed)
    hours = [datetime(2022, 12, 30) + timedelta(hours=h) for h in range(1, 97)]
    every = [(station, at) for at in hours for station in ("甲", "乙")]
    # A file each calendar day, so that 24:00 comes with the file of the next day.
    for day in sorted({at.date() for at in hours}):
        first = deliveries.deliver([key for key in every if key[1].date() == day])
    before = built(empty_home)
    assert_days(before, deliveries)
    files = kept(empty_home)
    assert {name.split("-")[0] for name in files} == {"2022", "2023"}

    # A correction of the new year's first hour (31 December's last), of one hour of the new year.
    deliveries.deliver([("甲", datetime(2023, 1, 1)), ("乙", datetime(2023, 1, 1, 5))])
    after = built(empty_home)
    assert_days(after, deliveries)
    assert after != before
    new = kept(empty_home).keys() - files.keys()
    assert [name.split("-")[0] for name in new] == ["2023"], "only the year that changed"

    # Withdrawn: single hours, and a whole day in each year.
    gone = [("甲", datetime(2022, 12, 30, 7)), ("乙", datetime(2023, 1, 1))]
    gone += [key for key in every if key[1].date() == hours[-2].date() and key[0] == "乙"]
    deliveries.deliver(gone, operation="delete")
    last = built(empty_home)
    assert_days(last, deliveries)
    assert last == built(empty_home, plain=True)

    # The past as it was, from what is kept of it; and again when nothing is kept.
    written = kept(empty_home)
    assert built(empty_home, as_of=first) == before
    assert kept(empty_home) == written
    for path in empty_home.kept.rglob("*.parquet"):
        path.unlink()
    assert built(empty_home) == last


def test_what_is_kept_is_pruned_and_whole(empty_home: Home, tmp_path: Path) -> None:
    """Four versions of a year and model stay; what a crash cut off goes."""
    folder = empty_home.kept / DATASET
    folder.mkdir(parents=True)
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(whole)
    for number in range(6):
        (folder / f"2022-{number:016}-model-code.parquet").write_bytes(whole.read_bytes())
    (folder / "2022-0-other-code.parquet").write_bytes(whole.read_bytes())
    (folder / "2022-9-model-code.parquet").write_bytes(whole.read_bytes()[:-5])
    (folder / "tmp_2022-9-model-code.parquet").write_bytes(whole.read_bytes())
    start_build(empty_home, load_contracts())
    names = sorted(path.name for path in folder.iterdir())
    assert "2022-0-other-code.parquet" in names
    assert len(names) == 4 + 1
    assert not [name for name in names if name.startswith(("tmp_", "2022-9"))]
