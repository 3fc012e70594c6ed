"""What the departments deliver once a year: the figures behind most indicators.

The figures are chosen so that indicators attain their targets, lag behind and fall back. Some
contradict each other, as those of departments do: they become findings.
"""

import re
from collections.abc import Iterator

from orchestration.demo.county import COUNTY, LAND_KM2, County, Table, path, table

_HECTARES = LAND_KM2 * 100
# Tonnes of the year 2020 by source, and what is left of them in % from 2020 on.
_EMISSIONS = {
    "化学需氧量": ({"工业": 620, "生活": 2480, "农业": 1900}, (100, 97, 94, 91, 88.5, 85.4)),
    "氨氮": ({"工业": 41, "生活": 262, "农业": 55}, (100, 99, 97, 95.5, 94, 92.6)),
    "二氧化硫": ({"工业": 3900, "生活": 2100}, (100, 95, 90, 86, 82, 78.4)),
    "氮氧化物": ({"工业": 4300, "机动车": 2150}, (100, 101, 101.6, 100.8, 102.5, 103.1)),
    "挥发性有机物": ({"工业": 2350, "生活": 480}, (100, 98, 96, 94, 92, 90.6)),
    "烟粉尘": ({"工业": 5200, "生活": 1350}, (100, 96, 93, 90, 88, 86.5)),
}
# Tonnes of standard coal of 2020, its yearly growth, tonnes of CO2 per tonne, whether fossil.
_ENERGY = {
    "原煤": (1_640_000, -0.006, 2.66, True),
    "焦炭": (210_000, -0.02, 2.86, True),
    "天然气": (98_000, 0.05, 1.63, True),
    "煤层气": (142_000, 0.045, 1.63, True),
    "汽油": (61_000, 0.01, 2.03, True),
    "柴油": (88_000, -0.005, 2.17, True),
    "水电": (24_000, 0.01, 0.0, False),
    "风电": (72_000, 0.13, 0.0, False),
    "光伏": (58_000, 0.16, 0.0, False),
    "生物质": (31_000, 0.06, 0.0, False),
}
# 10,000 m³ of 2020, and yearly growth.
_WATER = {
    ("农业", "地表水"): (2350, -0.012),
    ("农业", "地下水"): (620, -0.03),
    ("工业", "地表水"): (1480, -0.01),
    ("工业", "非常规水"): (365, 0.07),
    ("生活", "地表水"): (1320, 0.012),
    ("生活", "地下水"): (890, -0.01),
    ("生态", "地表水"): (420, 0.02),
    ("生态", "非常规水"): (270, 0.06),
}
# Authority, comparator, value and document of the targets assigned to the county.
_TARGETS: dict[str, list[tuple[str, str, float, str]]] = {
    "A01": [("市级", "≥", 3, "演示市环〔2021〕12号")],
    "A02": [("省级", "≥", 84, "演示省环〔2021〕3号"), ("市级", "≥", 86, "演示市环〔2021〕12号")],
    "A06": [("市级", "≥", 95, "演示市建〔2021〕7号")],
    "A07": [("市级", "≥", 5, "演示市环〔2021〕12号")],
    "A08": [("市级", "≥", 3, "演示市环〔2021〕12号")],
    "A09": [("市级", "≥", 10, "演示市环〔2021〕15号")],
    "A10": [("市级", "≥", 14, "演示市环〔2021〕15号")],
    "A11": [("市级", "≥", 10, "演示市环〔2021〕15号")],
    "A12": [("省级", "≥", 12, "演示省环〔2021〕5号")],
    "A13": [("市级", "≥", 12, "演示市环〔2021〕15号")],
    "A14": [("市级", "≥", 18, "演示市发改〔2021〕9号")],
    "B05": [("市级", "≥", 68, "演示市水〔2021〕4号")],
    "B06": [("市级", "≥", 62, "演示市环〔2022〕2号")],
    "B07": [("省级", "≥", 84, "演示省环〔2021〕3号")],
    "B08": [("市级", "≤", 30, "演示市环〔2021〕12号"), ("县级", "≤", 29, "演示县环〔2022〕1号")],
    "B13": [("市级", "≥", 95, "演示市农〔2021〕8号")],
    "B17": [("市级", "≥", 14, "演示市环〔2021〕15号")],
    "B18": [("市级", "≥", 10, "演示市环〔2021〕15号")],
    "B19": [("市级", "≥", 20, "演示市环〔2021〕15号")],
    "B20": [("省级", "≥", 12, "演示省环〔2021〕5号")],
    "B21": [("市级", "≥", 10, "演示市环〔2021〕15号")],
    "B22": [("市级", "≥", 18, "演示市发改〔2021〕9号")],
    "B23": [("市级", "≥", 15, "演示市发改〔2021〕9号")],
    "B24": [("市级", "≥", 9, "演示市发改〔2021〕10号")],
    "B25": [("市级", "≥", 16, "演示市水〔2021〕6号")],
    "B26": [("市级", "≤", 0.79, "演示市水〔2021〕6号")],
}
_FACTORIES = ("演示钢铁有限公司", "演示化工有限公司", "演示陶瓷有限公司", "演示煤业有限公司")


