"""The real measurements of air and water, as files that a department delivers."""

from pathlib import Path

import polars as pl

from tests.conftest import Eco

REAL = Path(__file__).parents[3] / "shared" / "data" / "real"
# As the monitoring network publishes them.
_PUBLISHED = ("surface_water_2026-08-21T20.csv", "air_hourly_2018-02-20T07.csv")
_STATION = "beijing_changping_hourly_2013-2017.csv.gz"


def _hours_of_station() -> pl.DataFrame:
    """Return the hours of a station with the titles of the contract, CO in mg/m³."""
    rows = pl.read_csv(REAL / _STATION, null_values="NA", infer_schema_length=None)
    pollutants = ("PM2.5", "PM10", "SO2", "NO2", "O3")
    return rows.select(
        pl.lit("昌平").alias("站点名称"),
        pl.datetime("year", "month", "day", "hour").dt.strftime("%Y-%m-%d %H:00").alias("监测时间"),
        *pollutants,
        (pl.col("CO") / 1000).alias("CO"),
    )


def deliver(eco: Eco) -> None:
    """Put the files into the landing folder of the department of ecology."""
    for name in _PUBLISHED:
        eco.drop("ecology", name, (REAL / name).read_bytes())
    eco.drop("ecology", "昌平站小时监测2013-2017年.csv", _hours_of_station().write_csv())
