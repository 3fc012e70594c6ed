"""Surface water against the classes that the national network publishes for real measurements."""

import csv
from pathlib import Path

import pytest

from tests.integration.test_formulas import Scratch

SECTIONS = Path(__file__).parents[3] / "shared/data/real/surface_water_2026-08-21T20.csv"
DETERMINANDS = {
    "water_temperature": "水温(℃)",
    "ph": "pH(无量纲)",
    "dissolved_oxygen": "溶解氧(mg/L)",
    "permanganate_index": "高锰酸盐指数(mg/L)",
    "ammonia_nitrogen": "氨氮(mg/L)",
    "total_phosphorus": "总磷(mg/L)",
    "total_nitrogen": "总氮(mg/L)",
}


@pytest.mark.skipif(
    not SECTIONS.is_file(), reason="../shared with the real measurements is not here"
)
def test_all_published_classes(tmp_path: Path) -> None:
    """157 of 157, by sample, month and year; the file's last column registers the lakes."""
    with SECTIONS.open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    names = [f"{row['省份']} {row['断面名称']}" for row in published]
    assert len(set(names)) == len(names) == 157
    scratch = Scratch(tmp_path)
    scratch.submit(
        "water_section_quality",
        [
            {
                "section_name": name,
                "sampled_at": row["监测时间"],
                **{k: float(row[t]) for k, t in DETERMINANDS.items() if row[t] != "--"},
            }
            for name, row in zip(names, published, strict=True)
        ],
    )
    scratch.submit(
        "water_sections",
        [
            {
                "section_name": name,
                "river_name": "不详",
                "control_level": "国控",
                "water_body_type": row["水体类型"] or "河流",
                "target_class": "Ⅲ",
            }
            for name, row in zip(names, published, strict=True)
        ],
    )
    scratch.build("--select", "+water_section_monthly", "+water_section_annual")
    expected = {n: row["水质类别"] for n, row in zip(names, published, strict=True)}
    for query in (
        "select section_name, water_class from intermediate.int_water_section_classes "
        "where period = 'sample'",
        "select section_name, water_class from marts.water_section_monthly "
        "where month = date '2026-08-01'",
        "select section_name, water_class from marts.water_section_annual where year = 2026",
    ):
        got = dict(scratch.sql(query))
        wrong = {n: (got.get(n), c) for n, c in expected.items() if got.get(n) != c}
        assert not wrong, wrong
    lakes = [row for row in published if row["水体类型"]]
    assert scratch.sql(
        "select count(*) from marts.water_section_annual where water_body_type = '湖库'"
    ) == [(len(lakes),)]
    judged = scratch.sql("select meets_target, water_class from marts.water_section_annual")
    assert all(meets == (water_class in "ⅠⅡⅢ") for meets, water_class in judged)
