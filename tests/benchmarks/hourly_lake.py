"""A data home with years of hourly air measurements, committed to the lake without intake.

For benchmarks that measure what comes after intake. The figures mean nothing; a fixed seed makes
the same home each time.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from sources.contracts import Contract, load_contracts
from tests.tools.lake import commit_frames
from warehouse.home.layout import Home
from warehouse.lake.submissions import Submission

Delivery = Literal["day", "month", "year"]
# Mean, spread and decimals of each pollutant.
_LEVELS = {
    "pm25": (45, 25, 0),
    "pm10": (85, 40, 0),
    "so2": (12, 6, 0),
    "no2": (30, 12, 0),
    "co": (0.8, 0.3, 1),
    "o3": (80, 45, 0),
}
_MISSING = 0.02


def _periods(first: date, last: date, delivery: Delivery) -> Iterator[tuple[date, date]]:
    """First and last day of each delivery."""
    every = {"day": "1d", "month": "1mo", "year": "1y"}[delivery]
    starts = pl.date_range(first, last, every, eager=True).to_list()
    for start, after in zip(starts, [*starts[1:], last + timedelta(days=1)], strict=True):
        yield start, after - timedelta(days=1)


def hours(stations: int, first: date, last: date) -> pl.DataFrame:
    """The hours 01:00 to 24:00 of each day, hour by hour: columns of the hourly dataset."""
    moments = pl.datetime_range(
        datetime.combine(first, datetime.min.time()) + timedelta(hours=1),
        datetime.combine(last, datetime.min.time()) + timedelta(hours=24),
        "1h",
        time_unit="us",
        eager=True,
    )
    rows = len(moments) * stations
    random = np.random.default_rng(first.toordinal())
    values = {}
    for name, (mean, spread, decimals) in _LEVELS.items():
        drawn = np.abs(random.normal(mean, spread, rows)).round(decimals)
        drawn[random.random(rows) < _MISSING] = np.nan
        values[name] = pl.Series(drawn).fill_nan(None)
    names = pl.Series([f"站点{number:03}" for number in range(1, stations + 1)])
    return pl.DataFrame(
        {
            "station": names.gather(np.tile(np.arange(stations), len(moments))),
            "observed_at": moments.gather(np.repeat(np.arange(len(moments)), stations)),
            **values,
        }
    )


def submit(
    home: Home,
    contract: Contract,
    rows: pl.DataFrame,
    name: str,
    at: datetime,
    operation: str = "upsert",
) -> None:
    """Commit rows of a dataset as one accepted file received at a moment."""
    columns = {f.field: f.sql_type for f in contract.fields}
    kinds = {"double": pl.Float64, "bigint": pl.Int64}
    accepted = rows.with_columns(
        *(
            pl.lit(None, dtype=kinds.get(kind, pl.String)).alias(column)
            for column, kind in columns.items()
            if column not in rows.columns
        ),
        pl.int_range(2, pl.len() + 2).alias("row_number"),
        pl.lit(operation).alias("operation"),
        *(
            pl.lit(None, dtype=pl.String).alias(column)
            for column in ("missing_kinds", "censored_fields", "flags")
        ),
    )
    period = contract.period_field
    covered: tuple[str, ...] = ()
    if period is not None:
        column = rows[period.field]
        written = column.cast(pl.String) if period.type == "year" else column.dt.strftime("%Y-%m")
        covered = tuple(sorted(set(written.to_list())))
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    commit_frames(
        home,
        Submission(
            submission_id=sha256[:16],
            department=contract.departments_allowed[0],
            file_name=name,
            landing_path=name,
            sheet="",
            sha256=sha256,
            size_bytes=1,
            received_at=at.isoformat(),
            dataset=contract.dataset,
            status="accepted",
            reason_code=None,
            reason_zh=None,
            encoding="utf-8",
            rows_read=rows.height,
            rows_accepted=rows.height,
            rows_rejected=0,
            rows_duplicate=0,
            periods=covered,
            software_version="benchmark",
        ),
        contract,
        accepted,
        pl.DataFrame(),
    )


def fill(home: Home, stations: int, first: date, last: date, delivery: Delivery) -> int:
    """Commit the hours of `stations` stations, a file each day, month or year; return the rows."""
    contract = load_contracts().datasets["air_quality_hourly"]
    rows = 0
    for start, end in _periods(first, last, delivery):
        frame = hours(stations, start, end)
        received = datetime.combine(end + timedelta(days=1), datetime.min.time(), UTC)
        submit(home, contract, frame, f"环境空气小时监测{start}.csv", received)
        rows += frame.height
    return rows


def make_home(root: Path) -> Home:
    """An empty data home."""
    home = Home.at(root)
    home.create(load_contracts().departments)
    return home
