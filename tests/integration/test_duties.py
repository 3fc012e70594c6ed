"""The questions of the plans' 89 data duties, asked of the marts on made data.

`duties/deliveries*.yml` hold what was delivered, `duties/questions_*.yml` what each duty asks and
the answer worked out by hand, with the values at which it turns. One build serves all; today is
2026-11-24.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.release.service import declared_marts
from sources.contracts import load_contracts
from tests.integration.test_formulas import DBT_PROJECT, Scratch
from warehouse.output.public import create_views

pytestmark = pytest.mark.slow
MADE = Path(__file__).parent / "duties"
QUESTIONS = [
    question
    for path in sorted(MADE.glob("questions_*.yml"))
    for question in yaml.safe_load(path.read_text("utf-8"))
]
RULES = DBT_PROJECT / "seeds" / "codes" / "rules.csv"
RADIATION_VISIT = "核技术利用核查"
NAMED_ELSEWHERE = "旧厂"  # answers for an outfall too
DUTIES = DBT_PROJECT / "seeds" / "supervision" / "served_duties.csv"


def with_permits(text: str) -> str:
    """Return the text with the permit numbers that P1 to P9 and Q1 to Q9 stand for."""
    text = re.sub(r"\bQ([1-9])\b", r"91140522MA0ABCDE2X00\1V", text)
    return re.sub(r"\bP([1-9])\b", r"91140522MA0ABCDE1X00\1V", text)


def hours(day: int, values: list[float | None]) -> Iterator[dict[str, Any]]:
    """Yield the hours 01:00 to 24:00 of a day in November 2026 of SO2 at P1's outlet DA001."""
    for hour, value in enumerate(values, start=1):
        yield {
            "permit_number": with_permits("P1"),
            "outlet_code": "DA001",
            "pollutant": "二氧化硫",
            "observed_at": f"2026-11-{day + hour // 24:02} {hour % 24:02}:00:00",
            "averaging": "小时",
            "converted": value,
            "status": "停产" if value is None else "正常",
            "emission": 1000.0,
        }


def months(year: int, kilograms: float) -> Iterator[dict[str, Any]]:
    """Yield a daily mean of NOx in each month of a year at P2's outlet DA001."""
    for month in range(1, 13):
        yield {
            "permit_number": with_permits("P2"),
            "outlet_code": "DA001",
            "pollutant": "氮氧化物",
            "observed_at": f"{year}-{month:02}-15",
            "averaging": "日",
            "converted": 80.0,
            "emission": kilograms,
        }


def stuck() -> Iterator[dict[str, Any]]:
    """Yield 24 equal hours of dust at P2's outlet DA001, one more while it stood still, a mean."""
    for hour in range(1, 26):
        yield {
            "permit_number": with_permits("P2"),
            "outlet_code": "DA001",
            "pollutant": "颗粒物",
            "observed_at": f"2025-03-{1 + hour // 24:02} {hour % 24:02}:00:00",
            "averaging": "小时",
            "converted": 12.3,
            "status": "停产" if hour == 25 else "正常",
        }
    yield {
        "permit_number": with_permits("P2"),
        "outlet_code": "DA001",
        "pollutant": "颗粒物",
        "observed_at": "2025-03-01",
        "averaging": "日",
        "converted": 999.0,
    }


def sensor(
    network: str, point: str, name: str, at: str, value: float | None, **more: Any
) -> dict[str, Any]:
    """Return one reading of a sensor at noon of a day."""
    usual = {"item": "读数", "unit": "mm", "township": "凤城镇"}
    row = {"network": network, "point_code": point, "object_name": name, "value": value}
    return {**usual, **row, "observed_at": f"{at} 12:00:00", **more}


READINGS: dict[str, list[dict[str, Any]]] = {
    "outlet_readings": [
        *hours(20, [50.0] * 23 + [50.1]),  # at the limit 23 times
        *hours(21, [35.0] * 22 + [36.0, 70.0]),  # a limit of 35 begins
        *hours(22, [None] * 24),
        *months(2025, 5000.0),
        *stuck(),
    ],
    "sensor_readings": [
        sensor("地质灾害", "d1", "滑坡一", "2026-11-22", 30.0, warn_limit=30, warn_side="高于报警"),
        sensor("地质灾害", "d1", "滑坡一", "2026-11-23", 30.1, warn_limit=30, warn_side="高于报警"),
        sensor("矿山地质", "k1", "有传感矿", "2026-10-25", 1.0),  # 30 days ago
        sensor("矿山地质", "k2", "传感久停矿", "2026-10-24", 1.0),  # 31 days ago
        sensor("放射源", "f1", "测井一队", "2026-11-22", 0.1, warn_limit=1),
        {
            **sensor("水源地", "y1", "水源二", "2026-11-24", 1.0),
            "observed_at": "2026-11-24 13:00:00",
        },
        *(
            {**sensor("山洪", "s9", "密测沟", "2026-11-10", 1.0), "observed_at": f"2026-11-10 {t}"}
            for t in ("08:15:00", "08:30:00", "08:45:00", "09:00:00", "09:15:00")
        ),
        sensor("山洪", "s1", "山洪沟", "2026-11-20", 3.0, township="凤城镇"),
        sensor("山洪", "s2", "山洪沟二", "2026-10-01", 3.0, township="北留镇"),
        *(
            sensor("泉域地下水", "q1", "延河泉", day, v, warn_limit=498, warn_side="低于报警")
            for day, v in (("2025-10-01", 500.0), ("2026-10-01", 499.0), ("2026-10-02", 497.0))
        ),
        sensor(
            "泉域地下水", "q1", "延河泉", "2026-10-03", 498.0, warn_limit=498, warn_side="低于报警"
        ),
    ],
}


