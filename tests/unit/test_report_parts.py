"""Parts of the report that need no browser: declared pages, names, boundaries, what is public."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sources.contracts import load_contracts
from warehouse.publication.marts import Column, Mart
from warehouse.report import assets, boundaries, content, pages
from warehouse.report.registry import Page
from warehouse.report.registry import pages as declared
from warehouse.report.synonyms import synonyms

AREAS = load_contracts().areas


def _geojson(path: Path, *features: tuple[str, list[list[float]]]) -> Path:
    made = [
        {
            "type": "Feature",
            "properties": {"code": 7, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for name, ring in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
    return path


SQUARE = [[112.0, 35.0], [112.2, 35.0], [112.2, 35.2], [112.0, 35.2], [112.0, 35.0]]


@pytest.mark.parametrize("page", declared().values(), ids=lambda page: page.name)
def test_a_declared_page_has_all_that_it_names(page: Page) -> None:
    """Template, scripts and queries exist; its lists name queries, columns that are shown once."""
    assert (pages.TEMPLATES / f"{page.template}.html.j2").exists()
    assert not [s for s in page.scripts if not (assets.STATIC / f"{s}.js").exists()]
    queries = content.queries_of(page)
    for each in page.lists:
        assert each.query in queries or page.name == pages.EDITIONS_PAGE
        assert len(set(each.columns)) == len(each.columns)


def test_no_query_belongs_to_no_page() -> None:
    folders = {name for page in declared().values() for name in (page.name, *page.with_)}
    assert {path.name for path in content.QUERIES.iterdir()} <= folders


def test_names_of_one_quantity() -> None:
    """PM2.5 and 细颗粒物 are one; no name of a single character, none of a column not public."""
    groups = synonyms(load_contracts())
    assert [set(g) >= {"PM2.5", "细颗粒物"} for g in groups].count(True) == 1
    assert min(len(name) for group in groups for name in group) > 1


def test_private_columns_and_rows_cannot_be_queried(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "eco.duckdb")) as connection:
        connection.execute("create schema marts")
        for name in ("works", "people"):
            connection.execute(
                f"create table marts.{name} as select * from (values (1, '甲', true), "
                "(2, '乙', false)) as t(id, person, is_open)"
            )
    columns = {"person": Column("person", "人", "", "string", is_public=False)}
    works = Mart("works", "工程", "", columns, public_rows="is_open")
    marts = {"works": works, "people": replace(works, name="people", is_public=False)}
    with content.Content(tmp_path / "eco.duckdb", date(2026, 1, 1), marts) as made:
        table = made._table("select * from marts.works")
        assert table is not None
        assert (table["columns"], table["rows"]) == (["id", "is_open"], [[1, True]])
        assert made._table("from marts.people") is None
        with pytest.raises(duckdb.BinderException):
            made._table("select person from marts.works")


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([1, 2, 3], [1, 2, 3]),
        (
            ["甲", "乙", "甲", "甲", None, None],
            {"values": ["甲", "乙", None], "at": [0, 1, 0, 0, 2, 2]},
        ),
        ([1, True, 1, True], {"values": [1, True], "at": [0, 1, 0, 1]}),
        ([], []),
    ],
)
def test_what_recurs_in_a_column_is_written_once(values: list, written: list | dict) -> None:
    rows = [[value] for value in values]
    table = content.packed({"columns": ["a"], "rows": rows})
    assert table["rows"] == len(values)
    assert table["cells"] == ([written] if values else [])
    if isinstance(written, dict):
        assert [type(written["values"][i]) for i in written["at"]] == [type(v) for v in values]


def test_a_list_has_no_more_rows_than_it_may(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "eco.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.works as select range as id from range(5)")
    with content.Content(tmp_path / "eco.duckdb", date(2026, 1, 1), {}) as made:
        cut = made._table("select * from marts.works order by id", 3)
        whole = made._table("select * from marts.works")
    assert cut and (cut["rows"], cut["total"]) == ([[0], [1], [2]], 5)
    assert whole and len(whole["rows"]) == whole["total"] == 5


def test_assets_are_named_by_their_content(tmp_path: Path) -> None:
    """Pages share them; those of an older version go when all pages are written."""
    style = assets.joined("report", ("styles/base.css", "styles/parts.css"))
    assert style.file.startswith("assets/report-") and style.file.endswith(".css")
    assert style.file != assets.joined("report", ("styles/base.css",)).file
    older = assets.Asset("assets/report-000000000000.css", "")
    assets.write_assets(tmp_path, [older, style])
    assert (tmp_path / style.file).read_text("utf-8") == style.content
    assets.remove_other_assets(tmp_path, [style])
    assert [path.name for path in (tmp_path / "assets").iterdir()] == [Path(style.file).name]


def test_outlines_are_placed_on_the_map(tmp_path: Path) -> None:
    """Width is fixed, north is up, a name without its 镇 is known, longitude is shortened."""
    east = [[x + 0.2, y] for x, y in SQUARE]
    path = _geojson(tmp_path / "t.geojson", ("凤城", SQUARE), ("北留镇", east), ("别处", east))
    drawn = boundaries.read_boundaries(path, AREAS)
    assert [each.area for each in drawn.areas] == ["凤城镇", "北留镇"]
    assert drawn.width == 800
    assert drawn.height == pytest.approx(800 * 0.2 / (0.4 * 0.8181), abs=1.5)  # cos(35.1°)
    west, east_outline = drawn.areas
    assert (west.x, east_outline.x) == (200.0, 600.0)
    assert west.path.startswith("M0.0 488")
    assert "没有边界的乡镇：润城镇" in drawn.note_zh
    assert "没有对应乡镇的图形：第3个图形" in drawn.note_zh


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "不是有效的JSON"),
        ("[]", "不是GeoJSON图形集"),
        ('{"type": "FeatureCollection", "features": []}', "没有一个图形的属性写有乡镇名称"),
        (
            '{"features": [{"properties": {"n": "凤城镇"}, "geometry": {"type": "Point"}}]}',
            "第1个图形不是面",
        ),
        (
            '{"features": [{"properties": {"n": "凤城镇"}, "geometry": '
            '{"type": "Polygon", "coordinates": [[["x", 1], [1, 2], [2, 3], [1, 1]]]}}]}',
            "第1个图形的坐标无法读取",
        ),
        (
            '{"features": [{"properties": {"n": "凤城镇"}, "geometry": {"type": "Polygon", '
            '"coordinates": [[[512345, 3912345], [512346, 3912345], [51234, 391], [1, 1]]]}}]}',
            "第1个图形的坐标不是经纬度",
        ),
    ],
)
def test_a_boundary_file_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "t.geojson"
    path.write_text(text, "utf-8")
    with pytest.raises(boundaries.BoundaryError, match=reason):
        boundaries.read_boundaries(path, AREAS)
