"""A build as of a past moment, table by table against what was published at that moment.

Compared are all columns and rows of all marts but `publication_changes`: it says what a publication
changed for its readers, and the readers of a past that is published today had the present before.
The code, and with it the plans, standards and rules, is today's on both sides.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.assets.transform import previous_tables
from orchestration.dbt_build.runner import invoke, manifest_path, parsed_project
from orchestration.intake.service import Intake
from orchestration.release.holding import record, submissions_to_hold
from orchestration.resources import parse_moment
from sources.contracts import load_contracts
from warehouse.build.start import start_build
from warehouse.home import clock
from warehouse.home.layout import Home
from warehouse.publication import history
from warehouse.publication.candidate import Candidate, assemble, pending_candidate, record_checks
from warehouse.publication.commit import publish
from warehouse.publication.manifest import BuildInfo, Checks
from warehouse.publication.marts import read_marts
from warehouse.publication.titles import mart_columns

pytestmark = [pytest.mark.slow, pytest.mark.whole_loads]
CONTRACTS = load_contracts()
OF_THE_PUBLICATION = "publication_changes"
COVER = "年份,区域,森林覆盖率,操作\n"
TARGET = "指标编号,目标年度,下达机关级别,文号,比较关系,目标值,下达日期,操作\n"
SEWAGE = "年份,区域,农村人口,覆盖人口\n"
AIR = "站点名称,日期,PM2.5,PM10,SO2,NO2,CO,O3-8h\n"
# The first day of the 2026 edition of the air index is 2026-03-01.
AIR_DAYS = AIR + "".join(
    f"一号站,{day},{70 + n},{130 + n},9,30,0.8,{90 + n}\n"
    for n, day in enumerate(("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"))
)
# Moment (UTC) and what comes then; corrections, withdrawals, targets of three ranks, two standards.
HISTORY: list[tuple[datetime, dict[str, str]]] = [
    (
        datetime(2024, 1, 20, 18, tzinfo=UTC),
        {
            "forestry/a.csv": COVER + "2020,全县,46,\n2021,全县,46.8,\n2022,全县,47.1,\n",
            "ecology/t.csv": TARGET + "B02,2025,市级,晋市〔2022〕1号,≥,48,2022-01-01,\n",
        },
    ),
    (
        datetime(2024, 12, 31, 18, tzinfo=UTC),  # already 2025 in the county
        {
            "forestry/b.csv": COVER + "2020,全县,46.63,\n2022,全县,47.1,删除\n2023,全县,47.3,\n",
            "ecology/u.csv": TARGET + "B02,2025,省级,晋政〔2024〕9号,≥,47,2024-06-01,\n",
            "ecology/good.csv": SEWAGE + "2022,全县,100000,80000\n",
            "ecology/bad.csv": SEWAGE + "2023,全县,100000,154000\n",  # 154 %: it is held
        },
    ),
    (
        datetime(2026, 4, 10, 18, tzinfo=UTC),
        {
            "forestry/c.csv": COVER + "2021,全县,46.9,\n2025,全县,47.5,\n",
            "ecology/v.csv": TARGET + "B02,2025,省级,晋政〔2024〕9号,≥,47,2024-06-01,删除\n",
            "ecology/air.csv": AIR_DAYS,
            "ecology/mended.csv": SEWAGE + "2023,全县,100000,84000\n",
        },
    ),
]
# Taken in while the second publication was being built: not in it, also not in hindsight.
LATE = {"forestry/late.csv": COVER + "2024,全县,47.4,\n"}


class Years:
    """A home over years: the clock stands where it is set."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
        self.patch = monkeypatch

    def at(self, moment: datetime) -> None:
        self.patch.setattr(clock, "now", lambda: moment)

    def take_in(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.home.landing / name
            path.write_text(text, encoding="utf-8")
            os.utime(path, (1_700_000_000, 1_700_000_000))
        outcomes = Intake(self.home, CONTRACTS, "test").run(settle_seconds=0)
        assert {s.status for o in outcomes for s in o.submissions} <= {"accepted"}

    def build(self, as_of: datetime | None = None) -> None:
        """Build as a load does: what fails a check by itself is held, and it is built again."""
        self.build_once(as_of)
        found = submissions_to_hold(self.home, self.home.build_database, CONTRACTS, by="test")
        if as_of is not None:
            assert found == {}, "what was held then is on record"
        elif found:
            record(self.home, CONTRACTS, found)
            self.at(clock.now() + timedelta(seconds=5))
            self.build_once(None)

    def build_once(self, as_of: datetime | None) -> None:
        database = start_build(
            self.home, CONTRACTS, as_of=as_of, previous_tables=previous_tables(self.manifest)
        )
        # The tests of the data and of the code hold or not elsewhere; here they cost half the time.
        without = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
        target, project = self.home.dbt_target, parsed_project()
        done = invoke("build", target, *without, database=database, project=project)
        assert done.success, done.exception or [r.message for r in done.result if r.message]

    def candidate(self, as_of: datetime | None = None) -> Candidate:
        build = self.home.build_database
        made = BuildInfo(
            as_of=as_of.isoformat() if as_of else None,
            moment=history.build_moment(build).isoformat(),
            seen=history.build_visible_data(build),
        )
        return assemble(self.home, build=made, marts=read_marts(self.manifest))

    def publish(self, as_of: datetime | None = None) -> str:
        candidate = self.candidate(as_of)
        record_checks(candidate, Checks(True))
        return publish(self.home, pending_candidate(self.home)).stamp


@pytest.fixture
def years(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Years]:
    yield Years(empty_home, monkeypatch)


def ask(database: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def differences(one: Path, other: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows that only one of two files has, by table."""
    found = {}
    with duckdb.connect() as connection:
        for name, path in (("one", one), ("other", other)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = mart_columns(connection, "one")
        assert tables == mart_columns(connection, "other")
        assert len(tables) > 25
        for table in tables.keys() - {OF_THE_PUBLICATION}:
            sides = [f"from {name}.marts.{table}" for name in ("one", "other")]
            rows = connection.execute(
                f"(({sides[0]}) except all ({sides[1]})) union all "
                f"(({sides[1]}) except all ({sides[0]}))"
            ).fetchall()
            if rows:
                found[table] = rows
    return found


def test_a_build_as_of_then_says_what_was_published_then(years: Years) -> None:
    home, stamps = years.home, []
    for number, (moment, files) in enumerate(HISTORY):
        years.at(moment)
        years.take_in(files)
        years.at(moment + timedelta(seconds=30))
        years.build()
        if number == 1:
            years.at(moment + timedelta(seconds=50))
            years.take_in(LATE)
        years.at(moment + timedelta(minutes=2))
        stamps.append(years.publish())
    published = [home.snapshots / stamp / "eco.duckdb" for stamp in stamps]

    # The history is one: each publication says something else than the others.
    target = "select target_in_force, target_source from marts.indicator_progress "
    targets = [ask(path, target + "where indicator_id = 'B02'")[0] for path in published]
    assert [value for value, _ in targets] == [48, 47, 48]
    values = "select year, value from marts.indicator_values where indicator_id = 'B02' order by 1"
    assert [dict(ask(path, values)) for path in published] == [
        {2020: 46, 2021: 46.8, 2022: 47.1},
        {2020: 46.63, 2021: 46.8, 2023: 47.3},
        {2020: 46.63, 2021: 46.9, 2023: 47.3, 2024: 47.4, 2025: 47.5},
    ]
    covered = values.replace("'B02'", "'B16'")
    assert [dict(ask(path, covered)) for path in published] == [
        {},
        {2022: 80},  # the last good value, while the file of 2023 is held
        {2022: 80, 2023: 84},
    ]
    held = "select file_name, rows_waiting from marts.submissions where is_held"
    assert [ask(path, held) for path in published] == [[], [("bad.csv", 1)], [("bad.csv", 0)]]
    why = (
        "select state, department, indicator_ids, detail_zh from marts.findings "
        "where rule = 'submission_held'"
    )
    [(state, department, indicators, detail)] = ask(published[1], why)
    assert (state, department) == ("new", "ecology")
    assert "B16" in indicators.split(";")
    assert "B16 农村生活污水治理率(覆盖人口比例) 2023年全县为 154 %（第2行）" in detail
    assert ask(published[2], why)[0][0] == "mended"
    standards = "select count(distinct standard) from marts.air_quality_daily"
    assert ask(published[2], standards) == [(2,)]
    states = "select distinct state from marts.findings order by 1"
    assert ask(published[1], states) == [("lasting",), ("mended",), ("new",)]
    for one, other in ((0, 1), (1, 2)):
        assert {"findings", "indicator_progress"} <= differences(
            published[one], published[other]
        ).keys()

    # Long afterwards, and with a past in between that somebody published.
    years.at(datetime(2027, 1, 1, tzinfo=UTC))
    for number in (1, 0):
        moment = parse_moment(stamps[number], home)
        years.build(as_of=moment)
        candidate = years.candidate(as_of=moment)
        assert differences(published[number], candidate.path) == {}, stamps[number]
        if number == 1:
            years.at(datetime(2027, 1, 2, tzinfo=UTC))
            record_checks(candidate, Checks(True))
            publish(home, pending_candidate(home))
