"""A new dataset is a contract file and `make generate`, and nothing else.

Made-up ones, added to a copy of the project, are checked: coverage, revisions, totals, relations.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PARTS = ("sources", "warehouse", "dbt_project", "expectations", "orchestration", "tests", "docs")

HONEY = """\
# 蜂蜜生产
dataset: honey
title_zh: 蜂蜜生产
domain: agriculture
grain: one row per year, area and kind of bee
kind: statistic
departments_allowed: [agriculture]
cadence: annual
due_days_after_period: 60
fields:
  - {field: year, title_zh: 养蜂年份, type: year, key: true, required: true}
  - {field: area, title_zh: 养蜂区域, type: area, key: true, required: true}
  - {field: bee, title_zh: 蜂种, type: string, key: true, required: true}
  - {field: made, title_zh: 蜂蜜产量, type: float, unit: 吨}
  - {field: sold, title_zh: 蜂蜜销量, type: float, unit: 吨}
checks:
  relations:
    - {id: sold, rule: agriculture_part_exceeds_whole, holds: sold <= made}
"""
BIOGAS = """\
# 沼气工程
dataset: biogas
title_zh: 沼气工程
domain: energy
grain: one row per plant and month
kind: observation
departments_allowed: [energy]
cadence: monthly
due_days_after_period: 15
fields:
  - {field: plant, title_zh: 沼气工程名称, type: string, key: true, required: true}
  - {field: month, title_zh: 沼气月份, type: month, key: true, required: true}
  - {field: gas, title_zh: 产气量, type: float, unit: 万m³}
"""
SPRINGS = """\
# 泉水流量
dataset: springs
title_zh: 泉水流量
domain: water
grain: one row per spring and day of measurement
kind: observation
departments_allowed: [water_affairs]
cadence: quarterly
due_days_after_period: 15
fields:
  - {field: spring, title_zh: 泉名, type: string, key: true, required: true}
  - {field: measured_on, title_zh: 测流日期, type: date, key: true, required: true}
  - {field: flow, title_zh: 泉水流量, type: float, unit: m³}
"""
WELLS = """\
# 机井整改台账
dataset: well_items
title_zh: 机井整改台账
domain: water
grain: one row per item to be settled
kind: event
departments_allowed: [water_affairs]
cadence: event
due_days_after_period: 5
fields:
  - {field: item, title_zh: 机井事项编号, type: string, key: true, required: true}
  - {field: well, title_zh: 机井名称, type: string, required: true}
  - {field: found_on, title_zh: 机井问题发现日期, type: date, required: true}
  - {field: due_on, title_zh: 机井整改期限, type: date}
  - {field: closed_on, title_zh: 机井销号日期, type: date}
  - {field: yield_m3, title_zh: 机井出水量, type: float, unit: m³}
archetype: ledger
roles:
  kind: {constant: 机井整治}
  object: well
  opened: found_on
  deadline: due_on
  closed: closed_on
"""
# What was delivered, submission by submission: dataset and rows.
DELIVERED = [
    ("honey", [[2021, "全县", "中蜂", 10, 9], [2021, "全县", "意蜂", 5, 6]]),
    ("honey", [[2021, "凤城镇", "中蜂", 4, 4], [2021, "北留镇", "中蜂", 5, 5]]),
    ("honey", [[2021, "县城", "合计", 3, 1], [2021, "县城", "中蜂", 2, 1]]),
    ("honey", [[2023, "全县", "中蜂", 12, 9]]),
    ("honey", [[2023, "全县", "中蜂", 11, 9]]),
    ("biogas", [["甲站", "2022-01-01", 1], ["甲站", "2022-04-01", 1], ["乙站", "2022-01-01", 1]]),
    ("biogas", [["甲站", "2023-01-01", 1], ["甲站", "2022-12-01", 1]]),
    ("springs", [["马山泉", "2022-03-31", 1], ["马山泉", "2023-01-01", 1]]),
    (
        "well_items",
        [
            ["j1", "东井", "2026-11-01", "2026-11-23", None, 80],  # due yesterday
            ["j2", "西井", "2026-11-01", "2026-11-24", None, None],
            ["j3", "南井", "2026-11-01", "2026-11-10", "2026-11-10", None],
        ],
    ),
]
BUILD = """
import json, sys
from pathlib import Path
import duckdb
from sources.contracts import load_contracts
from tests.integration.test_formulas import Scratch
from warehouse import report
from warehouse.publication.manifest import BuildInfo, PublicationManifest
scratch = Scratch(Path(sys.argv[1]))
contracts = load_contracts()
for dataset, rows in json.loads(sys.argv[2]):
    names = [field.field for field in contracts[dataset].fields]
    scratch.submit(dataset, [dict(zip(names, row)) for row in rows])
with duckdb.connect(str(scratch.database)) as connection:
    connection.execute("update intake.submissions set department = 'agriculture'")
