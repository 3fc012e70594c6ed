"""Air from hours to days to years, against an independent computation over real measurements.

What is expected is worked out here in plain Python and exact fractions, written differently from
the SQL: a loop over a station's hours, segments found by search, percentiles by rank.
"""

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from orchestration.dbt_build import runner as dbt_runner
from tests.integration.test_formulas import Scratch

SEED = 20261127
SHARED = Path(__file__).parents[3] / "shared"
STATION_FILE = SHARED / "data/real/beijing_changping_hourly_2013-2017.csv.gz"
HOUR_FILE = SHARED / "data/real/air_hourly_2018-02-20T07.csv"
BREAKPOINTS = SHARED / "reference/standard_aqi_breakpoints.csv"
POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared with the real measurements is not here"
)

Hour = dict[str, Fraction | None]


def _half_even(value: Fraction, steps_per_unit: int) -> Fraction:
    return Fraction(round(value * steps_per_unit), steps_per_unit)  # Python rounds halves to even


class Index:
    """Individual index by the breakpoints of the shared reference."""

    def __init__(self) -> None:
        self.segments: dict[tuple[str, str, str], list[tuple[Fraction, ...]]] = defaultdict(list)
        with BREAKPOINTS.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                columns = ("concentration_low", "concentration_high", "iaqi_low", "iaqi_high")
                self.segments[row["standard"], row["pollutant"], row["averaging"]].append(
                    tuple(Fraction(row[column]) for column in columns)
                )

    def __call__(self, standard: str, pollutant: str, averaging: str, value: Fraction) -> int:
        segments = sorted(self.segments[standard, pollutant, averaging])
        for low, high, index_low, index_high in segments:
            if value <= high:
                share = (value - low) / (high - low)
                return math.ceil(index_low + share * (index_high - index_low))
        return int(segments[-1][3])


