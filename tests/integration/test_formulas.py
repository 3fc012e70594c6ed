"""The dbt project on its own: from rows in a lake to the marts, without intake and publication.

A scratch build file is made from the dbt sources as warehouse would make it, rows are put into it
and dbt builds. What is expected was worked out by hand from the plans and the design.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.dbt_build import runner as dbt_runner
from sources.contracts import load_contracts
from tests.conftest import Eco

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
FORECASTS = Path(__file__).parents[3] / "shared/reference/forecasts.csv"
COUNTY = "全县"
PRINTED = 21 + 26 + 66  # indicators of plan A and plan B, measurable targets of their text


class Scratch:
    """A build file of its own, and dbt to build into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "eco.duckdb"
        self.submissions = 0
        with duckdb.connect(str(self.database)) as connection:
            for source in ("lake", "intake", "last_publication"):
                connection.execute(f"create schema {source}")
                text = (DBT_PROJECT / "models" / "sources" / f"{source}.yml").read_text("utf-8")
                for table in yaml.safe_load(text)["sources"][0]["tables"]:
                    columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in table["columns"])
                    connection.execute(f"create table {source}.{table['name']} ({columns})")
            connection.execute(
                "insert into intake.build values ('2026-11-24 04:00:00', false, '2026-11-24')"
            )

    def submit(self, dataset: str, rows: Sequence[Mapping[str, Any]]) -> str:
        """One submission of a dataset; each is received an hour after the one before."""
        self.submissions += 1
        name = f"s{self.submissions:03}"
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                "insert into intake.submissions (submission_id, dataset, file_name, received_at) "
                "values (?, ?, ?, timestamp '2024-01-01' + to_hours(?))",
                [name, dataset, f"{name}.csv", self.submissions],
            )
            for line, row in enumerate(rows, start=2):
                full = {"operation": "upsert", **row, "submission_id": name, "row_number": line}
                connection.execute(
                    f"insert into lake.{dataset} ({', '.join(full)}) "
                    f"values ({', '.join('?' * len(full))})",
                    list(full.values()),
                )
        return name

    def dbt(self, command: str, *arguments: str) -> None:
        """Run dbt in this process; fail the test with the message of each failed node."""
        done = dbt_runner.invoke(
            *(command, self.folder / "target", *arguments),
            database=self.database,
            project=dbt_runner.parsed_project(),
        )
        ran = done.result.results if done.result else []
        bad = [f"{r.node.name}: {r.message}" for r in ran if r.status not in ("success", "pass")]
        assert done.success and ran, done.exception or "\n".join(bad)

    def build(self, *arguments: str) -> None:
        """Build everything but the unit tests, warnings being errors."""
        # Of a part of the models: without the tests that also read others.
        cautious = ("--indirect-selection", "cautious")
        quiet = ("--warn-error", "--exclude-resource-type", "unit_test")
        self.dbt("build", *quiet, *cautious, *arguments)

    def sql(self, query: str) -> list[tuple]:
        """Ask the build file."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def values(self, area: str = COUNTY) -> dict[tuple[str, int], float]:
        """(indicator, year) -> value of an area."""
        rows = self.sql(
            f"select indicator_id, year, value from marts.indicator_values where area = '{area}'"
        )
        return {(indicator, year): value for indicator, year, value in rows}

    def progress(self, *columns: str) -> dict[str, Any]:
        """Indicator -> the columns of indicator_progress (one: the value itself)."""
        rows = self.sql(f"select indicator_id, {', '.join(columns)} from marts.indicator_progress")
        return {row[0]: row[1] if len(columns) == 1 else row[1:] for row in rows}


def county(year: int, **fields: Any) -> dict[str, Any]:
    """A row of the whole county."""
    return {"year": year, "area": COUNTY, **fields}


def assignment(indicator: str, value: float | None, **fields: Any) -> dict[str, Any]:
    """Return a row of target_assignments, by default a 2025 target of the city."""
    usual = {"year": 2025, "authority": "市级", "document_no": "晋市环〔2022〕1号"}
    usual |= {"comparator": "≥", "issued_on": "2022-01-01"}
    return {"indicator_id": indicator, "target_value": value, **usual, **fields}


@dataclass(frozen=True)
class Empty:
    """What the marts hold when nothing was delivered."""

    statuses: dict[str, str]
    values: int
    rules: list[tuple]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """One build file for all, so that dbt parses the project once."""
    return Scratch(tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def empty(scratch: Scratch) -> Empty:
    """All datasets without a row."""
    scratch.build()
    return Empty(
        scratch.progress("status"),
        scratch.sql("select count(*) from marts.indicator_values")[0][0],
        scratch.sql("select distinct rule from marts.findings"),
    )


@pytest.fixture(scope="module")
def plan(scratch: Scratch, empty: Empty) -> Scratch:
    """What the plans print for 2019 and 2020, and a few years after it."""
    scratch.submit(
        "air_quality_annual",
        [
            {"year": 2019, "pm25": 41, "so2": 13, "good_days": 232},
            {
                "year": 2020,
                "pm25": 36,
                "so2": 9,
                "no2": 20,
                "good_days": 306,
                "reported_rate": 83.6,
            },
        ],
    )
    # 121.11 of 295.2 万亩
    scratch.submit(
        "forest_resources",
        [county(2020, forest_area=80740, land_area=196800, reported_rate=46.63)],
    )
    scratch.submit("urban_sewage", [county(2020, reported_rate=75)])
    scratch.submit("rural_sewage", [county(2020, population_covered=277000, reported_rate=75)])
    scratch.submit("rural_sewage", [county(2020, population_covered=277000, reported_rate=79.3)])
    scratch.submit("farmland_safety", [county(2020, reported_rate=100)])
    scratch.submit(
        "hazardous_waste",
        [
            {"year": 2020, "facility": COUNTY, "waste_class": waste, "reported_rate": 100}
            for waste in ("危险废物", "医疗废物")
        ],
    )
    # two sources of two townships' worth: 45 + 30 = 75, against a total of 76 (1.3 % off)
    scratch.submit(
        "pollutant_emissions",
        [
            {"year": 2020, "pollutant": "氨氮", "source": "工业", "emission": 100},
            {"year": 2020, "pollutant": "氨氮", "source": "合计", "emission": 100.4},
            {"year": 2023, "pollutant": "氨氮", "source": "工业", "emission": 45},
            {"year": 2023, "pollutant": "氨氮", "source": "生活", "emission": 30},
            {"year": 2023, "pollutant": "氨氮", "source": "合计", "emission": 76},
        ],
    )
    scratch.submit(
        "soil_erosion",
        [
            county(2023, land_area=1000, eroded_area=250),
            {"year": 2023, "area": "凤城镇", "land_area": 400, "eroded_area": 100},
            {"year": 2023, "area": "北留镇", "land_area": 594, "eroded_area": 151},
            {"year": 2023, "area": "县城", "land_area": 9999, "eroded_area": 1},
        ],
    )
    scratch.submit(
        "forest_pests", [{"year": 2023, "area": "凤城镇", "disaster_area": 1.5, "flags": "x"}]
    )
    scratch.submit(
        "forest_resources",
        [{"year": 2023, "area": "凤城镇", "forest_area": 60, "grassland_area": 40}],
    )
    scratch.submit(
        "water_use",
        [{"year": 2023, "use_sector": "农业", "water_source": "地表水", "volume": 7715}],
    )
    scratch.submit(
        "water_section_quality",
        [
            {"section_name": "润城", "sampled_at": day, "total_phosphorus": 0.2, "ph": 7.5}
            for day in ("2023-01-05", "2023-01-15", "2023-01-25")
        ]
        + [
            {"section_name": "水库", "sampled_at": "2023-02-05", "total_phosphorus": 0.2},
            {"section_name": "景观", "sampled_at": "2023-02-05", "ph": 9.5},
        ],
    )
    scratch.submit(
        "water_sections",
        [
            {"section_name": "润城", "water_body_type": "河流", "assessed": True},
            {"section_name": "水库", "water_body_type": "湖库", "assessed": True},
            {"section_name": "景观", "water_body_type": "河流", "assessed": False},
        ],
    )
    scratch.submit(
        "target_assignments",
        [
            assignment("B18", 50),
            assignment("B18", 40, authority="县级"),
            assignment("A02", 80, year=2023),
            assignment("B26", 0.8, comparator="≤"),
            assignment("A20", None, comparator="不降低"),
        ],
    )
    index = {"index_name": "生态功能指数"}
    years = [{"year": year, **index, "value": 50} for year in (2020, 2021, 2022, 2023)]
    scratch.submit("reported_indices", years)
    scratch.submit("reported_indices", [{"year": 2021, **index, "value": 60}])
    scratch.submit("reported_indices", [{"year": 2022, **index, "value": 0, "operation": "delete"}])
    scratch.submit("reported_indices", [{"year": 2023, **index, "value": v} for v in (61, 62)])
    scratch.submit("reported_indices", [{"year": 2024, **index, "value": 0, "operation": "delete"}])
    scratch.submit("reported_indices", [{"year": 2024, **index, "value": 63}])
    hidden = scratch.submit("reported_indices", [{"year": 2025, **index, "value": 99}])
    with duckdb.connect(str(scratch.database)) as connection:
        connection.execute("delete from intake.submissions where submission_id = ?", [hidden])
    scratch.build()
    return scratch


def test_the_plans_own_answers(plan: Scratch) -> None:
    """What the printed figures give for 2020, to the last digit."""
    values = plan.values()
    assert values["A01", 2020] == 100 * (41 - 36) / 41
    assert values["A07", 2020] == 100 * (13 - 9) / 13
    assert values["A02", 2020] == values["B07", 2020] == 100 * 306 / 366
    assert values["A02", 2019] == 100 * 232 / 365
    assert values["B08", 2020] == 36
    assert values["A20", 2020] == values["B02", 2020] == 46.63
    assert (values["A06", 2020], values["B16", 2020]) == (75, 79.3)
    assert values["A18", 2020] == values["A15", 2020] == values["B13", 2020] == 100
    assert ("A08", 2020) not in values, "2019 NO2 is not printed"
    assert values["B03", 2020] == 0, "no fire was reported, whatever the grassland"
    basis = plan.progress("latest_basis")
    assert (basis["B02"], basis["A01"], basis["B16"]) == ("reported", "computed", "reported")


def test_every_indicator_has_its_row(plan: Scratch) -> None:
    """Every row; what the plans print for the same indicator stays side by side."""
    rows = plan.progress("baseline_2020", "baseline_2020_raw", "baseline_conflict_zh")
    assert len(rows) == PRINTED
    assert sum(name.startswith("T") for name in rows) == 66
    assert rows["A20"] == (45, "45", "B02 印为 46.63")
    assert rows["B02"] == (46.63, "46.63", "A20 印为 45")
    assert rows["A02"] == (83.83, "83.83%", "B07 印为 83.6")
    assert rows["A05"] == (None, "未统计", None)


def test_statuses(plan: Scratch) -> None:
    """Each status that the figures give, with target and milestone."""
    rows = plan.progress("status_zh", "latest_year", "target_in_force", "milestone_value")
    assert rows["A01"] == ("目标未下达", 2020, None, None)
    assert rows["A20"] == ("已达标", 2020, 45, 45), "不降低: the baseline is the target"
    assert rows["B02"] == ("正常推进", 2020, 47, 46.63)
    assert rows["B16"] == ("正常推进", 2020, 90, 79.3)
    assert rows["A18"] == ("已达标", 2020, 100, 100)
    # 2020 itself is the base: from 0 to 50, 30 after three years; the city goes before the county
    assert rows["B18"] == ("滞后", 2023, 50, 30)
    assert plan.progress("progress_pct")["B18"] == 100 * 25 / 50
    assert rows["B26"] == ("已达标", 2023, 0.8, pytest.approx(0.7886))
    assert rows["A03"] == ("倒退", 2023, 100, 100)
    assert rows["A08"] == ("未统计", None, None, None)


def test_reduction_against_2020_takes_parts_before_the_total(plan: Scratch) -> None:
    """E[2020] = 100 and E[2023] = 45 + 30; 2020 against itself is 0."""
    assert plan.values()["A11", 2020] == 0
    assert plan.values()["A11", 2023] == 25


def test_county_row_before_townships(plan: Scratch) -> None:
    """The 全县 row counts; townships keep their own values."""
    assert plan.values()["B05", 2023] == 75
    assert plan.values("凤城镇")["B05", 2023] == 75
    assert plan.values("县城")["B05", 2023] == 100 * 9998 / 9999


def test_areas_in_one_unit(plan: Scratch) -> None:
    """1.5 亩 are 0.1 公顷, of 100 公顷: 1 ‰; the flag of the row shows."""
    assert plan.values()["B04", 2023] == pytest.approx(1, abs=1e-12)
    flagged = plan.sql(
        "select is_flagged from marts.indicator_values where indicator_id = 'B04' and year = 2023"
    )
    assert set(flagged) == {(True,)}
    assert plan.values()["B26", 2023] == 0.7715


def test_surface_water(plan: Scratch) -> None:
    """Only assessed sections; 0.2 mg/L phosphorus is class Ⅲ in a river, Ⅴ in a lake."""
    classes = plan.sql(
        "select section_name, water_class, worst_determinands "
        "from intermediate.int_water_section_classes where period = 'year' order by 1"
    )
    assert classes == [
        ("景观", "劣Ⅴ", "ph"),
        ("水库", "Ⅴ", "total_phosphorus"),
        ("润城", "Ⅲ", "total_phosphorus"),
    ]
    values = plan.values()
    assert values["A03", 2023] == values["B10", 2023] == 50
    assert values["A04", 2023] == values["B11", 2023] == 0


def test_lineage_lists_the_rows_that_count(plan: Scratch) -> None:
    """Parts or their total, county or townships, the base year, the latest version, no other."""
    rows = plan.sql(
        "select indicator_id, year, area, dataset, row_number, submission_id "
        "from marts.indicator_lineage order by all"
    )
    lines: dict[tuple[str, int, str], set[tuple[str, int]]] = {}
    for indicator, year, area, dataset, line, _ in rows:
        lines.setdefault((indicator, year, area), set()).add((dataset, line))
    # line 2 and line 3 are the header's next: 工业 2020, then the parts of 2023 without 合计
    emissions = {("pollutant_emissions", line) for line in (2, 4, 5)}
    assert lines["A11", 2020, COUNTY] == {("pollutant_emissions", 2)}
    assert lines["A11", 2023, COUNTY] == emissions
    assert lines["B05", 2023, COUNTY] == {("soil_erosion", 2)}
    assert lines["B05", 2023, "北留镇"] == {("soil_erosion", 4)}
    assert lines["B04", 2023, COUNTY] == {("forest_pests", 2), ("forest_resources", 2)}
    assert lines["A01", 2020, COUNTY] == {("air_quality_annual", line) for line in (2, 3)}
    assert lines["B08", 2020, COUNTY] == {("air_quality_annual", 3)}
    # 景观 (line 6) is not assessed
    samples = {("water_section_quality", line) for line in (2, 3, 4, 5)}
    assert lines["A03", 2023, COUNTY] == samples | {("water_sections", line) for line in (2, 3)}
    newest = {row[5] for row in rows if row[:3] == ("B16", 2020, COUNTY)}
    delivered = plan.sql(
        "select max(submission_id) from intake.submissions where dataset = 'rural_sewage'"
    )
    assert newest == {delivered[0][0]}
    assert not plan.sql(
        "select indicator_id, year, area from marts.indicator_values "
        "except select indicator_id, year, area from marts.indicator_lineage"
    )
    # the datasets of the formula table are those that the rows come from
    assert not plan.sql(
        "select distinct l.indicator_id, l.dataset from marts.indicator_lineage as l "
        "join marts.indicator_formulas as f using (indicator_id) "
        "where not list_contains(string_split(f.datasets, ';'), l.dataset)"
    )


def test_findings(plan: Scratch) -> None:
    """Each contradiction once, none within its tolerance."""
    found = plan.sql(
        "select rule, subject, expected, observed from marts.findings where rule not in "
        "('missing_townships', 'plan_target_conflict')"
    )
    assert sorted(found) == [
        ("baseline_conflict", "A02 / B07", "83.83%", "83.6"),
        ("baseline_conflict", "A20 / B02", "45", "46.63"),
        ("baseline_not_reproduced", "A02", "83.83%", "83.6066"),
        ("baseline_not_reproduced", "A07", "35.7%", "30.7692"),
        ("baseline_not_reproduced", "A20", "45", "46.63"),
        ("county_differs_from_townships", "soil_erosion.land_area 2023", "994.0", "1000.0"),
        ("reported_ratio_differs", "forest_cover 2020 全县", "41.0264", "46.63"),
        ("targets_differ", "B18 2025 县级 晋市环〔2022〕1号", "≥50.0", "≥40.0"),
        ("total_differs_from_parts", "pollutant_emissions.emission 2023 氨氮", "75.0", "76.0"),
    ]
    ids = plan.sql(
        "select finding_id from marts.findings "
        "where rule = 'baseline_conflict' and subject = 'A20 / B02'"
    )
    assert ids == [("48bd94673797",)], "identifiers are stable over builds"


def test_domain_marts(plan: Scratch) -> None:
    """Every indicator in the mart of its domain, a column for each year of the plan."""
    domains = ("water", "forestry", "agriculture", "energy", "waste", "air")
    elsewhere = plan.sql(
        "select indicator_id from marts.indicator_progress where domain not in "
        f"{domains} order by indicator_id"
    )
    assert [row[0] for row in elsewhere if not row[0].startswith("T")] == []
    listed = [
        row for d in domains for row in plan.sql(f"select indicator_id from marts.{d}_indicators")
    ]
    assert sorted(listed + elsewhere) == sorted((i,) for i in plan.progress("status"))
    assert plan.sql(
        "select value_2020, value_2021, value_2023 from marts.air_indicators "
        "where indicator_id = 'B18'"
    ) == [(0, None, 25)]


def test_annual_rows(plan: Scratch) -> None:
    """2020 to 2025 of each indicator; an assigned target of a year is its milestone."""
    assert plan.sql("select count(*) from marts.indicator_annual") == [(PRINTED * 6,)]
    assert plan.sql(
        "select year, milestone_value from marts.indicator_annual "
        "where indicator_id in ('A02', 'B16') and milestone_value is not null "
        "and year > 2020 and year < 2025 "
        "order by indicator_id, year"
    ) == [(2023, 80), *((y, pytest.approx(79.3 + 2.14 * (y - 2020))) for y in range(2021, 2025))]


def test_reviews(plan: Scratch) -> None:
    """Every indicator in each; the mid-term is 2023, the end 2025, whatever is latest."""
    for mart, year in (("review_midterm", 2023), ("review_final", 2025)):
        assert plan.sql(f"select review_year, count(*) from marts.{mart} group by all") == [
            (year, PRINTED)
        ]
    columns = "value, milestone_gap, status, needed_per_year, is_projected_to_attain"
    query = f"select {columns} from marts.review_midterm where indicator_id = 'B18'"
    assert plan.sql(query) == [(25, -5, "behind", 12.5, False)]
    query = "select value, status from marts.review_final where indicator_id = 'B18'"
    assert plan.sql(query) == [(None, "not_measured")]


def test_chinese_views_follow_the_file(plan: Scratch, tmp_path: Path) -> None:
    """A bi view for each mart, also where the file is attached under another name."""
    marts = plan.sql("select count(*) from information_schema.tables where table_schema = 'marts'")
    views = plan.sql("select view_name from duckdb_views() where schema_name = 'bi'")
    assert len(views) == marts[0][0]
    elsewhere = tmp_path / "elsewhere.duckdb"
    elsewhere.write_bytes(plan.database.read_bytes())
    with duckdb.connect() as connection:
        connection.execute(f"attach '{elsewhere}' as other (read_only)")
        for (view,) in views:
            connection.execute(f'select * from other.bi."{view}"')
        rows = connection.execute(
            'select "状态", "最新值" from other.bi."指标进展" where "指标编号" = \'B16\''
        ).fetchall()
    assert rows == [("正常推进", 79.3)]


def test_another_year(plan: Scratch, tmp_path: Path) -> None:
    """With `year`, that year is judged, whatever came after it."""
    copy = Scratch(tmp_path)
    copy.database.write_bytes(plan.database.read_bytes())
    copy.dbt("build", "--exclude-resource-type", "unit_test", "--select", "int_indicator_years+",
             "--vars", "{year: 2020, as_of: null}")  # fmt: skip
    rows = copy.progress("status", "latest_year")
    assert rows["B18"] == ("on_track", 2020)
    assert rows["B05"] == ("not_measured", None)
    assert copy.sql("select distinct review_year from marts.review_yearly") == [(2020,)]


def test_latest_version_of_each_key(plan: Scratch) -> None:
    """A later submission replaces, within one file the last line does, a deletion withdraws until
    the key comes again; a row whose submission is not visible does not exist."""
    rows = plan.sql(
        "select index_rows.year, index_rows.value, index_rows.row_number "
        "from staging.stg_reported_indices as index_rows order by 1"
    )
    assert rows == [(2020, 50, 2), (2021, 60, 2), (2023, 62, 3), (2024, 63, 2)]


def test_nothing_delivered(empty: Empty) -> None:
    """Every model builds, every indicator is not measured, only the plans contradict each other."""
    assert len(empty.statuses) == PRINTED
    assert set(empty.statuses.values()) == {"not_measured"}
    assert empty.values == 0
    assert sorted(empty.rules) == [("baseline_conflict",), ("plan_target_conflict",)]


def test_formulas_by_dbts_unit_tests(loaded: Eco) -> None:
    """dbt's own unit tests: each formula, its missing inputs, its zero denominators.

    The first build of a changed project runs them and fails when one does.
    """
    assert loaded.home.database.exists()
    assert dbt_runner.unit_tests_passed()


def test_the_project_parses_without_a_warning(tmp_path: Path) -> None:
    """Deprecations too; from nothing, as on a new machine."""
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT]
    folders += ["--target-path", tmp_path, "--log-path", tmp_path]
    done = dbtRunner().invoke(["--warn-error", "--quiet", "parse", *map(str, folders)])
    assert done.success, done.exception


def test_targets_of_the_text(plan: Scratch) -> None:
    """All 163; a measured one has a status, any other a reason."""
    rows = plan.sql(
        "select target_id, is_measurable, status, measured_value, reason_zh from marts.plan_targets"
    )
    assert len(rows) == 163
    assert sum(row[1] for row in rows) == 66
    assert all((reason is None) == measurable for _, measurable, _, _, reason in rows)
    assert all(status == "not_measured" for _, _, status, value, _ in rows if value is None)
    by_id = {row[0]: row[2:4] for row in rows}
    assert by_id["T001"] == ("behind", 50), "as A03, but its sentence prints no baseline"
    assert by_id["T006"] == ("behind", 46.63)
    assert by_id["T061"] == ("attained", 0)
    assert by_id["T011"] == ("behind", 277000)
    assert by_id["T018"] == ("not_measured", None)


def test_key_projects(plan: Scratch) -> None:
    """30 and 45 of them, 26 the same: 49 projects; the plans' own sums."""
    counted = plan.sql(
        "select source_table like '表7-%' as in_plan_a, count(*), round(sum(investment), 2), "
        "count(*) filter (where is_counted), count(*) filter (where same_as is not null) "
        "from marts.key_projects group by 1 order by 1"
    )
    assert counted == [(False, 45, 124.98, 19, 26), (True, 30, 79.69, 30, 26)]
    assert plan.sql("select distinct status from marts.key_projects") == [("未报送",)]