def annual_tables(county: County) -> Iterator[Table]:
    """Yield the annual tables of a county."""
    yield from _of_economy(county)
    yield from _of_land(county)
    yield from _of_agriculture(county)
    yield from _of_sewage(county)
    yield from _of_waste(county)
    yield from _of_government(county)


def _of_economy(county: County) -> Iterator[Table]:
    growth = {year: 1.058 ** (year - 2020) for year in county.years}
    rows = []
    for year, factor in growth.items():
        real = round(248.6 * factor, 2)
        rows += [
            (year, "地区生产总值", round(real * 1.012 ** (year - 2020), 2), "亿元"),
            (year, "地区生产总值（2020年不变价）", real, "亿元"),
            (year, "常住人口", round(37.4 - 0.12 * (year - 2020), 2), "万人"),
            (year, "粮食产量", round(20.1 + 0.3 * (year - 2020), 2), "万吨"),
        ]
    yield table("socioeconomics", "statistics", "year statistic value unit", rows)
    yield table(
        "energy_consumption",
        "energy",
        "year product fossil standard_coal co2_factor",
        (
            (y, name, "是" if fossil else "否", round(coal * (1 + g) ** (y - 2020)), factor)
            for y in county.years
            for name, (coal, g, factor, fossil) in _ENERGY.items()
        ),
    )
    yield table(
        "water_use",
        "water_affairs",
        "year use_sector water_source volume",
        (
            (y, sector, source, round(volume * (1 + g) ** (y - 2020), 1))
            for y in county.years
            for (sector, source), (volume, g) in _WATER.items()
        ),
    )
    yield table(
        "pollutant_emissions",
        "ecology",
        "year pollutant source emission",
        (
            (y, pollutant, source, round(tonnes * path(y, *left) / 100, 1))
            for y in county.years
            for pollutant, (sources, left) in _EMISSIONS.items()
            for source, tonnes in sources.items()
        ),
    )


def _of_land(county: County) -> Iterator[Table]:
    yield table(
        "forest_resources",
        "forestry",
        "year area land_area forest_area grassland_area stock_volume reported_rate",
        (
            (y, area, land, round(land * rate / 100, 1), round(land * 0.061, 1), land * 31, rate)
            for y in county.years
            for rate in [path(y, 46.6, 46.7, 46.9, 47.0, 47.2, 47.3)]
            for area, land in county.by_area(_HECTARES, 1)
        ),
    )
    yield table(
        "forest_pests",
        "forestry",
        "year area affected_area disaster_area controlled_area",
        (
            (y, area, part, round(part * 0.21, 1), round(part * 0.93, 1))
            for y in county.years
            for area, part in county.by_area(
                path(y, 24_000, 23_100, 22_700, 21_900, 21_400, 20_800)
            )
        ),
    )
    yield table(
        "forest_fires",
        "forestry",
        "fire_id started_at township burned_area damaged_forest_area damaged_grassland_area cause",
        (
            (f"火{y}-{n:02}", f"{y}-0{3 + n}-1{n} 14:20:00", county.townships[n], 6.5 + n, *damage)
            for y in county.years
            for n, damage in enumerate(((2.4, 0.5, "农事用火"), (1.1, 0.2, "雷击")), start=1)
        ),
    )
    yield table(
        "afforestation",
        "forestry",
        "year area programme planned_area completed_area",
        (
            (y, COUNTY, name, planned, round(planned * share))
            for y in county.years
            for name, planned, share in (("天然林保护", 12_000, 1.0), ("荒山造林", 18_000, 0.94))
        ),
    )
    yield table(
        "ecological_redline",
        "natural_resources",
        "year redline_area land_area",
        ((y, path(y, 498.2, 498.2, 498.2, 497.1, 496.4, 496.4), LAND_KM2) for y in county.years),
    )
    yield table(
        "soil_erosion",
        "water_affairs",
        "year area land_area eroded_area treated_area",
        (
            (y, area, land, round(land * (1 - kept / 100), 2), round(land * 0.011, 2))
            for y in county.years
            for kept in [path(y, 63.1, 64.0, 65.2, 66.1, 67.3, 68.4)]
            for area, land in county.by_area(LAND_KM2)
        ),
    )
    yield table(
        "reported_indices",
        "ecology",
        "year index_name value",
        (
            (y, name, path(y, *values))
            for y in county.years
            for name, values in (
                ("生态功能指数", (58.1, 58.4, 58.9, 59.2, 59.8, 60.1)),
                ("生态质量指数", (60.2, 60.4, 60.9, 61.1, 61.3, 61.5)),
            )
        ),
    )


