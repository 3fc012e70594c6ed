"""Findings of a whole load: what contradicts in the plan's own figures, what becomes of it from
night to night, and the gate that a critical one closes."""

import csv
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from expectations import run_checks
from expectations.declarations import SUITES, read_expectations
from expectations.rules import RULES
from sources.contracts import load_contracts
from tests import second_night
from tests.conftest import Eco
from tests.integration.test_formulas import Scratch, assignment, county

PROJECT = Path(__file__).parents[2]
DBT = PROJECT / "dbt_project"
CODES = DBT / "seeds" / "codes"

# What the plans print and what contradicts it: (rule, subject, expected, observed). The notes of
# ../shared/reference/observations_2015_2020.csv name most of them.
OF_THE_PLANS = {
    # two plans, two figures
    ("baseline_conflict", "A02 / B07", "83.83%", "83.6"),
    ("baseline_conflict", "A20 / B02", "45", "46.63"),
    ("plan_target_conflict", "A20 / B02", "不降低", "47"),
    ("plan_target_conflict", "A20 / T006", "不降低", ">=47.13"),
    # a printed figure that its parts do not give
    ("baseline_not_reproduced", "A02", "83.83%", "83.6066"),
    ("baseline_not_reproduced", "A07", "35.7%", "30.7692"),
    ("baseline_not_reproduced", "A20", "45", "46.63"),
    ("shares_not_whole", "socioeconomics.废水排放总量 2019", "100.0", "100.05"),
    (
        "statistic_share_differs",
        "socioeconomics.生活污水占废水排放总量比重 2019",
        "64.1563",
        "64.19",
    ),
    (
        "statistic_share_differs",
        "socioeconomics.工业废水占废水排放总量比重 2019",
        "35.8437",
        "35.86",
    ),
    ("statistic_share_differs", "socioeconomics.氨氮工业源占比 2019", "18.2573", "18.25"),
    ("statistic_share_differs", "socioeconomics.氨氮生活源占比 2019", "81.7427", "81.75"),
    ("statistic_share_differs", "socioeconomics.氮氧化物工业源占比 2019", "91.7526", "91.7"),
    ("statistic_share_differs", "socioeconomics.氮氧化物生活源占比 2019", "8.2474", "8.3"),
    (
        "statistic_share_differs",
        "socioeconomics.第二产业用电占全社会用电量比重 2020",
        "89.4737",
        "89.4",
    ),
    (
        "statistic_share_differs",
        "socioeconomics.第三产业用电占全社会用电量比重 2020",
        "5.5263",
        "5.6",
    ),
    (
        "statistic_share_differs",
        "socioeconomics.生活污水治理人口占全县人口比重 2020",
        "72.7705",
        "75.0",
    ),
    ("statistic_sum_differs", "socioeconomics.废气排放总量 2019", "22551.0", "22744.0"),
    ("mean_outside_parts", "socioeconomics.城乡居民气化率 2020", "82.5", "80.0"),
    # growth against its own amounts
    (
        "statistic_change_differs",
        "socioeconomics.工业固体废物综合利用量比上年增长 2019",
        "18.9258",
        "13.73",
    ),
    (
        "statistic_change_differs",
        "socioeconomics.工业固体废物处置量比上年增长 2019",
        "-20.5323",
        "-34.84",
    ),
    ("statistic_change_differs", "socioeconomics.PM2.5平均浓度比上年增长 2019", "-10.8696", "-6.8"),
    ("statistic_change_differs", "socioeconomics.SO2平均浓度比上年增长 2019", "-38.0952", "-13.3"),
    ("statistic_change_differs", "socioeconomics.SO2平均浓度比上年增长 2020", "-30.7692", "-35.7"),
    # one quantity printed twice
    ("value_revised", "air_quality_annual.pm25 2018", "49.0", "46.0"),
    ("value_revised", "air_quality_annual.so2 2018", "15.0", "21.0"),
    ("value_revised", "rural_sewage.reported_rate 2020 全县", "75.0", "79.3"),
    ("value_revised", "pollutant_emissions.emission 2019 化学需氧量 工业", "102.0", "101.0"),
    ("value_revised", "pollutant_emissions.emission 2019 二氧化硫 合计", "4700.0", "8994.0"),
    ("value_revised", "pollutant_emissions.emission 2019 氮氧化物 合计", "6100.0", "6499.0"),
    ("value_revised", "pollutant_emissions.emission 2019 烟粉尘 合计", "4700.0", "7058.0"),
}
IDENTITY = "select finding_id, rule, subject, expected, observed, first_seen from marts.findings"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def finding_rules() -> set[str]:
    return {row["rule"] for row in read(RULES) if row["suite"]}