def delivered(file: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a file, dataset by dataset; an empty cell is none."""
    made = yaml.safe_load((MADE / file).read_text("utf-8"))
    return {
        dataset: [
            {field: cell for field, cell in row.items() if cell}
            for row in csv.DictReader(io.StringIO(with_permits(text)))
        ]
        for dataset, text in made.items()
    }


def deliveries() -> dict[str, list[dict[str, Any]]]:
    """Return all rows but corrections."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for made in (delivered("deliveries.yml"), READINGS, delivered("deliveries_boundaries.yml")):
        for dataset, more in made.items():
            rows.setdefault(dataset, []).extend(more)
    return rows


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """One build of all marts from what was delivered."""
    scratch = Scratch(tmp_path_factory.mktemp("duties"))
    for dataset, rows in deliveries().items():
        scratch.submit(dataset, rows)
    for dataset, rows in delivered("corrections.yml").items():
        scratch.submit(dataset, rows)
    with duckdb.connect(str(scratch.database)) as connection:
        connection.execute(
            "update intake.submissions set status = 'accepted', rows_accepted = counted.rows "
            "from (select * from (values "
            + ", ".join(f"('{name}', {len(rows)})" for name, rows in deliveries().items())
            + ") as t(dataset, rows)) as counted where counted.dataset = submissions.dataset"
        )
    without = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    scratch.dbt("build", *without)
    return scratch


def ask(marts: Scratch, question: str) -> list[list[Any]]:
    """Return the marts' answer as the questions write it: days as text, numbers to six decimals."""
    with duckdb.connect(str(marts.database), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        rows = connection.execute(with_permits(question)).fetchall()
    return [[plain(value) for value in row] for row in rows]


def plain(value: Any) -> Any:
    """Return a value as YAML would hold it."""
    if isinstance(value, float):
        return round(value, 6)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def test_deliveries_follow_the_contracts() -> None:
    contracts = load_contracts()
    for dataset, rows in deliveries().items():
        fields = {field.field: field for field in contracts[dataset].fields}
        for row in rows:
            assert set(row) - {"censored_fields"} <= set(fields), dataset
            for name, value in row.items():
                if name not in fields:
                    continue
                allowed = fields[name].allowed_values
                assert not allowed or value in allowed, (dataset, name, value)


def test_every_duty_is_asked() -> None:
    with DUTIES.open(encoding="utf-8", newline="") as file:
        duties = {row["function_id"] for row in csv.DictReader(file)}
    assert {question["duty"] for question in QUESTIONS} == duties
    assert len(duties) == 89


def test_every_rule_of_supervision_is_broken_by_something() -> None:
    with RULES.open(encoding="utf-8", newline="") as file:
        rules = {row["rule"] for row in csv.DictReader(file) if row["suite"] == "supervision"}
    (found,) = (q["answer"] for q in QUESTIONS if "select rule, subject" in q["ask"])
    assert {rule for rule, _ in found} >= rules


def test_no_person_and_no_radiation_source_is_in_a_public_row(marts: Scratch) -> None:
    """Responsible persons, river chiefs and users of sources as they were delivered."""
    made = deliveries()
    hidden = {row.get("responsible_person") for rows in made.values() for row in rows} - {None}
    hidden |= {r["subject"] for r in made["assessment_scores"] if r["subject_kind"] == "河长"}
    hidden |= {r["unit_name"] for r in made["radiation_sources"]} - {NAMED_ELSEWHERE}
    hidden |= {r["object_name"] for r in made["inspections"] if r["visit_kind"] == RADIATION_VISIT}
    assert {"王河长", "赵镇长", "张三", "测井一队", "未登记用源厂"} <= hidden
    found = set()
    with duckdb.connect(str(marts.database), read_only=True) as connection:
        create_views(connection, declared_marts())
        views = connection.execute(
            "select view_name from duckdb_views() where temporary and not internal"
        )
        for (name,) in views.fetchall():
            rows = str(connection.execute(f'from "{name}"').fetchall())
            found |= {(name, word) for word in hidden if word in rows}
    assert found == set()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["duty"])
def test_question(marts: Scratch, question: dict[str, Any]) -> None:
    expected = [
        [with_permits(v) if isinstance(v, str) else v for v in row] for row in question["answer"]
    ]
    assert ask(marts, question["ask"]) == expected, question["ask"]
