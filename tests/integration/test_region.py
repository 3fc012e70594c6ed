"""A region of two counties from the command line: loads, own plan, a refused load, the file."""

import json
import shutil
from pathlib import Path

import pytest

from tests import made_up_plan
from tests.conftest import Eco
from tests.region_rows import differences
from warehouse.home.settings import DevelopmentSettings
from warehouse.lake.index import submissions
from warehouse.region import members

pytestmark = [
    pytest.mark.slow,
    pytest.mark.whole_loads,
    pytest.mark.skipif(
        not DevelopmentSettings.load().demonstration,
        reason="set ECO_DEMONSTRATION=1 to load a region of two counties (two minutes)",
    ),
]


def nightly(eco: Eco, exit_code: int = 0) -> dict:
    return json.loads(eco("region", "nightly", "--json", exit_code=exit_code).stdout)


def by_code(done: dict, key: str) -> dict[str, str]:
    return {county["code"]: county[key] for county in done["counties"]}


def test_two_counties(loaded: Eco, tmp_path: Path) -> None:
    eco = Eco(tmp_path / "region")
    root = eco.home.root
    east, west = Eco(root / "yangcheng"), Eco(root / "yunxi")
    for county in (east, west):
        shutil.copytree(loaded.home.root, county.home.root)
    made_up_plan.write(west.home.plan)
    eco("region", "init", "--name", "晋城市")
    eco("region", "add", str(east.home.root), "--code", "140522")
    eco("region", "add", str(west.home.root), "--code", "140599")
    region = members.at(root)
    assert [member.name_zh for member in region.members] == ["阳城县", made_up_plan.COUNTY]

    west.drop("forestry", "覆盖率.csv", f"年份,区域,森林覆盖率\n2023,{made_up_plan.COUNTY},49.9\n")
    # The new plan is a reason to build; the other county's publication stands.
    stamp = east.sql("select stamp from meta.publication")
    done = nightly(eco)
    assert by_code(done, "result") == {"140522": "unchanged", "140599": "published"}
    assert done["layer"] == "published"
    assert east.sql("select stamp from meta.publication") == stamp
    assert differences(region) == []
    _has_its_own_plan(west, loaded)
    assert eco.sql(
        "select county_code, baseline_2020, target_2025 from marts.indicator_progress "
        f"where indicator_id = '{made_up_plan.INDICATOR}' order by county_code"
    ) == [("140522", None, 95.0), ("140599", made_up_plan.BASELINE, made_up_plan.TARGET)]
    page = (root / "published/report/index.html").read_text(encoding="utf-8")
    assert "晋城市县区对比" in page and made_up_plan.COUNTY in page

    # A county whose load is refused keeps its last publication, marked; nothing is made anew.
    stamps = by_code(done, "stamp")
    missing = next(s for s in submissions(west.home) if s.files).files[0].path
    (west.home.root / missing).unlink()
    done = nightly(eco, exit_code=2)
    assert by_code(done, "result") == {"140522": "unchanged", "140599": "refused"}
    assert by_code(done, "stamp") == stamps
    assert eco.sql("select county_code from region.counties where is_kept") == [("140599",)]
    assert differences(region) == []
    status = eco("region", "status", exit_code=2).stdout
    assert "140599 云溪县: refused since" in status
    assert missing in status


def _has_its_own_plan(county: Eco, product: Eco) -> None:
    """Check that the county is judged by its plan, and that its pages have its names."""
    query = "select department, name_zh from marts.dim_department"
    names, ours = dict(county.sql(query)), dict(product.sql(query))
    assert names == ours | made_up_plan.DEPARTMENTS
    townships = county.sql("select area from marts.dim_area where kind = 'township' order by area")
    assert [name for (name,) in townships] == sorted(made_up_plan.TOWNSHIPS)
    report = (county.home.report / "index.html").read_text(encoding="utf-8")
    assert f"{made_up_plan.COUNTY}生态文明指标" in report and "阳城县生态文明" not in report
    package = json.loads((county.home.open_data / "datapackage.json").read_text(encoding="utf-8"))
    assert package["name"] == "yunxi-eco-indicators"
    assert package["title"] == f"{made_up_plan.COUNTY}生态文明指标数据"
    manual = (county.home.department("ecology") / "填报说明.html").read_text(encoding="utf-8")
    assert made_up_plan.DEPARTMENTS["ecology"] in manual
    [receipt] = county.home.receipts("forestry").glob("*覆盖率.csv*.txt")
    text = receipt.read_text(encoding="utf-8")
    assert text.startswith("数据回执") and made_up_plan.DEPARTMENTS["forestry"] in text
    assert county.sql(
        "select rows_accepted from marts.submissions where file_name = '覆盖率.csv'"
    ) == [(1,)]