def rules_of_supervision() -> set[str]:
    """Return the rules that the made data of test_duties.py breaks."""
    return {row["rule"] for row in read(RULES) if row["suite"] == "supervision"}


def test_each_finding_rule_has_a_check_and_something_that_works_it_out() -> None:
    rules = finding_rules()
    checks = {
        e.expectation_id: e.suite
        for e in read_expectations(SUITES, RULES)
        if f"rule = '{e.expectation_id}'" in (e.failing_rows or "")
    }
    assert rules == checks.keys()
    assert len(set(checks.values())) >= 10, "a suite for each domain"
    models = "".join(
        path.read_text("utf-8") for path in (DBT / "models" / "intermediate").rglob("*.sql")
    )
    relations = {r.rule for contract in load_contracts() for r in contract.checks.relations}
    assert [rule for rule in rules - relations if f"'{rule}'" not in models] == []


def test_no_rule_is_written_for_one_figure() -> None:
    """The printed figures stand in the samples and the plan's tables, not in the rules."""
    figures = {
        figure
        for *_, expected, observed in OF_THE_PLANS
        for figure in re.findall(r"\d+\.\d*[1-9]|\d{4,}", f"{expected} {observed}")
    }
    assert len(figures) > 20
    texts = [path.read_text("utf-8") for path in (DBT / "models").rglob("int_*.sql")]
    texts += [path.read_text("utf-8") for path in (DBT / "macros").glob("*.sql")]
    texts += [(CODES / f"{n}.csv").read_text("utf-8") for n in ("rules", "statistic_relations")]
    texts = [re.sub(r"\{#.*?#\}|--[^\n]*", "", text, flags=re.DOTALL) for text in texts]
    found = {f for f in figures for text in texts if re.search(rf"(?<![\d.]){f}(?![\d.])", text)}
    assert found == set()


# Rules that the plans' own figures break already, or that tests of air break.
BROKEN_ELSEWHERE = {rule for rule, *_ in OF_THE_PLANS} | {"air_day_differs", "air_year_differs"}