@pytest.mark.skipif(not FORECASTS.is_file(), reason="../shared with the forecasts is not here")
def test_forecasts_from_their_own_parameters(plan: Scratch) -> None:
    """All 32 as the reference works them out by hand, to its last digit; four differ from print."""
    rows = plan.sql(
        "select forecast_id, printed_2025, recomputed_2025, agreement, discrepancy "
        "from marts.plan_forecasts order by forecast_id"
    )
    with FORECASTS.open(encoding="utf-8", newline="") as file:
        by_hand = list(csv.DictReader(file))
    assert len(rows) == len(by_hand) == 32
    for (forecast, printed, recomputed, _, discrepancy), expected in zip(
        rows, by_hand, strict=True
    ):
        assert forecast == expected["forecast_id"]
        assert printed == float(expected["value_2025"])
        if not expected["recomputed_2025"]:
            assert recomputed is None, forecast
        else:
            digits = len(expected["recomputed_2025"].partition(".")[2])
            half = 0.5 * 10**-digits + 1e-9
            assert abs(recomputed - float(expected["recomputed_2025"])) <= half, forecast
        if expected["discrepancy_note"]:
            assert discrepancy, forecast
    assert [row[0] for row in rows if row[3] == "differs"] == ["F05", "F08", "F12", "F22"]
    assert sum(row[3] == "not_reproducible" for row in rows) == 10


