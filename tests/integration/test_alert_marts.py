"""日警示, 周分析, 月通报 over real measurements, against what plain Python makes of them.

Real hours of an air station, real samples of 157 sections, a month of sewage works, submissions of
which some are late: the alerts of a day by their rules, weeks and months as sums of the days.
"""

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.integration.test_air import (
    Index,
    _rows,
    days_of,
    index_of,
    needs_shared,
    read_station,
    submit_many,
)
from tests.integration.test_formulas import Scratch
from tests.integration.test_surface_water import DETERMINANDS, SECTIONS

pytestmark = [pytest.mark.slow, needs_shared]

Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scratch, dict[Key, bool]]:
    """The models over what was delivered, and for each (kind, object, day) whether it alerts."""
    scratch = Scratch(tmp_path_factory.mktemp("alerts"))
    expected: dict[Key, bool] = {}

    hours = {at: hour for at, hour in read_station().items() if at.year >= 2016}
    submit_many(scratch, "air_quality_hourly", list(_rows("昌平", hours)))
    index = Index()
    for day, values in days_of(hours).items():
        aqi, _ = index_of(values, index)
        # With all six the index is above 100 where one of them is above its limit, and only there.
        limits = {"pm25": 75, "pm10": 150, "so2": 150, "no2": 80, "co": 4, "o3_8h": 160}
        beyond = any(
            values[name] is not None
            and (round(values[name] * 10) / 10 if name == "co" else round(values[name])) > limit
            for name, limit in limits.items()
        )
        if aqi is not None or beyond:
            for kind, name in (("air_station", "昌平"), ("air_county", "全县")):
                expected[kind, name, str(day)] = beyond

    with SECTIONS.open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    samples, sections = [], []
    for row in published:
        name = f"{row['省份']} {row['断面名称']}"
        at = datetime.fromisoformat(row["监测时间"])
        figures = {k: float(row[t]) for k, t in DETERMINANDS.items() if row[t] != "--"}
        samples.append({"section_name": name, "sampled_at": at, **figures})
        sections.append(
            {
                "section_name": name,
                "river_name": "不详",
                "control_level": "国控",
                "water_body_type": row["水体类型"] or "河流",
                "target_class": "Ⅱ",
            }
        )
        expected["water_section", name, str(at.date())] = row["水质类别"] not in ("Ⅰ", "Ⅱ")
    scratch.submit("water_section_quality", samples)
    scratch.submit("water_sections", sections)

    scratch.submit(
        "wastewater_plants",
        [
            {"plant_name": name, "month": date(2026, 2, 1), "treated_volume": 1, **values}
            for name, values in {
                "一厂": {"effluent_cod": 50, "effluent_ammonia": 5, "effluent_phosphorus": 0.5},
                "二厂": {"effluent_cod": 49, "effluent_ammonia": 5.5},
                "三厂": {"effluent_phosphorus": 0.51},
            }.items()
        ],
    )
    expected |= {
        ("plant_effluent", "一厂", "2026-02-28"): False,
        ("plant_effluent", "二厂", "2026-02-28"): True,
        ("plant_effluent", "三厂", "2026-02-28"): True,
    }
    scratch.dbt("build", "--resource-type", "model", "seed", "--select", "+alerts_daily+")
    return scratch, expected


def test_every_day_is_judged_by_its_rule(county: tuple[Scratch, dict[Key, bool]]) -> None:
    """Each judged day of each object, alert or not, and no other."""
    scratch, expected = county
    got = {
        (kind, name, str(day)): alert
        for kind, name, day, alert in scratch.sql(
            "select kind, object, day, is_alert from marts.alerts_daily where kind <> 'overdue'"
        )
    }
    wrong = {
        key: (got.get(key), expected.get(key))
        for key in got.keys() | expected.keys()
        if got.get(key) != expected.get(key)
    }
    assert not wrong, list(wrong.items())[:20]
    assert 100 < sum(expected.values()) < len(expected)


def test_overdue_data_is_what_the_scorecard_calls_late(
    county: tuple[Scratch, dict[Key, bool]],
) -> None:
    """A fact per period due before the build's day; late ones alert, missing ones are open."""
    scratch, _ = county
    card = scratch.sql(
        "select department, dataset_zh, period, due_on, days_late, received_on "
        "from marts.department_scorecard where due_on < date '2026-11-24'"
    )
    expected = {
        (department, title, period): (due + timedelta(days=1), late > 0, late > 0 and got is None)
        for department, title, period, due, late, got in card
    }
    got = {
        tuple(row[:3]): tuple(row[3:])
        for row in scratch.sql(
            "select department, object, period, day, is_alert, is_open "
            "from marts.alerts_daily where kind = 'overdue'"
        )
    }
    assert got == expected
    assert {alert for _, alert, _ in got.values()} == {True}
    assert any(is_open for _, _, is_open in got.values())


@pytest.mark.parametrize("mart", ["weekly", "monthly"])
def test_weeks_and_months_add_up_to_the_days(
    county: tuple[Scratch, dict[Key, bool]], mart: str
) -> None:
    """Each week's and month's counts, worst and comparison, from the days alone."""
    scratch, _ = county
    days = scratch.sql(
        "select day, kind, department, object, is_alert, is_serious from marts.alerts_daily"
    )

    def first_of(day: date) -> date:
        return day - timedelta(days=day.weekday()) if mart == "weekly" else day.replace(day=1)

    def name_of(first: date) -> str | date:
        year, week, _ = first.isocalendar()
        return f"{year}-W{week:02}" if mart == "weekly" else first

    counts: dict[Any, Counter] = defaultdict(Counter)
    for day, *key, alert, serious in days:
        counts[first_of(day), *key].update(judged=1, alerts=alert, serious=serious)
    column, before = ("week", "week_before") if mart == "weekly" else ("month", "month_before")
    rows = scratch.sql(
        f"select {column}, period_start, period_end, kind, department, object, judged, alerts, "
        f"serious_alerts, {before}_judged, {before}_alerts from marts.alerts_{mart}"
    )
    assert len(rows) == len(counts) > 200
    for name, first, last, *key, judged, alerts, serious, judged_before, alerts_before in rows:
        assert name == name_of(first) and first_of(last) == first
        assert first_of(last + timedelta(days=1)) == last + timedelta(days=1)
        count = counts[first, *key]
        assert (judged, alerts, serious) == (count["judged"], count["alerts"], count["serious"])
        earlier = counts.get((first_of(first - timedelta(days=1)), *key))
        assert (judged_before, alerts_before) == (
            (earlier["judged"], earlier["alerts"]) if earlier else (None, None)
        )
    assert sum(row[6] for row in rows) == len(days)
