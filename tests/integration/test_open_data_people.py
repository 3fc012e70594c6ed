"""Open data for people and programs without SQL: comments, workbook, files per indicator, feed."""

import csv
import io
import json
import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.release.service import declared_marts
from sources.contracts import load_contracts
from tests.conftest import Eco
from warehouse import report
from warehouse.output import open_data
from warehouse.output.workbook import NAME
from warehouse.publication.current import current_manifest, releases
from warehouse.publication.marts import Mart
from warehouse.publication.titles import read_titles

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published open data, carried away."""
    target = tmp_path_factory.mktemp("people") / "data"
    shutil.copytree(loaded.home.open_data, target)
    return target


def test_every_table_and_column_says_what_it_is_and_its_unit(loaded: Eco) -> None:
    bare = loaded.sql(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name in ('marts', 'bi') and coalesce(comment, '') = '' union all "
        "select schema_name, table_name, '' from duckdb_tables() "
        "where schema_name = 'marts' and coalesce(comment, '') = '' union all "
        "select schema_name, view_name, '' from duckdb_views() "
        "where schema_name = 'bi' and coalesce(comment, '') = ''"
    )
    assert bare == []
    comments = dict(
        loaded.sql(
            "select table_name || '.' || column_name, comment from duckdb_columns() "
            "where schema_name in ('marts', 'bi')"
        )
    )
    marts = declared_marts()
    for mart in marts.values():
        for column in mart.columns.values():
            if column.unit_zh:
                assert column.unit_zh in comments[f"{mart.name}.{column.name}"]
                assert column.unit_zh in comments[f"{mart.title_zh}.{column.title_zh}"]
    assert "空气质量日报.PM2.5（μg/m³）" in comments
    # dbt composes the titles of the views, publication those of everything else.
    for name, titles in read_titles(loaded.home.database).items():
        composed = {c.name: c.title_zh for c in marts[name].columns.values()}
        assert dict(titles.columns_zh) == composed, name


def test_counts_do_not_mix_indicators_and_text_targets(loaded: Eco) -> None:
    assert loaded.sql(
        "select kind_zh, count(*) from marts.dim_indicator group by all order by 2"
    ) == [("规划指标", 47), ("文本目标", 66)]
    pairs = loaded.sql(
        "select count(distinct d.pair_id) from marts.dim_indicator as d "
        "join marts.dim_indicator as t on t.indicator_id = d.twin_id "
        "where d.kind = 'indicator' and t.kind = 'indicator' and d.quantity = t.quantity"
    )
    assert pairs == [(12,)]
    unexplained = loaded.sql(
        "select indicator_id from marts.dim_indicator "
        "where not is_twin_status_same and twin_difference_zh is null"
    )
    assert unexplained == []


def test_a_year_has_baseline_value_milestone_and_target_in_one_row(loaded: Eco) -> None:
    rows = loaded.sql(
        "select year, cast(period_start as varchar), starting_value, milestone_value, "
        "target_in_force from marts.indicator_annual where indicator_id = 'B02' order by year"
    )
    assert [row[0] for row in rows] == [2020, 2021, 2022, 2023, 2024, 2025]
    assert rows[0] == (2020, "2020-01-01", 46.63, 46.63, 47)
    assert rows[-1][3:] == (47, 47)


def test_an_attained_indicator_has_progress_of_100_at_least(loaded: Eco) -> None:
    wrong = loaded.sql(
        "select indicator_id, progress_pct from marts.indicator_progress "
        "where status = 'attained' and round(progress_pct, 6) < 100"
    )
    assert wrong == []


def test_metrics_are_the_figures_of_their_marts(loaded: Eco, folder: Path) -> None:
    content = json.loads((folder / "metrics.json").read_text("utf-8"))
    figures = {each["name"]: each["value"] for each in content["metrics"]}
    [(attained, judged)] = loaded.sql(
        "select count(*) filter (where status_zh = '已达标'), count(latest_value) "
        "filter (where target_in_force is not null) from marts.indicator_progress "
        "where regexp_matches(indicator_id, '^[AB]')"
    )
    assert figures["attained_indicators"] == attained
    assert figures["judged_indicators"] == judged
    assert figures["attained_share"] == pytest.approx(100 * attained / judged)
    assert figures["submissions"] == loaded.sql("select count(*) from marts.submissions")[0][0]
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    declared = {m["name"] for r in package["resources"] for m in r.get("metrics", ())}
    assert declared == figures.keys()


def test_the_workbook_has_the_indicators_as_they_are_published(loaded: Eco, folder: Path) -> None:
    book = openpyxl.load_workbook(folder / f"{NAME}.xlsx")
    assert book.sheetnames == ["指标状态", "历年数值", "文本目标", "问题清单", "说明"]
    sheet = book["指标状态"]
    header = [cell.value for cell in sheet[3]]
    assert header[0] == "指标编号" and "完成进度（%）" in header
    rows = [dict(zip(header, row, strict=True)) for row in sheet.iter_rows(4, values_only=True)]
    assert len(rows) == 47
    published = loaded.sql(
        "select indicator_id, latest_value, status_zh, baseline_2020_raw "
        "from marts.indicator_progress where kind = 'indicator' order by plan, seq"
    )
    for row, (identity, value, status_zh, printed) in zip(rows, published, strict=True):
        assert row["指标编号"] == identity and row["状态"] == status_zh
        assert row["2020年基准值原文"] == printed
        # A cell holds 16 digits.
        assert row["最新值"] == (value if value is None else pytest.approx(value, rel=1e-15))
    # A text stays one: 12.2% as printed is no 0.122.
    first = sheet.cell(4, header.index("2020年基准值原文") + 1)
    assert (first.value, first.data_type) == ("12.2%", "s")
    status = sheet.cell(4, header.index("状态") + 1)
    assert status.fill.fgColor.rgb not in ("00000000", "FFFFFFFF")
    for page in book:
        # As many pages as it takes, each as wide as the sheet: without a number the width is one.
        assert page.page_setup.orientation == "landscape" and page.page_setup.fitToHeight == 0
        assert page.page_setup.fitToWidth in (None, 1)
        assert page.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.auto_filter.ref.startswith("A3:")
    assert not any(cell.data_type == "f" for page in book for row in page for cell in row)


def test_the_table_beside_it_has_chinese_headers(folder: Path) -> None:
    text = (folder / f"{NAME}.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 47 + 66
    assert {"指标编号", "指标名称", "2020年", "状态"} <= rows[0].keys()


def test_each_indicator_has_a_file_for_people_and_one_for_programs(
    loaded: Eco, folder: Path
) -> None:
    index = json.loads((folder / "indicators" / "index.json").read_text("utf-8"))
    listed = [each["indicator_id"] for each in index["indicators"]]
    assert len(listed) == 47 + 66
    for identity in listed:
        content = json.loads((folder / "indicators" / f"{identity}.json").read_text("utf-8"))
        assert content["definition_zh"] and content["formula"] and content["datasets"]
        assert content["publication"]["licenses"] and content["publication"]["stamp"]
        assert [each["year"] for each in content["annual"]] == list(range(2020, 2026))
        text = (folder / "indicators" / f"{identity}.csv").read_text("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        values = {(int(r["年份"]), r["区域"], float(r["数值"])) for r in rows if r["数值"]}
        assert values == {(v["year"], v["area"], v["value"]) for v in content["values"]}
    forest = json.loads((folder / "indicators" / "B02.json").read_text("utf-8"))
    assert forest["twin"]["id"] == "A20" and "目标不同" in forest["twin"]["difference_zh"]
    [(value,)] = loaded.sql(
        "select latest_value from marts.indicator_progress where indicator_id = 'B02'"
    )
    assert forest["standing"]["latest_value"] == value


def test_all_files_are_in_the_archive(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    with zipfile.ZipFile(folder / f"{package['name']}.zip") as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
    assert names == {r["path"] for r in package["resources"]} | {"datapackage.json"}
    assert len({r["name"] for r in package["resources"]}) == len(package["resources"])


def test_the_feed_has_the_publication(loaded: Eco) -> None:
    root = ET.parse(loaded.home.published / "feed.xml").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    assert len(root.findall(f"{atom}entry")) == len(releases(loaded.home))
    assert root.findtext(f"{atom}author/{atom}name") == "阳城县人民政府"


def test_what_is_not_public_is_in_no_file(folder: Path) -> None:
    """Marts and columns marked so in the dbt project."""
    marts = declared_marts()
    hidden = {m.name for m in marts.values() if not m.is_public}
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        name = Path(resource["path"]).stem
        assert name not in hidden
        for field in resource.get("schema", {}).get("fields", ()):
            assert marts[name].columns[field["name"]].is_public
        for key in resource.get("schema", {}).get("foreignKeys", ()):
            assert key["reference"]["resource"].replace("-", "_") not in hidden


PERSON, SOURCE = "不公开甲", "不公开乙"
# Rows that leave the file for nobody: of a dataset that is not public, and those beside it.
PRIVATE_ROWS = {
    "register_entries": {"register": "radiation_sources"},
    "ledger_items": {"dataset": "radiation_sources"},
    "findings": {"dataset": "radiation_sources", "state": "new"},
    "alerts_daily": {"dataset": "radiation_sources", "day": "2026-11-20", "is_alert": "true"},
    "visit_coverage": {"object_kind": "放射源"},
    "scores": {"subject_kind": "河长", "year": "2025"},
    "reading_periods": {"network": "放射源"},
    "exceedances": {"network": "放射源", "day": "2026-11-20"},
    "alerts_weekly": {"worst_zh": "核技术利用核查：从未检查", "period_start": "2026-11-16"},
    "alerts_monthly": {"worst_zh": "放射源：无有效数据", "period_start": "2026-11-01"},
}


def _fill(database: Path, marts: dict[str, Mart]) -> None:
    """Write the names into every private column and into rows that are private as a whole."""
    with duckdb.connect(str(database)) as connection:
        for mart in marts.values():
            for column in mart.columns.values():
                if not column.is_public:
                    connection.execute(
                        f"insert into marts.{mart.name} ({column.name}) values (?)", [PERSON]
                    )
                    connection.execute(f"update marts.{mart.name} set {column.name} = ?", [PERSON])
        for name, given in PRIVATE_ROWS.items():
            texts = {
                c.name: SOURCE for c in marts[name].columns.values() if c.data_type == "string"
            }
            row = {**texts, **given}
            connection.execute(
                f"insert into marts.{name} ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                list(row.values()),
            )


def _contents(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what a folder holds as text: members of archives, rows of Parquet, cells of books."""
    for file in sorted(path.rglob("*")):
        if file.suffix == ".parquet":
            yield file.name, str(duckdb.execute("from read_parquet(?)", [str(file)]).fetchall())
        elif file.suffix in (".zip", ".xlsx"):
            with zipfile.ZipFile(file) as archive:
                for member in archive.namelist():
                    if not member.endswith((".parquet", ".xlsx")):
                        yield (
                            f"{file.name}/{member}",
                            archive.read(member).decode("utf-8", "replace"),
                        )
        elif file.is_file() and file.suffix != ".duckdb":
            yield file.name, file.read_text("utf-8")


def test_no_person_and_no_radiation_source_is_in_any_output(loaded: Eco, tmp_path: Path) -> None:
    """Report, editions, open data (Excel, SDMX, files per indicator among them).

    The copy in PostgreSQL and the dashboards are made of the same columns and rows.
    """
    marts, contracts = declared_marts(), load_contracts()
    manifest = current_manifest(loaded.home)
    assert manifest is not None
    database = tmp_path / "eco.duckdb"
    shutil.copyfile(loaded.home.database, database)
    _fill(database, marts)
    out = tmp_path / "out"
    surroundings = report.Surroundings(marts, contracts)
    report.write(database, out / "report", manifest, surroundings)
    day = {"label": "2026-11-20", "first": date(2026, 11, 20), "last": date(2026, 11, 20)}
    report.write_edition(database, out / "daily.html", manifest, marts, page="daily", **day)
    open_data.write(database, out / "open", manifest=manifest, marts=marts, contracts=contracts)
    found = {
        (word, name) for name, text in _contents(out) for word in (PERSON, SOURCE) if word in text
    }
    assert found == set()