marts = ("+findings", "+ledger_items", "+alerts_daily")
scratch.build("--select", *marts)
found = "select rule, subject, expected, observed from marts.findings where dataset in "
named = "select subject_zh from marts.findings where rule = 'total_differs_from_parts'"
items = "select item_id, ledger, status, days_overdue, details_zh from marts.ledger_items where "
manifest = PublicationManifest("", "2026-11-24T18:00:00+00:00", "1.0.0", BuildInfo())
page = Path(sys.argv[1]) / "ledgers.html"
report.write(scratch.database, page.parent, manifest, report.Surroundings({}), only=["ledgers"])
tables = json.loads(page.read_text("utf-8").partition('id="data">')[2].partition("</script>")[0])
alerts = "select kind, object, cast(day as varchar) from marts.alerts_daily where is_alert and "
print(
    json.dumps(
        {
            "findings": scratch.sql(found + "('honey', 'biogas', 'springs', 'well_items')"),
            "named": scratch.sql(named),
            "items": scratch.sql(items + "dataset = 'well_items' order by 1"),
            "section": {
                name: dict(zip(table["columns"], table["cells"]))
                for name, table in tables["tables"].items()
            },
            "alerts": scratch.sql(alerts + "dataset = 'well_items' and kind <> 'overdue'"),
        }
    )
)
"""
TEMPLATES = """
from sources.contracts import load_contracts
from sources.receipts.templates import templates
print(*(name for name, _ in templates("water_affairs", load_contracts())))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, parsed by dbt as it is."""
    copy = tmp_path_factory.mktemp("copy") / "project"
    for part in PARTS:
        skip = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(PROJECT / part, copy / part, ignore=skip)
    run(copy, "from orchestration.dbt_build.runner import manifest_path; manifest_path()")
    return copy


def run(project: Path, code: str, *arguments: str) -> str:
    """Run Python in a copy of the project; return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_a_new_contract_is_checked_and_nothing_else_changes(project: Path, tmp_path: Path) -> None:
    for text in (HONEY, BIOGAS, SPRINGS, WELLS):
        name = text.split("dataset: ")[1].split()[0]
        path = project / "sources/contracts/datasets" / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
    generate = "from orchestration.project.generate import write; print(*write(), sep='\\n')"
    assert set(run(project, generate).split()) == {
        "dbt_project/models/sources/lake.yml",
        "dbt_project/macros/archetype_declarations.sql",
        "dbt_project/macros/datasets_by_check.sql",
        "dbt_project/seeds/contracts/contract_datasets.csv",
        "dbt_project/seeds/contracts/contract_fields.csv",
        *(f"dbt_project/models/staging/stg_honey.{kind}" for kind in ("sql", "yml")),
        *(f"dbt_project/models/staging/stg_biogas.{kind}" for kind in ("sql", "yml")),
        *(f"dbt_project/models/staging/stg_springs.{kind}" for kind in ("sql", "yml")),
        *(f"dbt_project/models/staging/stg_well_items.{kind}" for kind in ("sql", "yml")),
        "docs/names.md",
    }
    assert "机井整改台账" in run(project, TEMPLATES)
    built = json.loads(run(project, BUILD, str(tmp_path), json.dumps(DELIVERED)))
    assert built["items"] == [
        ["j1", "机井整治", "overdue", 1, "机井出水量：80.0"],
        ["j2", "机井整治", "due_soon", 0, None],
        ["j3", "机井整治", "closed", 0, None],
    ]
    section = built["section"]
    assert section["ledgers"]["ledger"] == ["机井整治"]
    assert section["ledgers"]["逾期未完成"] == [1]
    assert section["items"]["object"] == ["东井", "西井", "南井"], "the overdue one first"
    assert built["alerts"] == [["ledger_overdue", "东井", "2026-11-24"]]
    assert built["named"] == [["蜂蜜生产·蜂蜜产量 2021 县城"]]
    found = {(rule, subject): tuple(values) for rule, subject, *values in built["findings"]}
    missing = found.pop(("missing_townships", "honey 2021"))[1]
    assert missing.count(";") == 12 and "凤城镇" not in missing, "13 of the 15"
    assert found == {
        ("missing_periods", "honey 2022 全县 中蜂"): ("逐期连续", "2022缺报"),
        ("missing_periods", "biogas 2022-02 甲站"): ("逐期连续", "2022-02至2022-03缺报"),
        ("missing_periods", "biogas 2022-05 甲站"): ("逐期连续", "2022-05至2022-11缺报"),
        ("missing_periods", "springs 2022Q2 马山泉"): ("逐期连续", "2022Q2至2022Q4缺报"),
        ("coverage_shrinks", "biogas 2023"): ("2个", "1个"),
        ("value_revised", "honey.made 2023 全县 中蜂"): ("12.0", "11.0"),
        ("county_differs_from_townships", "honey.made 2021 中蜂"): ("9.0", "10.0"),
        ("total_differs_from_parts", "honey.made 2021 县城"): ("2.0", "3.0"),
        ("agriculture_part_exceeds_whole", "honey.sold 2021 全县 意蜂"): ("≤ 5.0", "6.0"),
    }
