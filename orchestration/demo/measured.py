"""What the departments measure or count by the hour, the day and the month.

The figures have the seasons of such figures. In the last days before the county's day there are a
polluted day, a section beyond its target and readings beyond their limits, so that the daily page
has something to show.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from orchestration.demo.county import COUNTY, County, Table, first_of_month, path, table

_STATIONS = ("凤城站", "北留站", "润城站")
_HOURLY_STATION = "蟒河站"
# Mean concentration of each year from 2020 on, swing of the seasons (negative: high in summer),
# spread from day to day.
_AIR = {
    "pm25": ((36.0, 35.1, 34.0, 32.6, 31.2, 29.4), 0.45, 0.42),
    "pm10": ((69.0, 67.5, 66.0, 64.2, 62.5, 60.1), 0.35, 0.38),
    "so2": ((9.0, 8.8, 8.5, 8.3, 8.0, 7.4), 0.3, 0.25),
    "no2": ((20.0, 20.4, 19.8, 19.1, 18.5, 18.7), 0.3, 0.25),
    "co": ((0.72, 0.7, 0.68, 0.65, 0.62, 0.6), 0.35, 0.2),
    "o3_8h": ((101.0, 103.0, 102.0, 100.0, 99.0, 98.0), -0.42, 0.2),
}
_EARLIER_AIR = {2015: 61, 2016: 57, 2017: 55, 2018: 49, 2019: 41}
# Name, river, kind, control, township, target, whether assessed, border, yearly ammonia nitrogen.
_SECTIONS = (
    ("沁河润城", "沁河", "河流", "国控", 2, "Ⅲ", "是", "出境", (0.42, 0.4, 0.36, 0.33, 0.3, 0.28)),
    ("沁河演礼", "沁河", "河流", "省控", 11, "Ⅲ", "是", "入境", (0.35, 0.34, 0.33, 0.3, 0.3, 0.27)),
    (
        "芦苇河町店",
        "芦苇河",
        "河流",
        "省控",
        6,
        "Ⅲ",
        "是",
        "县内控制",
        (1.3, 1.2, 1.1, 1.04, 0.9, 0.8),
    ),
    (
        "濩泽河白桑",
        "濩泽河",
        "河流",
        "市控",
        10,
        "Ⅳ",
        "是",
        "县内控制",
        (0.9, 0.86, 0.8, 0.8, 0.7, 0.7),
    ),
    (
        "蟒河水库",
        "蟒河",
        "湖库",
        "县控",
        7,
        "Ⅱ",
        "否",
        "县内控制",
        (0.2, 0.2, 0.18, 0.18, 0.17, 0.16),
    ),
)
_SOURCES = (
    ("下芹水源", "县城", "地下水", 61.0, ()),
    ("水沟水源", "县城", "地下水", 44.0, ()),
    ("北留水源", "乡镇", "地下水", 18.0, ("2024-07-12", "2025-04-12")),
    ("润城水源", "乡镇", "地下水", 16.5, ()),
    ("横河水源", "农村", "地表水", 4.2, ()),
)
_POLLUTED_DAYS_AGO = 4


def measured_tables(county: County) -> Iterator[Table]:
    """Yield the tables of measurements and monthly counts of a county."""
    yield from _air(county)
    yield from _water(county)
    yield from _energy(county)
    yield from _works(county)
    yield from _projects(county)


def _daily_air(county: County) -> pl.DataFrame:
    """Return the days of the stations with one column for each pollutant."""
    random = county.generator("air_quality_daily")
    days = pl.Series("day", county.days)
    years = days.dt.year().to_numpy()
    angle = 2 * np.pi * (days.dt.ordinal_day().to_numpy() - 15) / 365.25
    columns: dict[str, np.ndarray] = {}
    for name, (means, swing, spread) in _AIR.items():
        season = 1 + swing * np.cos(angle)
        weather = random.lognormal(0, spread, len(days))
        values = season * weather
        for year in np.unique(years):
            of_year = years == year
            # A part of a year keeps its season's share of the mean.
            share = season[of_year].mean()
            values[of_year] *= path(int(year), *means) * share / values[of_year].mean()
        columns[name] = values
    frames = []
    for station, factor in zip(_STATIONS, (1.04, 1.0, 0.96), strict=True):
        noise = {n: v * factor * random.normal(1, 0.03, len(days)) for n, v in columns.items()}
        frame = pl.DataFrame(noise).with_columns(days, pl.lit(station).alias("station"))
        frames.append(frame)
    polluted = pl.col("day") == county.day - timedelta(days=_POLLUTED_DAYS_AGO)
    episode = {"pm25": 168.0, "pm10": 241.0, "co": 2.1, "no2": 71.0}
    return pl.concat(frames).select(
        "station",
        "day",
        *(
            pl.when(polluted)
            .then(episode.get(name, pl.col(name)))
            .otherwise(pl.col(name))
            .round(1 if name == "co" else 0)
            .alias(name)
            for name in _AIR
        ),
    )


def _hourly_air(county: County) -> pl.DataFrame:
    """Return the hours of a station that was added when the warehouse opened."""
    random = county.generator("air_quality_hourly")
    opened = first_of_month(county.rounds[0])
    hours = pl.datetime_range(
        datetime.combine(opened, datetime.min.time()) + timedelta(hours=1),
        datetime.combine(county.day, datetime.min.time()),
        "1h",
        eager=True,
    ).alias("observed_at")
    clock = np.cos(2 * np.pi * (hours.dt.hour().to_numpy() - 15) / 24)
    year = county.day.year
    columns = {}
    for name, (means, _, spread) in _AIR.items():
        level = path(year, *means) * (0.7 if name == "o3_8h" else 1)
        swing = 1 + (0.4 if name == "o3_8h" else -0.15) * clock
        values = level * swing * random.lognormal(0, spread / 2, len(hours))
        columns[name.removesuffix("_8h")] = np.round(values, 1 if name == "co" else 0)
    return pl.DataFrame(columns).select(
        pl.lit(_HOURLY_STATION).alias("station"), hours, *columns.keys()
    )


def _air(county: County) -> Iterator[Table]:
    daily = _daily_air(county)
    yield Table("air_quality_daily", "ecology", daily)
    yield Table("air_quality_hourly", "ecology", _hourly_air(county))
    means = (
        daily.group_by("day")
        .agg(pl.col(*_AIR).mean())
        .group_by(year=pl.col("day").dt.year())
        .agg(pl.col("pm25", "pm10", "so2", "no2").mean().round(0))
        .filter(pl.col("year") <= county.last_year)
        .sort("year")
    )
    rows = [
        (y, pm25, pm25 * 1.8, 2.0 + (2020 - y) * 6, 25, None, None)
        for y, pm25 in _EARLIER_AIR.items()
    ]
    for year, *values in means.iter_rows():
        # One year is evaluated otherwise than its days give it.
        wrong = year == 2022
        rows.append(
            (
                year,
                values[0] + 3 * wrong,
                *values[1:],
                301 if wrong else None,
                365 if wrong else None,
            )
        )
    columns = "year pm25 pm10 so2 no2 good_days valid_days"
    yield table("air_quality_annual", "ecology", columns, rows)


def _water(county: County) -> Iterator[Table]:
    random = county.generator("water_section_quality")
    yield table(
        "water_sections",
        "ecology",
        "section_name river_name water_body_type control_level township target_class assessed "
        "border_kind",
        ((*s[:4], county.townships[s[4]], *s[5:8]) for s in _SECTIONS),
    )
    samples = []
    for month in [*county.months, first_of_month(county.day)]:
        sampled = min(month.replace(day=9), county.day - timedelta(days=1))
        for name, *_, ammonia in _SECTIONS:
            level = path(month.year, *ammonia) * random.normal(1, 0.06)
            samples.append(_sample(name, sampled, level))
    # A spill: a sample of class worse than Ⅴ two days ago.
    samples.append(_sample("芦苇河町店", county.day - timedelta(days=2), 2.6))
    columns = (
        "section_name sampled_at ph dissolved_oxygen permanganate_index chemical_oxygen_demand "
        "biochemical_oxygen_demand ammonia_nitrogen total_phosphorus petroleum fluoride"
    )
    yield table("water_section_quality", "ecology", columns, list(dict.fromkeys(samples)))
    yield table(
        "drinking_water_sources",
        "ecology",
        "source_name sampled_on source_level source_type quality_class compliant withdrawal_volume "
        "exceeded_items",
        (
            (
                name,
                day,
                level,
                kind,
                "Ⅳ" if day in bad else "Ⅱ",
                "否" if day in bad else "是",
                volume,
                "总硬度" if day in bad else "",
            )
            for month in county.months
            if month.month % 3 == 1
            for day in [f"{month:%Y-%m}-12"]
            for name, level, kind, volume, bad in _SOURCES
        ),
    )
    yield table(
        "water_metering",
        "water_affairs",
        "month meter_object object_kind abstraction_permit use_sector water_source township "
        "metered_volume billed_volume online",
        (
            (
                f"{month:%Y-%m}",
                name,
                kind,
                permit,
                sector,
                source,
                county.townships[place],
                round(volume * random.normal(1, 0.04), 2),
                None,
                "是",
            )
            for month in county.months[-24:]
            for name, kind, permit, sector, source, place, volume in (
                ("演示钢铁取水口", "自备水源取水户", "演示取水1号", "工业", "地表水", 1, 38.0),
                ("演示化工取水井", "自备水源取水户", "演示取水2号", "工业", "地下水", 2, 9.6),
                ("北留灌区", "灌区", "演示取水3号", "农业", "地表水", 1, 122.0),
            )
        ),
    )


def _sample(name: str, day: date, ammonia: float) -> tuple[object, ...]:
    lake = name.endswith("水库")
    rest = (7.9, 8.4, 2.9, 13.0, 2.4, round(ammonia, 2), 0.02 if lake else 0.11, 0.02, 0.45)
    return (name, f"{day} 10:00:00", *rest)


def _energy(county: County) -> Iterator[Table]:
    random = county.generator("energy")
    seasons = {m: 1 + 0.14 * np.cos(2 * np.pi * (m.month - 1) / 12) for m in county.months}

    def about(month: date, level: float) -> float:
        growth = 1.035 ** (month.year - 2020)
        return round(float(level * growth * seasons[month] * random.normal(1, 0.02)), 1)

    yield table(
        "electricity_use",
        "energy",
        "month category consumption",
        (
            (f"{month:%Y-%m}", name, about(month, level))
            for month in county.months
            for name, level in (
                ("第一产业", 210.0),
                ("第二产业", 15_400.0),
                ("第三产业", 2_350.0),
                ("城乡居民", 2_640.0),
            )
        ),
    )
    yield table(
        "power_generation",
        "energy",
        "month plant_name generation_type installed_capacity generation",
        (
            (f"{month:%Y-%m}", name, kind, capacity, about(month, level))
            for month in county.months
            for name, kind, capacity, level in (
                ("演示热电厂", "火电", 700.0, 29_000.0),
                ("演示风电场", "风电", 148.0, 2_350.0),
                ("演示光伏电站", "光伏", 120.0, 1_180.0),
                ("演示瓦斯电站", "瓦斯", 42.0, 1_720.0),
            )
        ),
    )
    yield table(
        "coalbed_methane",
        "energy",
        "month producer output used",
        (
            (f"{month:%Y-%m}", name, made, round(made * 0.93, 1))
            for month in county.months
            for name, level in (("演示煤层气公司", 5_200.0), ("演示瓦斯利用公司", 1_900.0))
            for made in [about(month, level)]
        ),
    )


def _works(county: County) -> Iterator[Table]:
    random = county.generator("works")
    plants = (("县城污水处理厂", 60_000, 152.0), ("北留污水处理厂", 10_000, 24.0))
    rows = []
    for month in county.months:
        for name, design, volume in plants:
            # One plant discharged too much phosphorus three months before the county's day.
            bad = name.startswith("北留") and month == first_of_month(county.day, -4)
            treated = round(float(volume * random.normal(1, 0.03)), 1)
            rows.append(
                (
                    f"{month:%Y-%m}",
                    name,
                    design,
                    treated,
                    268.0,
                    24.5,
                    27.8,
                    1.6,
                    4.1,
                    0.92 if bad else 0.27,
                    round(treated * 5.1, 1),
                    round(treated * 5.1, 1),
                )
            )
    yield table(
        "wastewater_plants",
        "housing",
        "month plant_name design_capacity treated_volume influent_cod effluent_cod "
        "influent_ammonia effluent_ammonia influent_phosphorus effluent_phosphorus "
        "sludge_generated sludge_disposed",
        rows,
    )
    yield table(
        "domestic_waste",
        "housing",
        "month area collected treated recycled sorting_accuracy",
        (
            (f"{month:%Y-%m}", COUNTY, tonnes, tonnes, round(tonnes * 0.31, 1), 82.5)
            for month in county.months
            for tonnes in [round(float(7_900 * random.normal(1, 0.03)), 1)]
        ),
    )
    yield table(
        "rural_sewage_operations",
        "ecology",
        "facility_name month village township operator design_capacity run_days treated_volume "
        "status effluent_cod effluent_ammonia discharge_standard",
        (
            (
                name,
                f"{month:%Y-%m}",
                village,
                county.townships[place],
                "演示运维公司",
                60,
                28,
                round(float(1350 * random.normal(1, 0.05)), 1),
                "正常运行",
                46.0,
                6.2,
                standard,
            )
            for month in county.months[-24:]
            for name, village, place in (("北留一站", "史山村", 1), ("润城一站", "上庄村", 2))
            for standard in ["DB14/726 一级"]
        ),
    )


def _projects(county: County) -> Iterator[Table]:
    begun = first_of_month(date(county.last_year - 1, 1, 1))
    months = [m for m in county.months if m >= begun]
    rows = []
    for number in range(1, 9):
        whole = 0.8 + 0.37 * number
        for n, month in enumerate(months, start=1):
            share = min(1.0, 0.25 + 0.03 * number + 0.02 * n)
            stopped = number == 4 and n > len(months) - 6
            state = "停工" if stopped else "完工" if share == 1 else "在建"
            why = "资金未到位" if stopped else ""
            done = (round(whole * share, 2), round(100 * share, 1), state, why)
            rows.append((f"7-1-{number:02}", f"{month:%Y-%m}", *done))
    columns = "project_id month cumulative_investment physical_progress status issues"
    yield table("key_project_progress", "development_reform", columns, rows)