def _of_agriculture(county: County) -> Iterator[Table]:
    yield table(
        "farmland_safety",
        "agriculture",
        "year area polluted_area safely_used_area",
        (
            (y, area, part, round(part * share / 100, 1))
            for y in county.years
            for share in [path(y, 90.2, 91.5, 92.4, 93.8, 95.1, 96.2)]
            for area, part in county.by_area(4_860)
        ),
    )
    yield table(
        "agricultural_inputs",
        "agriculture",
        "year area fertiliser pesticide film_used film_recovered",
        (
            (y, COUNTY, 14_200 - 310 * n, 168 - 4.5 * n, 402.0, round(402 * (0.8 + 0.015 * n), 1))
            for n, y in enumerate(county.years)
        ),
    )
    yield table(
        "crop_straw",
        "agriculture",
        "year area crop collectable used",
        (
            (y, COUNTY, crop, tonnes, round(tonnes * (0.9 + 0.01 * n)))
            for n, y in enumerate(county.years)
            for crop, tonnes in (("玉米", 152_000), ("小麦", 61_000), ("谷子", 8_400))
        ),
    )
    yield table(
        "livestock_manure",
        "agriculture",
        "year area species farms manure_generated manure_used",
        (
            (y, COUNTY, species, farms, tonnes, round(tonnes * (0.81 + 0.015 * n)))
            for n, y in enumerate(county.years)
            for species, farms, tonnes in (("生猪", 214, 402_000), ("肉鸡", 96, 88_000))
        ),
    )
    yield table(
        "high_standard_farmland",
        "agriculture",
        "year area built_area high_efficiency_area investment",
        (
            (y, COUNTY, 21_000 + 900 * n, 6_200 + 250 * n, 2_730.0 + 110 * n)
            for n, y in enumerate(county.years)
        ),
    )
    yield table(
        "irrigation",
        "water_affairs",
        "year area effective_irrigated_area water_saving_area high_efficiency_area",
        ((y, COUNTY, 9_870, 7_100 + 140 * n, 3_020 + 95 * n) for n, y in enumerate(county.years)),
    )


def _of_sewage(county: County) -> Iterator[Table]:
    def villages(year: int) -> Iterator[tuple[object, ...]]:
        covered = path(year, 79.0, 81.2, 83.5, 85.9, 88.3, 90.6)
        for area, people in county.by_area(243_000, 0):
            total = max(round(people / 560), 1)
            with_works, served = round(total * covered / 100), round(people * covered / 100)
            yield year, area, total, with_works, int(people), served

    columns = "year area villages_total villages_treated rural_population population_covered"
    rows = [row for year in county.years for row in villages(year)]
    # One year in which the county's own figure is not the sum of its townships.
    wrong = rows.index(next(row for row in rows if row[:2] == (2023, COUNTY)))
    rows[wrong] = (*rows[wrong][:5], round(243_000 * 0.84))
    yield table("rural_sewage", "ecology", columns, rows)
    # The last year is missing: its department is late.
    yield table(
        "urban_sewage",
        "housing",
        "year area sewage_generated sewage_treated reported_rate",
        (
            (y, COUNTY, made, round(made * share / 100, 2), share if y != 2022 else 93.4)
            for y in county.years[:-1]
            for share in [path(y, 75.0, 79.5, 84.2, 88.1, 91.8, 95.3)]
            for made in [1_210.0 + 22 * (y - 2020)]
        ),
    )
    yield table(
        "black_odorous_water",
        "ecology",
        "year water_body setting township black_odorous area_size",
        (
            (y, name, setting, county.townships[place], "是" if y in black else "否", size)
            for y in county.years
            for name, setting, place, size, black in (
                ("城东渠", "县城", 0, 5_200, (2025,)),
                ("城西沟", "县城", 0, 3_900, ()),
                ("北留涧", "农村", 1, 2_750, (2020, 2021)),
                ("润城沟", "农村", 2, 1_980, (2020,)),
                ("次营塘", "农村", 3, 860, ()),
            )
        ),
    )
    yield table(
        "groundwater_quality",
        "ecology",
        "well_name sampled_on quality_class",
        (
            (f"监测井{n}", f"{y}-06-15", "Ⅴ" if n == 6 and y % 2 == 0 else "Ⅲ" if n < 4 else "Ⅳ")
            for y in county.years
            for n in range(1, 7)
        ),
    )


