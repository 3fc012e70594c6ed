"""A region over small published files made by hand: marts, roll-ups, marks, the page."""

from pathlib import Path

import duckdb
import pytest

from tests.made_up_region import make_region, publish_county, row
from warehouse.home.layout import Home
from warehouse.region import layer, members, page
from warehouse.region.members import Load, RegionError, concluded


@pytest.fixture
def region(tmp_path: Path) -> members.Region:
    return make_region(tmp_path)


def query(region: members.Region, sql: str) -> list[tuple]:
    with duckdb.connect(str(region.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_region_keeps_its_counties(region: members.Region) -> None:
    again = members.at(region.root)
    assert again == region
    assert (again.members[0].code, again.members[0].home) == ("140521", "east")
    assert Path(again.members[1].home).is_absolute()
    renamed = members.add(again, again.home_of(again.members[0]), "140521", "东城县")
    assert [m.name_zh for m in renamed.members] == ["东城县", "西县"]


def test_mistakes_with_counties_are_named(region: members.Region, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    with pytest.raises(RegionError, match="other signs than letters"):
        members.add(region, other, "14 05", "北县")
    with pytest.raises(RegionError, match="140521 is called '东县' already"):
        members.add(region, other, "140523", "东县")
    with pytest.raises(RegionError, match="is the home of 140521 东县 already"):
        members.add(region, region.home_of(region.members[0]), "140523", "北县")
    with pytest.raises(RegionError, match="is no region"):
        members.at(tmp_path / "nowhere")
    with pytest.raises(RegionError, match="the data home of a county"):
        members.create(region.root / "east", "晋城市")


def test_each_mart_has_the_county_first(region: members.Region) -> None:
    layer.publish(region)
    found = query(region, "from marts.indicator_annual order by all")
    assert found == [
        ("140521", "A01", "森林覆盖率", "%", 2023, 38.0, "behind", None),
        ("140522", "A01", "森林覆盖率", "%", 2023, 55.0, "attained", "x"),
    ]
    assert query(region, "from marts.old") == [("140521", 1)]
    chinese = 'select "县区", "最新值" from bi.指标进展 where "指标名称" = \'只在西县\''
    assert query(region, chinese) == [("西县", 7.0)]
    comment = "select comment from duckdb_tables() where table_name = 'indicator_progress'"
    assert query(region, comment) == [("where it stands",)]


def test_roll_ups(region: members.Region) -> None:
    layer.publish(region)
    found = query(
        region,
        "select indicator_id, counties, counties_measured, value_sum, value_mean, value_worst, "
        "worst_county_code, counties_judged, counties_attained, attained_share "
        "from region.indicators order by indicator_id",
    )
    assert found == [
        # Shares have no sum; the lower of two is worse where more is better.
        ("A01", 2, 2, None, 50.0, 40.0, "140521", 2, 1, 50.0),
        ("A02", 2, 2, 120.5, 60.25, 20.0, "140522", 2, 2, 100.0),
        ("A03", 2, 1, None, 31.0, 31.0, "140521", 1, 0, 0.0),
        ("A04", 1, 1, None, 7.0, 7.0, "140522", 0, 0, None),
    ]
    years = query(
        region,
        "select year, value_mean, value_worst, worst_county_code, attained_share "
        "from region.indicator_years",
    )
    assert years == [(2023, 46.5, 38.0, "140521", 50.0)]


def test_a_worst_value_that_several_have_is_nobodys(region: members.Region) -> None:
    stamp = "20261127T180000000000Z"
    publish_county(region.root / "east", stamp, row("A01", 60.0, "attained"))
    made = layer.publish(region)
    found = query(
        region,
        "select value_worst, counties_worst, worst_county_code from region.indicators "
        "where indicator_id = 'A01'",
    )
    assert found == [(60.0, 2, None)]
    assert "60<br>" not in page.write(region, made).read_text(encoding="utf-8")


def test_indicators_that_plans_name_differently_are_not_mixed(region: members.Region) -> None:
    publish_county(
        region.root / "east", "20261127T180000000000Z", row("A01", 3.0, "attained", unit="项")
    )
    layer.publish(region)
    found = query(region, "select unit, counties from region.indicators where indicator_id = 'A01'")
    assert sorted(found) == [("%", 1), ("项", 1)]


def test_a_county_that_was_refused_is_marked(region: members.Region) -> None:
    refused = Load(result="refused", problems=("a check failed",))
    first = concluded(None, refused, "2026-11-27T02:00:00+00:00")
    later = concluded(first, refused, "2026-11-28T02:00:00+00:00")
    assert later.since == "2026-11-27T02:00:00+00:00"
    assert concluded(later, Load(result="unchanged"), "2026-11-29T02:00:00+00:00").since is None
    region.record_loads({"140521": later, "140522": Load(result="published")})
    assert region.loads()["140521"] == later
    made = layer.publish(region)
    found = query(
        region,
        "select county_code, state, state_zh, is_kept, cast(kept_since as varchar), stamp "
        "from region.counties order by county_code",
    )
    assert found == [
        ("140521", "refused", "检查未通过，沿用上次发布", True, "2026-11-27 02:00:00",
         "20261126T180000000000Z"),
        ("140522", "current", "已是最新", False, None, "20261126T190000000000Z"),
    ]  # fmt: skip
    assert query(region, "select count(*) from marts.indicator_progress") == [(7,)]
    text = page.write(region, made).read_text(encoding="utf-8")
    assert "东县</strong>：自 2026-11-27 10:00 起检查未通过，沿用上次发布" in text
    assert "本页是 2026-11-27 02:00 的数据" in text


def test_the_layer_is_made_anew_when_something_changed(region: members.Region) -> None:
    first = layer.publish(region)
    assert first.is_new
    before = region.database.stat().st_ino
    again = layer.publish(region)
    assert not again.is_new and again.built_at == first.built_at
    assert region.database.stat().st_ino == before
    region.record_loads({code: Load(result="published") for code in ("140521", "140522")})
    assert layer.publish(region).is_new, "they have been loaded"
    region.record_loads({code: Load(result="unchanged") for code in ("140521", "140522")})
    assert not layer.publish(region).is_new
    region.record_loads({"140521": Load(result="failed", since="2026-11-27T02:00:00+00:00")})
    assert layer.publish(region).is_new
    region.database.write_bytes(b"damaged")
    assert layer.publish(region).is_new


def test_a_county_whose_file_cannot_be_read_keeps_its_rows(region: members.Region) -> None:
    layer.publish(region)
    before = query(region, "from marts.indicator_progress order by all")
    east = region.home_of(region.members[0])
    east.database.rename(east.root / "away")
    region.record_loads({"140521": Load(result="failed", since="2026-11-27T02:00:00+00:00")})
    made = layer.publish(region)
    assert made.is_new
    assert query(region, "from marts.indicator_progress order by all") == before
    assert query(region, "from marts.old") == [("140521", 1)]
    found = "select stamp, cast(published_at as varchar), is_kept from region.counties limit 1"
    assert query(region, found) == [("20261126T180000000000Z", "2026-11-26 18:00:00", True)]
    assert "本页是 2026-11-27 02:00 的数据" in page.write(region, made).read_text(encoding="utf-8")
    assert not layer.publish(region).is_new
    (east.root / "away").rename(east.database)
    region.record_loads({"140521": Load(result="unchanged")})
    assert layer.publish(region).is_new
    assert query(region, "from marts.indicator_progress order by all") == before


def test_a_county_without_a_publication(region: members.Region, tmp_path: Path) -> None:
    empty = Home.at(tmp_path / "empty")
    empty.create(())
    region = members.add(region, empty, "140523", "<北>县")
    region.record_loads({"140523": Load(result="failed", since="2026-11-27T02:00:00+00:00")})
    text = page.write(region, layer.publish(region)).read_text(encoding="utf-8")
    assert "&lt;北&gt;县</strong>：自 2026-11-27 10:00 起装载失败，尚未发布。" in text
    assert query(region, "select county_code from region.counties where stamp is null") == [
        ("140523",)
    ]
    alone = members.create(tmp_path / "another", "甲市")
    alone = members.add(alone, empty, "1", "乙县")
    with pytest.raises(RegionError, match="has a published file that can be read"):
        layer.publish(alone)


def test_the_page(region: members.Region) -> None:
    publish_county(
        region.root / "east",
        "20261127T180000000000Z",
        row("A01", 0.004, "behind"),
        label="演示数据",
    )
    path = page.write(region, layer.publish(region))
    text = path.read_text(encoding="utf-8")
    assert "晋城市县区对比" in text and "演示数据" in text
    assert "<title>【演示数据】县区对比" in text
    for address in (line.split('"')[0] for line in text.split('href="')[1:]):
        assert address.startswith(("data:", "#")) or (path.parent / address).exists()
    assert "http" not in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (float("nan"), ""), (0.0, "0"), (-0.001, "0"), (1234.5, "1,234.5"), (2.0, "2")],
)
def test_numbers_of_the_page(value: float | None, text: str) -> None:
    assert page.number_zh(value) == text