def read_station() -> dict[datetime, Hour]:
    """The station's hours; CO from μg/m³ into mg/m³."""
    titles = dict(zip(POLLUTANTS, ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3"), strict=True))
    hours: dict[datetime, Hour] = {}
    with gzip.open(STATION_FILE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = datetime(*(int(row[part]) for part in ("year", "month", "day", "hour")))
            hours[at] = {
                name: None
                if row[title] == "NA"
                else Fraction(row[title]) / (1000 if name == "co" else 1)
                for name, title in titles.items()
            }
    return hours


def days_of(hours: dict[datetime, Hour]) -> dict[date, dict[str, Fraction | None]]:
    """Each day's means and O3, not rounded."""
    days: dict[date, dict[str, Fraction | None]] = {}
    for day in sorted({(at - timedelta(seconds=1)).date() for at in hours}):
        midnight = datetime.combine(day, datetime.min.time())
        of_day = [hours.get(midnight + timedelta(hours=h), {}) for h in range(1, 25)]
        found: dict[str, Fraction | None] = {}
        for name in POLLUTANTS[:-1]:
            values = [hour[name] for hour in of_day if hour.get(name) is not None]
            found[name] = sum(values) / len(values) if len(values) >= 20 else None
        means = []
        for last in range(8, 25):
            window = [h["o3"] for h in of_day[last - 8 : last] if h.get("o3") is not None]
            if len(window) >= 6:
                means.append(sum(window) / len(window))
        found["o3_8h"] = max(means) if len(means) >= 14 or max(means, default=0) > 160 else None
        found["o3_1h"] = max((h["o3"] for h in of_day if h.get("o3") is not None), default=None)
        days[day] = found
    return days


def index_of(day: dict[str, Fraction | None], index: Index) -> tuple[int | None, str | None]:
    """AQI and primary pollutants of a day before 2026-03-01."""
    names = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO"}
    parts = {}
    for name in (*names, "o3_8h"):
        value = day[name]
        if value is None:
            return None, None
        value = _half_even(value, 10 if name == "co" else 1)
        if name == "o3_8h" and value > 800:
            parts["O3-8h"] = index("HJ 633-2012", "o3", "1h", _half_even(day["o3_1h"], 1))
        elif name == "o3_8h":
            parts["O3-8h"] = index("HJ 633-2012", "o3", "8h", value)
        else:
            parts[names[name]] = index("HJ 633-2012", name, "24h", value)
    worst = max(parts.values())
    primary = [name for name, value in parts.items() if value == worst] if worst > 50 else []
    return worst, "; ".join(primary) or None


def percentile(values: list[Fraction], share: Fraction) -> Fraction:
    """HJ 663: between the ranks around 1 + (n - 1) * share."""
    ordered = sorted(values)
    rank = (len(ordered) - 1) * share
    below = math.floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (rank - below) * (ordered[above] - ordered[below])


def _rows(name: str, hours: dict[datetime, Hour]) -> Iterator[dict]:
    for at, hour in hours.items():
        values = {k: None if v is None else float(v) for k, v in hour.items()}
        yield {"station": name, "observed_at": at, **values}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def submit_many(scratch: Scratch, dataset: str, rows: list[dict]) -> str:
    """As Scratch.submit, for many rows."""
    name = scratch.submit(dataset, [])
    columns = [*rows[0], "submission_id", "row_number", "operation"]
    with duckdb.connect(str(scratch.database)) as connection:
        path = scratch.folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for line, row in enumerate(rows, start=2):
                writer.writerow([*row.values(), name, line, "upsert"])
        connection.execute(
            f"insert into lake.{dataset} ({', '.join(columns)}) "
            f"select {', '.join(columns)} from read_csv(?, all_varchar = true)",
            [str(path)],
        )
    return name


LIMITS = {"pm25": 35, "pm10": 70, "so2": 60, "no2": 40, "co": 4, "o3_8h": 160}


def values_of(days: list[dict[str, Fraction | None]], enough: int) -> dict[str, float | None]:
    """The six values of a period and its composite index (GB 3095-2012)."""
    values: dict[str, Fraction | None] = {}
    for name in LIMITS:
        found = [day[name] for day in days if day[name] is not None]
        if len(found) < enough:
            values[name] = None
        elif name == "co":
            values[name] = percentile(found, Fraction(95, 100))
        elif name == "o3_8h":
            values[name] = percentile(found, Fraction(9, 10))
        else:
            values[name] = sum(found) / len(found)
    parts = [
        None if values[name] is None else values[name] / limit for name, limit in LIMITS.items()
    ]
    values["composite"] = None if None in parts else sum(parts)
    return {name: None if value is None else float(value) for name, value in values.items()}


AIR = ("+air_quality_monthly", "+air_quality_annual", "+int_air_hour_indexes")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scratch, dict[datetime, Hour]]:
    """The real station's hours through the models."""
    scratch = Scratch(tmp_path_factory.mktemp("station"))
    hours = read_station()
    submit_many(scratch, "air_quality_hourly", list(_rows("昌平", hours)))
    hour_file = []
    with HOUR_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            titles = {name: name for name in (*POLLUTANTS, "aqi")} | {"pm25": "pm2_5"}
            values = {name: _number(row[title]) for name, title in titles.items()}
            at = {"station": row["stationcode"], "observed_at": row["timepoint"]}
            hour_file.append(at | values)
    submit_many(scratch, "air_quality_hourly", hour_file)
    scratch.build("--select", *AIR)
    return scratch, hours


@needs_shared
def test_days_of_a_real_station(station: tuple[Scratch, dict[datetime, Hour]]) -> None:
    """Every day of four years: concentrations, index, primary pollutants."""
    scratch, hours = station
    index = Index()
    expected = days_of(hours)
    rows = scratch.sql(
        "select day, pm25_mean, pm10_mean, so2_mean, no2_mean, co_mean, o3_8h_mean, "
        "pm25, pm10, so2, no2, co, o3_8h, aqi, primary_pollutant "
        "from marts.air_quality_daily where station = '昌平'"
    )
    assert len(rows) == len(expected) == 1462
    wrong = []
    for day, *values, aqi, primary in rows:
        names = ("pm25", "pm10", "so2", "no2", "co", "o3_8h")
        for name, mean, rounded in zip(names, values[:6], values[6:], strict=True):
            exact = expected[day][name]
            if exact is None:
                if mean is not None or rounded is not None:
                    wrong.append((day, name, mean, None))
                continue
            whole = _half_even(exact, 10 if name == "co" else 1)
            if mean != pytest.approx(float(exact), rel=1e-12) or rounded != float(whole):
                wrong.append((day, name, mean, rounded, float(exact), float(whole)))
        if (aqi, primary) != index_of(expected[day], index):
            wrong.append((day, aqi, primary, *index_of(expected[day], index)))
    assert not wrong, wrong[:20]
    assert sum(row[-2] is not None for row in rows) > 1000


@needs_shared
def test_years_of_a_real_station(station: tuple[Scratch, dict[datetime, Hour]]) -> None:
    """Means, percentiles, good days, composite index; 306 and 59 days make no year."""
    scratch, hours = station
    index = Index()
    by_year = defaultdict(list)
    for day, values in days_of(hours).items():
        by_year[day.year].append((values, index_of(values, index)[0]))
    rows = scratch.sql(
        "select year, pm25_computed, co_p95_computed, o3_8h_p90_computed, good_days_computed, "
        "heavy_days, composite_index from intermediate.int_air_years order by year"
    )
    assert [row[0] for row in rows] == [2013, 2014, 2015, 2016, 2017, 2018]
    for year, pm25, co_p95, o3_p90, good, heavy, composite in rows:
        days = by_year[year]
        annual = values_of([day for day, _ in days], 324)
        for got, name in ((pm25, "pm25"), (co_p95, "co"), (o3_p90, "o3_8h")):
            want = annual[name]
            assert got == (None if want is None else pytest.approx(want, rel=1e-9)), year
        indexes = [aqi for _, aqi in days if aqi is not None]
        enough = len(indexes) >= 324
        assert good == (sum(aqi <= 100 for aqi in indexes) if enough else None)
        assert heavy == (sum(aqi > 200 for aqi in indexes) if enough else None)
        want = annual["composite"]
        assert composite == (None if want is None else pytest.approx(want, rel=1e-9))


@needs_shared
@pytest.mark.parametrize(
    ("mart", "period", "start"),
    [
        ("monthly", "month", lambda day: day.replace(day=1)),
        ("annual", "year", lambda day: day.year),
    ],
)
def test_air_marts_of_a_real_station(
    station: tuple[Scratch, dict[datetime, Hour]], mart: str, period: str, start: Any
) -> None:
    """Each month and year of the station: six values, composite index, counts of days."""
    scratch, hours = station
    index = Index()
    periods = defaultdict(list)
    for day, values in days_of(hours).items():
        periods[start(day)].append((day, values, index_of(values, index)[0]))
    rows = scratch.sql(
        f"select {period}, pm25, pm10, so2, no2, co_p95, o3_8h_p90, composite_index, valid_days, "
        f"good_days, heavily_polluted_days from marts.air_quality_{mart} where station = '昌平'"
    )
    assert {row[0] for row in rows} == periods.keys()
    for at, *got, valid, good, heavy in rows:
        month = periods[at][0][0].month
        enough = 324 if period == "year" else 25 if month == 2 else 27
        want = values_of([values for _, values, _ in periods[at]], enough)
        assert got == [None if v is None else pytest.approx(v, rel=1e-9) for v in want.values()], at
        indexes = [aqi for _, _, aqi in periods[at] if aqi is not None]
        counts = (sum(aqi <= 100 for aqi in indexes), sum(aqi > 200 for aqi in indexes))
        counted = period == "month" or len(indexes) >= enough
        assert (valid, good, heavy) == (len(indexes), *(counts if counted else (None, None))), at
    assert sum(row[7] is not None for row in rows) > len(rows) / 2


@needs_shared
def test_published_hourly_indexes(station: tuple[Scratch, dict[datetime, Hour]]) -> None:
    """At least 85 % of 419; the others were published against the values of another hour."""
    scratch, _ = station
    counted = scratch.sql(
        "select count(*), count(*) filter (where computed_aqi = reported_aqi) "
        "from intermediate.int_air_hour_indexes where observed_at = timestamp '2018-02-20 07:00:00'"
    )
    rows, equal = counted[0]
    assert rows == 419
    assert equal >= 0.85 * rows


def test_corrected_and_withdrawn_hours(tmp_path: Path) -> None:
    """The latest version of an hour counts, a withdrawn one does not; other days stay."""
    scratch = Scratch(tmp_path)
    hours = [datetime(2023, 6, 1) + timedelta(hours=h) for h in range(1, 25)]
    for name, count in (("甲", 24), ("乙", 20), ("丙", 24)):
        scratch.submit(
            "air_quality_hourly",
            [{"station": name, "observed_at": at, "pm25": 10, "o3": 50} for at in hours[:count]],
        )
    correction = {"station": "甲", "observed_at": hours[-1], "pm25": 34, "o3": 130, "flags": "jump"}
    scratch.submit("air_quality_hourly", [correction])
    withdrawal = {"station": "乙", "observed_at": hours[3], "operation": "delete"}
    scratch.submit("air_quality_hourly", [withdrawal])
    scratch.build("--select", "+air_quality_daily")
    rows = scratch.sql(
        "select station, pm25, o3_8h, is_flagged from marts.air_quality_daily order by station"
    )
    assert sorted(rows) == [
        ("丙", 10, 50, False),
        ("乙", None, 50, False),
        ("全县", 10, 53, True),
        ("甲", 11, 60, True),
    ]


def test_hours_in_any_order(tmp_path: Path) -> None:
    """A day is the same in whichever order and in how many files its hours came."""
    scratch = Scratch(tmp_path)
    random = Random(SEED)
    print(f"seed {SEED}")
    moments = [datetime(2023, 12, 12) + timedelta(hours=h) for h in range(1, 24 * 40 + 1)]

    def hour() -> Hour:
        decimals = 10 ** random.choice((0, 0, 1, 3, 6))
        values = {
            name: Fraction(random.randint(0, 300 * decimals), decimals) for name in POLLUTANTS
        }
        return {name: None if random.random() < 0.05 else v for name, v in values.items()}

    def submit(station: str, hours: dict[datetime, Hour]) -> None:
        submit_many(scratch, "air_quality_hourly", list(_rows(station, hours)))

    expected = {}
    for station in ("in order", "shuffled", "absent", "two files", "corrected"):
        hours = {at: hour() for at in moments if station != "absent" or random.random() < 0.9}
        if station != "in order":
            hours = dict(random.sample(list(hours.items()), len(hours)))
        if station == "two files":
            first = set(random.sample(moments, len(moments) // 2))
            submit(station, {at: hour for at, hour in hours.items() if at in first})
            submit(station, {at: hour for at, hour in hours.items() if at not in first})
        else:
            submit(station, hours)
        if station == "corrected":
            corrections = {at: hour() for at in random.sample(moments, 60)}
            submit(station, corrections)
            hours |= corrections
        expected |= {(station, day): values for day, values in days_of(hours).items()}

    scratch.build("--select", "+int_air_hour_days")
    rows = scratch.sql(
        "select station, day, pm25, pm10, so2, no2, co, o3_8h, o3_1h "
        "from intermediate.int_air_hour_days"
    )
    assert len(rows) == len(expected) == 5 * 40
    for station, day, *means, o3_8h, o3_1h in rows:
        exact = expected[station, day]
        for name, mean in zip(POLLUTANTS[:-1], means, strict=True):
            wanted = exact[name]
            assert (mean is None) == (wanted is None), (station, day, name)
            assert wanted is None or mean == pytest.approx(float(wanted), rel=1e-12)
        for name, value in (("o3_8h", o3_8h), ("o3_1h", o3_1h)):
            wanted = exact[name]
            assert value == (None if wanted is None else float(wanted)), (station, day, name)


def test_days_and_years_that_contradict_each_other(tmp_path: Path) -> None:
    """Hours go before the day and days before the year; each difference is a finding."""
    scratch = Scratch(tmp_path)
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(324)]
    clean = {"pm25": 30, "pm10": 50, "so2": 10, "no2": 20, "co": 1, "o3_8h": 100}
    submit_many(
        scratch,
        "air_quality_daily",
        [{"station": "全县", "day": day, **clean} for day in days]
        + [{"station": "甲", "day": days[0], **clean}],
    )
    hours = [datetime(2023, 1, 1) + timedelta(hours=h) for h in range(1, 25)]
    scratch.submit(
        "air_quality_hourly", [{"station": "甲", "observed_at": at, "pm25": 36} for at in hours]
    )
    evaluation = {"year": 2023, "pm25": 31, "pm10": 50, "good_days": 360}
    scratch.submit("air_quality_annual", [evaluation, {"year": 2022, "pm25": 40}])
    scratch.build("--exclude", "test_type:unit")
    values = scratch.values()
    mean = (323 * 30 + 36) / 324
    assert values["B08", 2023] == pytest.approx(mean)
    assert values["B08", 2022] == 40
    assert values["A01", 2023] == pytest.approx(100 * (40 - mean) / 40)
    assert values["A02", 2023] == values["B07", 2023] == 100
    found = scratch.sql(
        "select rule, subject, expected, observed from marts.findings where rule like 'air%'"
    )
    assert sorted(found) == [
        ("air_day_differs", "air_quality_daily.pm25 2023-01-01 甲", "36.0", "30.0"),
        ("air_year_differs", "air_quality_annual.good_days 2023", "324.0", "360.0"),
        ("air_year_differs", "air_quality_annual.pm25 2023", "30.0185", "31.0"),
    ]


def test_a_mean_does_not_follow_the_order_of_its_rows(tmp_path: Path) -> None:
    """Large homes are added up by several threads: the sums of doubles would differ each time."""
    sql = "select {{ air_mean('value') }} from days"
    build = tmp_path / "build.duckdb"
    outcome = dbt_runner.invoke("compile", tmp_path, "--inline", sql, database=build)
    assert outcome.success, outcome.exception
    mean = outcome.result.results[0].node.compiled_code
    random = Random(SEED)
    print(f"seed {SEED}")
    values = [random.randint(0, 2000 * 24) / random.randint(20, 24) for _ in range(366)]
    exact = float(sum(Fraction(round(v * 10**9), 10**9) for v in values) / len(values))
    found, plain = set(), set()
    with duckdb.connect() as connection:
        connection.execute("create table days (value double)")
        for _ in range(50):
            random.shuffle(values)
            connection.execute("delete from days")
            connection.execute("insert into days select unnest(?)", [values])
            found |= set(connection.execute(mean).fetchone() or ())
            plain |= set(connection.execute("select avg(value) from days").fetchone() or ())
    assert found == {exact}
    assert len(plain) > 1, "what the rule is for"