def _of_waste(county: County) -> Iterator[Table]:
    def hazardous() -> Iterator[tuple[object, ...]]:
        for name, kind, tonnes in (
            *((name, "危险废物", 1_900.0 + 420 * n) for n, name in enumerate(_FACTORIES[:3])),
            ("演示县人民医院", "医疗废物", 186.0),
        ):
            stock = 0.0
            for n, y in enumerate(county.years):
                made = round(tonnes * (1 + 0.02 * n), 1)
                left = 0.0 if kind == "医疗废物" or y == county.last_year else 6.0
                yield y, name, kind, stock, made, round(stock + made - left, 1), left
                stock = left

    columns = "year facility waste_class opening_stock generated used_or_disposed closing_stock"
    yield table("hazardous_waste", "ecology", columns, hazardous())
    yield table(
        "industrial_solid_waste",
        "industry",
        "year enterprise waste_type opening_stock generated used disposed dumped closing_stock",
        (
            (y, name, kind, 0, tonnes, round(tonnes * share), tonnes - round(tonnes * share), 0, 0)
            for n, y in enumerate(county.years)
            for name, kind, tonnes in (
                (_FACTORIES[0], "冶炼废渣", 412_000),
                (_FACTORIES[2], "陶瓷废料", 36_000),
                (_FACTORIES[3], "煤矸石", 905_000),
            )
            for share in [0.61 + 0.02 * n]
        ),
    )
    yield table(
        "recoverable_waste",
        "housing",
        "year area waste_type generated recovered",
        (
            (y, COUNTY, kind, tonnes, round(tonnes * (0.55 + 0.03 * n)))
            for n, y in enumerate(county.years)
            for kind, tonnes in (("建筑垃圾", 182_000), ("餐厨垃圾", 7_400))
        ),
    )
    yield table(
        "radioactive_sources",
        "ecology",
        "year sources_due sources_stored",
        ((y, 3, 3 if y != county.last_year else 2) for y in county.years),
    )
    yield table(
        "construction_land_safety",
        "ecology",
        "year plot_name plot_area safely_used",
        (
            (y, f"演示地块{n}", 6_000 + 1_300 * n, "否" if y - 2020 < n - 3 else "是")
            for y in county.years
            for n in range(1, 8)
        ),
    )


def _of_government(county: County) -> Iterator[Table]:
    yield table(
        "target_assignments",
        "development_reform",
        "indicator_id year authority document_no comparator target_value issued_on",
        (
            (indicator, 2025, authority, document, comparator, value, issued)
            for indicator, targets in _TARGETS.items()
            for authority, comparator, value, document in targets
            for issued in [re.sub(r".*〔(\d+)〕.*", r"\1-06-30", document)]
        ),
    )
    yield table(
        "clean_heating",
        "energy",
        "year area households clean_heating_households gas_households heated_floor_area",
        (
            (y, area, homes, homes * (62 + 4 * n) // 100, homes * (55 + 4 * n) // 100, homes * 92)
            for n, y in enumerate(county.years)
            for area, homes in county.by_area(131_000, 0)
        ),
    )
    yield table(
        "assessment_scores",
        "development_reform",
        "year scheme subject item subject_kind full_marks score result scored_on document_no",
        (
            (
                y,
                "生态文明建设考核",
                name,
                "环境质量",
                "乡镇",
                30,
                round(22.5 + 6 * share * 15, 1),
                "合格",
                f"{y + 1}-03-10",
                f"演示县考〔{y + 1}〕1号",
            )
            for y in county.years
            for name, share in county.shares.items()
            if share < 0.08
        ),
    )
    yield table(
        "ecological_assets",
        "natural_resources",
        "year area asset_kind asset_area asset_value quality_index audit_no audited_on",
        (
            (
                y,
                COUNTY,
                kind,
                hectares,
                round(hectares * value, 1),
                71.5 + n,
                f"演示审〔{y + 1}〕2号",
                f"{y + 1}-03-20",
            )
            for n, y in enumerate(county.years)
            for kind, hectares, value in (("森林", 90_000, 1.9), ("草地", 11_800, 0.6))
        ),
    )