def test_what_came_of_forecasts(plan: Scratch) -> None:
    """The latest value up to 2025 of what measures it, in the unit of the forecast."""
    assert plan.sql(
        "select forecast_id, actual_2025, latest_year, latest_value from marts.plan_forecasts "
        "where latest_value is not null order by 1"
    ) == [
        ("F14", None, 2023, 45),
        ("F17", None, 2023, 30),
        ("F26", None, 2020, 46.63),
        ("F28", None, 2020, 79.3),
        ("F30", None, 2020, 277000),
    ]


def test_townships_add_up_to_the_county(plan: Scratch) -> None:
    """750 of 1000: 300 of 400 and 443 of 594, and 7 of 6 that no township has."""
    assert plan.sql(
        "select area, part_value, base_value, county_value from marts.township_indicators "
        "where indicator_id = 'B05' order by part_value"
    ) == [("未分乡镇", 7, 6, 75), ("凤城镇", 300, 400, 75), ("北留镇", 443, 594, 75)]
    wrong = plan.sql(
        "select indicator_id, year from marts.township_indicators group by all "
        "having abs(sum(part_value) - max(county_part)) > 1e-6"
    )
    assert not wrong


def test_every_indicator_hangs_on_one_department(plan: Scratch) -> None:
    """Each indicator, text target and dataset has one responsible department, others take part."""
    counted = plan.sql(
        "select item_kind, count(distinct item_id), count(*) filter (where is_responsible) "
        "from marts.department_responsibilities where item_kind <> 'key_project' "
        "group by 1 order by 1"
    )
    datasets = len(list(load_contracts()))
    assert counted == [
        ("dataset", datasets, datasets),
        ("indicator", 47, 47),
        ("text_target", 66, 66),
    ]