@pytest.fixture(scope="module")
def contradicting(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A build in which every other rule is broken once, beside rows that just hold."""
    scratch = Scratch(tmp_path_factory.mktemp("contradicting"))

    def sent(by: str, dataset: str, *rows: dict) -> None:
        name = scratch.submit(dataset, rows)
        with duckdb.connect(str(scratch.database)) as connection:
            connection.execute(
                "update intake.submissions set department = ? where submission_id = ?", [by, name]
            )

    def stock(enterprise: str, closing: float) -> dict:
        moved = {"opening_stock": 100, "generated": 900, "used": 700, "disposed": 200}
        named = {"year": 2022, "enterprise": enterprise, "waste_type": "煤矸石"}
        return {**named, **moved, "closing_stock": closing}

    def manifest(number: str, **fields: object) -> dict:
        usual = {"waste_code": "900-249-08", "generator": "甲厂", "receiver": "乙厂"}
        return {"manifest_id": number, **usual, "shipped_quantity": 10, **fields}

    def works(month: str, **fields: object) -> dict:
        return {"plant_name": "一厂", "month": f"{month}-01", "treated_volume": 30, **fields}

    def plot(station: str, year: int) -> dict:
        return {"well_name": station, "sampled_on": f"{year}-05-01", "quality_class": "Ⅲ"}

    sent("industry", "industrial_solid_waste", stock("甲厂", 100.0), stock("乙厂", 150.0))
    sent("ecology", "industrial_solid_waste", stock("甲厂", 104.0))
    sent(
        "ecology",
        "hazardous_waste_manifests",
        manifest("少", shipped_on="2026-01-01", received_on="2026-01-02", received_quantity=9),
        manifest("准", shipped_on="2026-01-01", received_on="2026-01-02", received_quantity=9.8),
        manifest("迟", shipped_on="2026-11-01"),
        manifest("新", shipped_on="2026-11-20"),
    )
    sent("housing", "wastewater_plants", works("2022-01", influent_cod=100, effluent_cod=200))
    sent("housing", "wastewater_plants", works("2022-04", reclaimed_volume=31))
    sent(
        "housing",
        "domestic_waste",
        {"month": "2022-01-01", "area": "全县", "collected": 9, "treated": 10},
    )
    sent("forestry", "forest_pests", county(2022, affected_area=10, disaster_area=11))
    sent("agriculture", "crop_straw", county(2022, crop="玉米", collectable=100, used=101))
    sent(
        "energy",
        "coalbed_methane",
        {"month": "2022-01-01", "producer": "丙", "output": 1, "used": 2},
    )
    sent("ecology", "radioactive_sources", {"year": 2022, "sources_due": 1, "sources_stored": 2})
    sent(
        "agriculture",
        "livestock_manure",
        {"year": 2022, "area": "凤城镇", "species": "猪", "manure_generated": 5, "manure_used": 4},
    )
    sent(
        "ecology", "groundwater_quality", plot("井一", 2022), plot("井二", 2022), plot("井一", 2023)
    )
    sent(
        "ecology",
        "water_section_quality",
        {
            "section_name": "润城",
            "sampled_at": "2022-01-05 10:00:00",
            "reported_class": "Ⅱ",
            "ammonia_nitrogen": 1.4,
        },
        {
            "section_name": "润城",
            "sampled_at": "2022-02-05 10:00:00",
            "reported_class": "Ⅳ",
            "ammonia_nitrogen": 1.4,
        },
    )
    sent("ecology", "target_assignments", assignment("B08", 33, comparator="≤"))
    sent(
        "ecology",
        "target_assignments",
        assignment("B08", 31, comparator="≤", authority="省级", document_no="晋环〔2022〕9号"),
    )
    sent(
        "forestry",
        "forest_resources",
        *(
            county(y, land_area=1000, forest_area=a)
            for y, a in ((2020, 400), (2021, 401), (2022, 402), (2023, 640))
        ),
    )
    for year, area in ((2020, 10_000), (2021, 10_200), (2022, 150_000), (2023, 10_400)):
        sent("water_affairs", "irrigation", county(year, effective_irrigated_area=area))
    for month, volume in (("2023-01", 30), ("2023-02", 31), ("2023-03", 290_000), ("2023-04", 60)):
        works_of = {"plant_name": "二厂", "month": f"{month}-01", "treated_volume": volume}
        sent("housing", "wastewater_plants", works_of)
    with duckdb.connect(str(scratch.database)) as connection:
        connection.execute(
            "insert into last_publication.indicator_values values "
            "('B02', 2022, '全县', 41.2, '%'), ('B02', 2021, '全县', 40.1, '%'), "
            "('B02', 2019, '全县', 39.0, '%')"
        )
        connection.execute(
            "insert into intake.submissions (submission_id, department, dataset, file_name) values "
            "('h1', 'ecology', 'rural_sewage', 'bad.csv'), "
            "('h2', 'ecology', 'rural_sewage', 'replaced.csv')"
        )
        connection.execute(
            "insert into intake.holds values "
            "('h1', '2026-11-23', 'run', 'percent_shares_in_range', 'B16', '154 %。', 2), "
            "('h2', '2026-11-23', 'run', 'percent_shares_in_range', 'B16', '155 %。', 0)"
        )
    scratch.build()
    return scratch


def test_each_rule_finds_what_breaks_it_and_nothing_that_holds(contradicting: Scratch) -> None:
    found = {
        (rule, subject): (expected, observed, department)
        for rule, subject, expected, observed, department in contradicting.sql(
            "select rule, subject, expected, observed, department from marts.findings"
        )
    }
    elsewhere = BROKEN_ELSEWHERE | rules_of_supervision()
    ours = {key: value for key, value in found.items() if key[0] not in elsewhere}
    missing = ours.pop(("missing_townships", "livestock_manure 2022"))
    assert missing[1].count(";") == 13 and "凤城镇" not in missing[1], "14 of the 15"
    assert ours == {
        ("waste_balance", "industrial_solid_waste.stock 2022 乙厂 煤矸石"): (
            "1050.0",
            "1000.0",
            "industry",
        ),
        ("submission_held", "h1"): (None, "2 行", "ecology"),
        ("departments_differ", "industrial_solid_waste.closing_stock 2022 甲厂 煤矸石 industry"): (
            "100.0",
            "104.0",
            "ecology",
        ),
        ("waste_part_exceeds_whole", "domestic_waste.treated 2022 2022-01 全县"): (
            "≤ 9.0",
            "10.0",
            "housing",
        ),
        ("manifest_quantity_differs", "hazardous_waste_manifests.received 少 900-249-08"): (
            "10.0",
            "9.0",
            "ecology",
        ),
        ("manifest_not_received", "hazardous_waste_manifests 迟 900-249-08"): (
            "接收日期和接收量",
            "转移 2026-11-01，未确认接收",
            "ecology",
        ),
        ("effluent_exceeds_influent", "wastewater_plants.cod 2022 一厂 2022-01"): (
            "≤ 100.0",
            "200.0",
            "housing",
        ),
        ("water_part_exceeds_whole", "wastewater_plants.reclaimed 2022 一厂 2022-04"): (
            "≤ 30.0",
            "31.0",
            "housing",
        ),
        (
            "reported_class_differs",
            "water_section_quality.reported_class 2022-01-05 10:00:00 润城",
        ): ("Ⅳ", "Ⅱ", "ecology"),
        ("forestry_part_exceeds_whole", "forest_pests.disaster_area 2022 全县"): (
            "≤ 10.0",
            "11.0",
            "forestry",
        ),
        ("agriculture_part_exceeds_whole", "crop_straw.straw_used 2022 全县 玉米"): (
            "≤ 100.0",
            "101.0",
            "agriculture",
        ),
        ("energy_part_exceeds_whole", "coalbed_methane.gas_used 2022 2022-01 丙"): (
            "≤ 1.0",
            "2.0",
            "energy",
        ),
        ("air_part_exceeds_whole", "radioactive_sources.sources_stored 2022"): (
            "≤ 1.0",
            "2.0",
            "ecology",
        ),
        ("missing_periods", "wastewater_plants 2022-02 一厂"): (
            "逐期连续",
            "2022-02至2022-03缺报",
            "housing",
        ),
        ("coverage_shrinks", "groundwater_quality 2023"): ("2个", "1个", "ecology"),
        ("series_jump", "forest_cover 2023 全县"): ("40.2 ± 0.4", "64.0", "forestry"),
        ("likely_other_unit", "irrigation.effective_irrigated_area 2022 全县"): (
            "10200.0",
            "150000.0",
            "water_affairs",
        ),
        ("likely_other_unit", "wastewater_plants.treated_volume 2023 二厂 2023-03"): (
            "31.0",
            "290000.0",
            "housing",
        ),
        ("targets_differ", "B08 2025 市级 晋市环〔2022〕1号"): ("≤31.0", "≤33.0", "ecology"),
        ("published_value_changed", "B02 2022 全县"): ("41.2", "40.2", "forestry"),
        ("published_value_lost", "B02 2019 全县"): ("39.0", "无", "forestry"),
    }
    assert {rule for rule, _ in found} | elsewhere == finding_rules() - {
        *("county_differs_from_townships", "total_differs_from_parts", "reported_ratio_differs")
    }


@pytest.mark.slow
def test_the_plans_own_figures_contradict(loaded: Eco) -> None:
    found = loaded.sql("select rule, subject, expected, observed from marts.findings")
    assert len(OF_THE_PLANS) >= 20
    assert set(found) >= OF_THE_PLANS, OF_THE_PLANS - set(found)
    others = Counter(rule for rule, *_ in set(found) - OF_THE_PLANS)
    assert others == {"series_jump": 1}, "good days went from 232 to 306"
    told = loaded.sql(
        "select severity_zh, state, department_zh, detail_zh, first_seen, year from marts.findings "
        "where subject = 'socioeconomics.废气排放总量 2019'"
    )
    ((severity, state, department, sentence, since, year),) = told
    assert (severity, state, department, year) == ("核实性", "new", "统计局", 2019)
    assert (
        "22744" in sentence and "22551" in sentence and "请核实" in sentence and since is not None
    )
    unowned = "select finding_id from marts.findings where department_zh is null"
    assert loaded.sql(unowned) == []


@pytest.mark.slow
def test_what_is_due_and_what_came(loaded: Eco) -> None:
    """What was due before the home had its first file is nobody's delay."""
    card = loaded.sql(
        "select due_on, on_time, days_late, acceptance_rate, open_findings "
        "from marts.department_scorecard where dataset = 'pollutant_emissions'"
    )
    assert card == [(None, None, None, 100, 4)], "2019 came; 2020 to today nobody was asked for"
    assert loaded.sql("select * from marts.department_scorecard where received_on is null") == []
    lost = loaded.sql(
        "select distinct dataset from marts.submissions where dataset not in "
        "(select dataset from marts.department_scorecard where received_on is not null)"
    )
    assert lost == []


@pytest.mark.whole_loads
@pytest.mark.slow
def test_findings_keep_their_identity_from_night_to_night(
    loaded: Eco, copy_after_second_night: Eco
) -> None:
    eco = copy_after_second_night
    first = {row[0]: row for row in loaded.sql(IDENTITY)}
    stamp = sorted(path.name for path in loaded.home.snapshots.iterdir())[-1]
    ids = {(row[1], row[2]): row[0] for row in first.values()}
    gas = ids["statistic_sum_differs", "socioeconomics.废气排放总量 2019"]
    pm25 = ids[second_night.EXPLAINED_RULE]
    growth = ids["statistic_change_differs", "socioeconomics.工业固体废物处置量比上年增长 2019"]
    # One is mended, one only changes its value, one is explained (as the clerk copies the number).
    states = {
        row[0]: row[1:]
        for row in eco.sql(
            "select finding_id, state, first_seen, mended_on, observed, explanation, explained_by "
            "from marts.findings"
        )
    }
    assert states.keys() >= first.keys()
    assert states[gas][0] == "mended" and states[gas][2] is not None
    assert states[growth][0] == "lasting" and states[growth][3] == "-30.0"
    assert states[pm25][0] == "lasting" and states[pm25][4:] == ("以终报为准", "ecology")
    for identity in first.keys() - {gas}:
        state, since, mended, *_ = states[identity]
        assert (state, since, mended) == ("lasting", first[identity][5], None)
    fresh = {identity for identity in states if states[identity][0] == "new"}
    subjects = {
        subject
        for identity, _, subject, *_ in eco.sql(IDENTITY)
        if identity in fresh and identity not in first and subject.startswith("socioeconomics.")
    }
    assert subjects == {
        "socioeconomics.value 2019 废气排放总量",
        "socioeconomics.value 2019 工业固体废物处置量比上年增长",
    }
    # What is explained is no longer asked for, in the checks; it stays in the list.
    asked = run_checks(eco.home.database, docs_dir=None, work_dir=eco.home.state / "asked")
    rows = {
        row["finding_id"]
        for result in asked.results
        if result.expectation_id == "value_revised"
        for row in result.failing_rows
    }
    assert rows and pm25 not in rows
    # A build as of the first publication says what that said, states and days included.
    snapshot = eco.home.snapshots / stamp / eco.home.database.name
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        then = connection.execute("select * from marts.findings order by all").fetchall()
    from warehouse.publication.manifest import stamp_time

    eco("nightly", "--as-of", stamp_time(stamp).isoformat())
    assert eco.sql("select * from marts.findings order by all") == then


def test_promoting_a_check_closes_the_gate_and_demoting_it_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are a line of the table with its reason and date, and nothing else."""
    database = tmp_path / "eco.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.findings as select 'f1' as finding_id, 'waste_balance' as rule, "
            "'工信局' as department_zh, '某厂' as subject, '90' as expected, '100' as observed, "
            "'不平衡' as detail_zh, date '2026-01-01' as first_seen, 'new' as state, "
            "'critical' as severity, '磅差' as explanation"
        )
    declared = RULES.read_text("utf-8")
    line = next(row for row in declared.splitlines() if row.startswith("waste_balance,"))
    promoted = line.replace(",verify,", ",critical,")

    def report(text: str, name: str):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        chosen = tuple(
            e for e in read_expectations(SUITES, path) if e.expectation_id == "waste_balance"
        )
        monkeypatch.setattr("expectations.checkpoint.load_expectations", lambda: chosen)
        return run_checks(database, docs_dir=None, work_dir=tmp_path / "work")

    closed = report(declared.replace(line, promoted), "promoted.csv")
    assert not closed.success
    assert closed.results[0].failing_rows[0]["finding_id"] == "f1", "no explanation opens the gate"
    opened = report(declared, "demoted.csv")
    assert opened.success and not opened.results[0].success
    without_reason = re.sub(r"^(waste_balance(?:,[^,]*){7}),[^,]*,", r"\1,,", line)
    with pytest.raises(ValueError, match="reason"):
        report(declared.replace(line, without_reason), "unreasoned.csv")
