"""A region of two counties whose published files are made by hand, with a few rows."""

import json
from pathlib import Path

import duckdb

from warehouse.home.layout import Home
from warehouse.publication.manifest import BuildInfo, PublicationManifest
from warehouse.region import members

_ALL = "indicator_id, kind, kind_zh, name_zh, unit, direction, latest_year, latest_value, "
_ALL += "target_in_force, status, status_zh"


def publish_county(
    root: Path, stamp: str, indicators: str, years: str = "", *, more: str = "", label: str = ""
) -> Home:
    """Make a home whose published file has these rows of the two marts that the layer reads."""
    home = Home.at(root)
    home.create(())
    home.database.unlink(missing_ok=True)
    manifest = PublicationManifest(
        stamp=stamp,
        built_at="2026-11-26T18:00:00+00:00",
        schema_version="1.0",
        build=BuildInfo(software_version="test", demonstration=label or None),
        tables={},
    )
    with duckdb.connect(str(home.database)) as connection:
        connection.execute(
            "create schema marts; create schema bi; create schema meta;"
            "create table marts.indicator_progress (indicator_id varchar, kind varchar, "
            "kind_zh varchar, name_zh varchar, unit varchar, direction varchar, "
            "latest_year bigint, latest_value double, target_in_force double, status varchar, "
            "status_zh varchar);"
            "comment on table marts.indicator_progress is 'where it stands';"
            "create table marts.indicator_annual (indicator_id varchar, name_zh varchar, "
            "unit varchar, year bigint, value double, status varchar);"
            'create view bi.指标进展 as select name_zh as "指标名称", latest_value as "最新值" '
            "from marts.indicator_progress;"
            f"insert into marts.indicator_progress ({_ALL}) values {indicators};"
            + (f"insert into marts.indicator_annual values {years};" if years else "")
            + more
        )
        connection.execute("create table meta.publication (stamp text, v text, manifest json)")
        connection.execute(
            "insert into meta.publication values (?, ?, ?)",
            [stamp, "1.0", json.dumps(manifest.to_dict(), ensure_ascii=False)],
        )
    return home


def row(identity: str, value: float | None, status: str, **changed: str) -> str:
    given = {"name_zh": "森林覆盖率", "unit": "%", "direction": "higher_better", **changed}
    number = "null" if value is None else str(value)
    return (
        f"('{identity}', 'indicator', '规划指标', '{given['name_zh']}', '{given['unit']}', "
        f"'{given['direction']}', 2024, {number}, 50, '{status}', '状态')"
    )


def make_region(folder: Path) -> members.Region:
    """Make the region below a folder; one of its homes lies elsewhere, one mart is in one only."""
    made = members.create(folder / "region", "晋城市")
    area = {"name_zh": "造林面积", "unit": "公顷"}
    dust = {"name_zh": "细颗粒物", "unit": "μg/m³", "direction": "lower_better"}
    east = publish_county(
        made.root / "east",
        "20261126T180000000000Z",
        ", ".join(
            [
                row("A01", 40.0, "behind"),
                row("A02", 100.5, "attained", **area),
                row("A03", 31.0, "on_track", **dust),
            ]
        ),
        "('A01', '森林覆盖率', '%', 2023, 38.0, 'behind')",
        more="create table marts.old (x bigint); insert into marts.old values (1);",
    )
    west = publish_county(
        folder / "elsewhere",
        "20261126T190000000000Z",
        ", ".join(
            [
                row("A01", 60.0, "attained"),
                row("A02", 20.0, "attained", **area),
                row("A03", None, "not_measured", **dust),
                row("A04", 7.0, "target_not_assigned", name_zh="只在西县"),
            ]
        ),
        more="alter table marts.indicator_annual add column late varchar;"
        "insert into marts.indicator_annual values "
        "('A01', '森林覆盖率', '%', 2023, 55.0, 'attained', 'x');",
    )
    made = members.add(made, east, "140521", "东县")
    return members.add(made, west, "140522", "西县")
