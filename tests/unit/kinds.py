"""Tables as departments lay them out, one of each kind, with what should come of them.

Each kind is made here from its cells; `test_layout_kinds` reads it as a workbook and as CSV. A kind
says which rows must be stored, or what the receipt must ask.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl

Cell = str | int | float | None


@dataclass(frozen=True)
class Kind:
    """One kind of layout.

    `sheets` maps names of sheets to their cells, `merged` names merged ranges of the first sheet,
    `rows` are the rows that must be stored: dataset, then field = value (fields not named are
    empty). `back` rows at least go back; `asked` is a part of the refusal; `told` are parts of
    notes. `only` is the one form (`csv`, `xlsx`) that the kind exists in.
    """

    name: str
    department: str
    sheets: dict[str, list[list[Cell]]]
    rows: Sequence[tuple[str, dict[str, Any]]] = ()
    file: str = "报表"
    merged: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    asked: str = ""
    told: tuple[str, ...] = ()
    back: int = 0
    only: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def workbook(self) -> bytes:
        """Return it as XLSX."""
        book = openpyxl.Workbook()
        assert book.active is not None
        book.remove(book.active)
        for number, (name, cells) in enumerate(self.sheets.items()):
            sheet = book.create_sheet(name)
            for row in cells:
                sheet.append(row)
            for area in self.merged if number == 0 else ():
                sheet.merge_cells(area)
            for letter in self.hidden_columns if number == 0 else ():
                sheet.column_dimensions[letter].hidden = True
            if name in self.hidden:
                sheet.sheet_state = "hidden"
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def text(self) -> bytes:
        """Return its first sheet as CSV."""
        out = io.StringIO()
        rows = next(iter(self.sheets.values()))
        width = max(map(len, rows))
        for row in rows:
            csv.writer(out).writerow([*row, *[""] * (width - len(row))])
        return out.getvalue().encode()


def one(*rows: list[Cell], name: str = "Sheet1") -> dict[str, list[list[Cell]]]:
    """Return a single sheet."""
    return {name: list(rows)}


def use(year: int, sector: str, source: str, volume: float) -> tuple[str, dict[str, Any]]:
    key = {"year": year, "use_sector": sector, "water_source": source}
    return "water_use", {**key, "volume": volume}


def power(month: str, category: str, consumption: float) -> tuple[str, dict[str, Any]]:
    return "electricity_use", {"month": month, "category": category, "consumption": consumption}


def inputs(year: int, area: str, fertiliser: float, pesticide: float) -> tuple[str, dict[str, Any]]:
    values = {"fertiliser": fertiliser, "pesticide": pesticide}
    return "agricultural_inputs", {"year": year, "area": area, **values}


def irrigation(year: int, area: str, **values: float) -> tuple[str, dict[str, Any]]:
    return "irrigation", {"year": year, "area": area, **values}


def plant(name: str, month: str, **values: float) -> tuple[str, dict[str, Any]]:
    return "wastewater_plants", {"plant_name": name, "month": month, **values}


def hour(station: str, at: str, **values: float) -> tuple[str, dict[str, Any]]:
    return "air_quality_hourly", {"station": station, "observed_at": at, **values}


def section(name: str, at: str, **values: Any) -> tuple[str, dict[str, Any]]:
    return "water_section_quality", {"section_name": name, "sampled_at": at, **values}


def statistic(year: int, name: str, value: float, unit: str) -> tuple[str, dict[str, Any]]:
    return "socioeconomics", {"year": year, "statistic": name, "value": value, "unit": unit}


def planting(
    year: int, area: str, programme: str, planned: float, completed: float
) -> tuple[str, dict[str, Any]]:
    key = {"year": year, "area": area, "programme": programme}
    return "afforestation", {**key, "planned_area": planned, "completed_area": completed}


def pests(
    year: int, area: str, affected: float, disaster: float, controlled: float
) -> tuple[str, dict[str, Any]]:
    values = {"affected_area": affected, "disaster_area": disaster, "controlled_area": controlled}
    return "forest_pests", {"year": year, "area": area, **values}


def emitted(year: int, pollutant: str, source: str, emission: float) -> tuple[str, dict[str, Any]]:
    key = {"year": year, "pollutant": pollutant, "source": source}
    return "pollutant_emissions", {**key, "emission": emission}


MONTHS = [f"{m}月" for m in range(1, 13)]
EFF, SAVE = "有效灌溉面积(公顷)", "节水灌溉面积(公顷)"
FERT, PEST = "化肥施用量(吨)", "农药使用量(吨)"

KINDS: tuple[Kind, ...] = (
    # --- months, years, townships, categories, sources across
    Kind(
        "months across",
        "energy",
        one(
            ["2020年全社会用电量（万kWh）"],
            ["用电类别", *MONTHS],
            ["工业", *range(100, 112)],
            ["第三产业", *range(200, 212)],
        ),
        [power(f"2020-{m:02d}-01", "工业", 99 + m) for m in range(1, 13)]
        + [power(f"2020-{m:02d}-01", "第三产业", 199 + m) for m in range(1, 13)],
        told=("按月份横向排列，已转换为 24 行", "2020年"),
    ),
    Kind(
        "months across, not all filled, with a sum",
        "energy",
        one(
            ["阳城县2023年用电量", None, None, None, None, "单位：亿kWh"],
            ["类别", "1月", "2月", "3月", "4月", "合计"],
            ["工业", 1, 2, None, None, 3],
            ["第三产业", 0.5, 0.25, None, None, 0.75],
            ["合计", 1.5, 2.25, None, None, 3.75],
        ),
        [
            power("2023-01-01", "工业", 10000),
            power("2023-02-01", "工业", 20000),
            power("2023-01-01", "第三产业", 5000),
            power("2023-02-01", "第三产业", 2500),
        ],
    ),
    Kind(
        "full months across",
        "energy",
        one(
            ["用电类别", "2023年1月", "2023年2月"],
            ["工业", 5, 6],
            ["城乡居民", 7, 8],
        ),
        [
            power("2023-01-01", "工业", 5),
            power("2023-02-01", "工业", 6),
            power("2023-01-01", "城乡居民", 7),
            power("2023-02-01", "城乡居民", 8),
        ],
    ),
    Kind(
        "two years of months across, two lines",
        "energy",
        one(
            ["用电类别", "2021年", None, "2022年", None],
            [None, "1月", "2月", "1月", "2月"],
            ["工业", 1, 2, 3, 4],
        ),
        [
            power("2021-01-01", "工业", 1),
            power("2021-02-01", "工业", 2),
            power("2022-01-01", "工业", 3),
            power("2022-02-01", "工业", 4),
        ],
        merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
    Kind(
        "bare numbers below 月份",
        "energy",
        one(
            ["2022年用电量(万kWh)"],
            ["用电类别", "月份", None, None],
            [None, 1, 2, 3],
            ["工业", 10, 11, 12],
        ),
        [power(f"2022-0{m}-01", "工业", 9 + m) for m in (1, 2, 3)],
        merged=("A2:A3", "B2:D2"),
    ),
    Kind(
        "months down, categories across",
        "energy",
        one(
            ["2022年分行业用电量", None, None, "单位：万kWh"],
            ["月份", "第一产业", "工业", "第三产业"],
            ["1月", 1, 2, 3],
            ["2月", 4, 5, 6],
        ),
        [
            power("2022-01-01", "第一产业", 1),
            power("2022-01-01", "工业", 2),
            power("2022-01-01", "第三产业", 3),
            power("2022-02-01", "第一产业", 4),
            power("2022-02-01", "工业", 5),
            power("2022-02-01", "第三产业", 6),
        ],
    ),
    Kind(
        "townships across, items down, the year in the title",
        "agriculture",
        one(
            ["2019年农业投入品"],
            ["指标", "凤城镇", "北留镇"],
            [FERT, 100, 90],
            [PEST, 1, 2],
        ),
        [inputs(2019, "凤城镇", 100, 1), inputs(2019, "北留镇", 90, 2)],
        told=("2019年",),
    ),
    Kind(
        "townships across, items with a column of units",
        "agriculture",
        one(
            ["2019年农业投入品"],
            ["项目", "计量单位", "凤城镇", "北留镇"],
            ["化肥施用量", "公斤", 100000, 90000],
            ["农药使用量", "吨", 1, 2],
        ),
        [inputs(2019, "凤城镇", 100, 1), inputs(2019, "北留镇", 90, 2)],
    ),
    Kind(
        "townships across, no year",
        "agriculture",
        one(["指标", "凤城镇", "北留镇"], [FERT, 100, 90], [PEST, 1, 2]),
        asked="年份",
    ),
    Kind(
        "townships down, years across, the item in the title",
        "water_affairs",
        one(
            ["各乡镇有效灌溉面积", None, "单位：公顷"],
            ["乡镇", "2019年", "2020年"],
            ["凤城镇", 900, 910],
            ["北留镇", 800, 810],
            ["合计", 1700, 1720],
        ),
        [
            irrigation(2019, "凤城镇", effective_irrigated_area=900),
            irrigation(2020, "凤城镇", effective_irrigated_area=910),
            irrigation(2019, "北留镇", effective_irrigated_area=800),
            irrigation(2020, "北留镇", effective_irrigated_area=810),
        ],
        told=("按年份横向排列，已转换为 4 行",),
    ),
    Kind(
        "townships down, items over years",
        "agriculture",
        one(
            ["乡镇", FERT, None, PEST, None],
            [None, 2020, 2021, 2020, 2021],
            ["凤城镇", 100, 101, 1, 2],
            ["北留镇", 90, 91, 3, 4],
        ),
        [
            inputs(2020, "凤城镇", 100, 1),
            inputs(2021, "凤城镇", 101, 2),
            inputs(2020, "北留镇", 90, 3),
            inputs(2021, "北留镇", 91, 4),
        ],
        merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
    Kind(
        "townships down, years over items",
        "agriculture",
        one(
            ["乡镇", "2020年", None, "2021年", None],
            [None, FERT, PEST, FERT, PEST],
            ["凤城镇", 100, 1, 101, 2],
        ),
        [inputs(2020, "凤城镇", 100, 1), inputs(2021, "凤城镇", 101, 2)],
        merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
    Kind(
        "uses down, sources across",
        "water_affairs",
        one(
            ["2015年用水量（万m³）"],
            ["用水类别", "地表水", "地下水", "合计"],
            ["农业", 3000, 500, 3500],
            ["工业", 800, 900, 1700],
            ["合计", 3800, 1400, 5200],
        ),
        [
            use(2015, "农业", "地表水", 3000),
            use(2015, "农业", "地下水", 500),
            use(2015, "工业", "地表水", 800),
            use(2015, "工业", "地下水", 900),
        ],
    ),
    Kind(
        "years down, sources over uses",
        "water_affairs",
        one(
            ["用水量情况表（单位：万m³）"],
            ["年份", "地表水", None, "地下水", None],
            [None, "农业", "工业", "农业", "工业"],
            [2011, 3000, 800, 500, 900],
            [2012, 3100, 810, 510, 910],
        ),
        [
            use(2011, "农业", "地表水", 3000),
            use(2011, "工业", "地表水", 800),
            use(2011, "农业", "地下水", 500),
            use(2011, "工业", "地下水", 900),
            use(2012, "农业", "地表水", 3100),
            use(2012, "工业", "地表水", 810),
            use(2012, "农业", "地下水", 510),
            use(2012, "工业", "地下水", 910),
        ],
        merged=("A2:A3", "B2:C2", "D2:E2"),
    ),
    Kind(
        "sources over uses with partial sums",
        "water_affairs",
        one(
            ["2018年用水量统计表", None, None, None, None, None, None, "单位：亿立方米"],
            ["年份", "地表水", None, None, "地下水", None, None, "总计"],
            [None, "农业", "工业", "小计", "农业", "工业", "小计", None],
            [2018, 0.3, 0.08, 0.38, 0.05, 0.09, 0.14, 0.52],
        ),
        [
            use(2018, "农业", "地表水", 3000),
            use(2018, "工业", "地表水", 800),
            use(2018, "农业", "地下水", 500),
            use(2018, "工业", "地下水", 900),
        ],
        merged=("A2:A3", "B2:D2", "E2:G2", "H2:H3"),
    ),
    Kind(
        "uses in the titles: 农业用水量",
        "water_affairs",
        one(
            ["年份", "水源类别", "农业用水量(万m³)", "工业用水量(万m³)", "生活用水量(万m³)"],
            [2020, "地表水", 3000, 800, 300],
            [2020, "地下水", 500, 900, 200],
        ),
        [
            use(2020, "农业", "地表水", 3000),
            use(2020, "工业", "地表水", 800),
            use(2020, "生活", "地表水", 300),
            use(2020, "农业", "地下水", 500),
            use(2020, "工业", "地下水", 900),
            use(2020, "生活", "地下水", 200),
        ],
    ),
    Kind(
        "pollutants down, sources across",
        "ecology",
        one(
            ["2021年主要污染物排放量（吨）"],
            ["污染物", "工业", "生活", "农业", "合计"],
            ["化学需氧量", 10, 20, 30, 60],
            ["氨氮", 1, 2, 3, 6],
        ),
        [
            ("pollutant_emissions", {"year": 2021, "pollutant": p, "source": s, "emission": v})
            for p, s, v in (
                ("化学需氧量", "工业", 10),
                ("化学需氧量", "生活", 20),
                ("化学需氧量", "农业", 30),
                ("化学需氧量", "合计", 60),
                ("氨氮", "工业", 1),
                ("氨氮", "生活", 2),
                ("氨氮", "农业", 3),
                ("氨氮", "合计", 6),
            )
        ],
    ),
    # --- indicators in rows
    Kind(
        "indicators in rows with units, years across",
        "statistics",
        one(
            ["主要经济指标"],
            ["指标名称", "单位", "2019年", "2020年"],
            ["地区生产总值", "万元", 2400000, 2446440],
            ["常住人口", "万人", 38.1, 37.9],
        ),
        [
            statistic(2019, "地区生产总值", 2400000, "万元"),
            statistic(2020, "地区生产总值", 2446440, "万元"),
            statistic(2019, "常住人口", 38.1, "万人"),
            statistic(2020, "常住人口", 37.9, "万人"),
        ],
    ),
    Kind(
        "indicators in rows, the unit in brackets",
        "statistics",
        one(
            ["主要经济指标"],
            ["指标名称", 2019, 2020],
            ["地区生产总值（万元）", 2400000, 2446440],
            ["常住人口（万人）", 38.1, 37.9],
        ),
        [
            statistic(2019, "地区生产总值", 2400000, "万元"),
            statistic(2020, "地区生产总值", 2446440, "万元"),
            statistic(2019, "常住人口", 38.1, "万人"),
            statistic(2020, "常住人口", 37.9, "万人"),
        ],
    ),
    Kind(
        "indicators in rows, years across, the county in the title",
        "water_affairs",
        one(
            ["阳城县灌溉面积"],
            ["项目", "单位", "2019年", "2020年"],
            ["有效灌溉面积", "公顷", 9000, 9100],
            ["节水灌溉面积", "公顷", 5000, 5100],
        ),
        [
            irrigation(2019, "全县", effective_irrigated_area=9000, water_saving_area=5000),
            irrigation(2020, "全县", effective_irrigated_area=9100, water_saving_area=5100),
        ],
    ),
    Kind(
        "indicators in rows, an unknown one among them",
        "water_affairs",
        one(
            ["凤城镇灌溉面积"],
            ["项目", "2019年", "2020年"],
            [EFF, 900, 910],
            ["机电井(眼)", 5, 6],
            [SAVE, 500, 510],
        ),
        [
            irrigation(2019, "凤城镇", effective_irrigated_area=900, water_saving_area=500),
            irrigation(2020, "凤城镇", effective_irrigated_area=910, water_saving_area=510),
        ],
        told=("机电井",),
    ),
    # --- transposed
    Kind(
        "transposed",
        "water_affairs",
        one(
            ["年份", 2019, 2020, 2021],
            ["区域", "全县", "全县", "全县"],
            [EFF, 9000, 9100, 9200],
            [SAVE, 5000, 5100, 5200],
        ),
        [
            irrigation(2019, "全县", effective_irrigated_area=9000, water_saving_area=5000),
            irrigation(2020, "全县", effective_irrigated_area=9100, water_saving_area=5100),
            irrigation(2021, "全县", effective_irrigated_area=9200, water_saving_area=5200),
        ],
        told=("已转换为 3 行",),
    ),
    Kind(
        "transposed under a title, with a column of units",
        "water_affairs",
        one(
            ["灌溉面积统计表"],
            ["年份", None, 2019, 2020],
            ["乡镇", None, "凤城镇", "凤城镇"],
            ["有效灌溉面积", "万亩", 1.5, 3],
            ["节水灌溉面积", "公顷", 500, 510],
        ),
        [
            irrigation(2019, "凤城镇", effective_irrigated_area=1000, water_saving_area=500),
            irrigation(2020, "凤城镇", effective_irrigated_area=2000, water_saving_area=510),
        ],
    ),
    Kind(
        "transposed samples",
        "ecology",
        one(
            ["断面名称", "甲断面", "乙断面"],
            ["监测时间", "2023-01-05 08:00", "2023-01-06 09:00"],
            ["氨氮(mg/L)", 0.3, 0.5],
            ["总磷(mg/L)", 0.11, 0.2],
        ),
        [
            section("甲断面", "2023-01-05 08:00:00", ammonia_nitrogen=0.3, total_phosphorus=0.11),
            section("乙断面", "2023-01-06 09:00:00", ammonia_nitrogen=0.5, total_phosphorus=0.2),
        ],
    ),
    # --- one sheet a month or township
    Kind(
        "one sheet a month",
        "housing",
        {
            f"{m}月": [
                [f"2021年{m}月污水处理厂运行情况"],
                ["污水处理厂名称", "处理水量（万m³）"],
                ["甲厂", 50 + m],
                ["乙厂", 20 + m],
            ]
            for m in (1, 2)
        },
        [
            plant("甲厂", "2021-01-01", treated_volume=51),
            plant("乙厂", "2021-01-01", treated_volume=21),
            plant("甲厂", "2021-02-01", treated_volume=52),
            plant("乙厂", "2021-02-01", treated_volume=22),
        ],
        only="xlsx",
    ),
    Kind(
        "one sheet a month, the year in the file's name",
        "housing",
        {f"{m}月": [["厂名", "处理水量（万m³）"], ["甲厂", 50 + m]] for m in (1, 2)},
        [
            plant("甲厂", "2021-01-01", treated_volume=51),
            plant("甲厂", "2021-02-01", treated_volume=52),
        ],
        file="2021年污水厂月报",
        only="xlsx",
    ),
    Kind(
        "one sheet a township",
        "water_affairs",
        {
            "凤城镇": [["年份", EFF], [2020, 900], [2021, 910]],
            "北留": [["年份", EFF], [2020, 800], [2021, 810]],
        },
        [
            irrigation(2020, "凤城镇", effective_irrigated_area=900),
            irrigation(2021, "凤城镇", effective_irrigated_area=910),
            irrigation(2020, "北留镇", effective_irrigated_area=800),
            irrigation(2021, "北留镇", effective_irrigated_area=810),
        ],
        only="xlsx",
    ),
    Kind(
        "one sheet a year, months across",
        "energy",
        {
            f"{y}年": [["用电类别", "1月", "2月"], ["工业", y - 2000, y - 1999]]
            for y in (2021, 2022)
        },
        [
            power("2021-01-01", "工业", 21),
            power("2021-02-01", "工业", 22),
            power("2022-01-01", "工业", 22),
            power("2022-02-01", "工业", 23),
        ],
        file="全社会用电量",
        only="xlsx",
    ),
    # --- long tables
    Kind(
        "a line for each item of a sample",
        "ecology",
        one(
            ["断面名称", "监测时间", "水质类别", "监测项目", "监测值", "单位"],
            ["甲断面", "2023-01-05 08:00", "Ⅱ", "氨氮", 0.3, "mg/L"],
            ["甲断面", "2023-01-05 08:00", "Ⅱ", "总磷", "0.01L", "mg/L"],
            ["甲断面", "2023-02-05 08:00", "Ⅲ", "氨氮", 0.6, "mg/L"],
        ),
        [
            section(
                "甲断面",
                "2023-01-05 08:00:00",
                reported_class="Ⅱ",
                ammonia_nitrogen=0.3,
                total_phosphorus=0.005,
            ),
            section("甲断面", "2023-02-05 08:00:00", reported_class="Ⅲ", ammonia_nitrogen=0.6),
        ],
        told=("已合并为 2 行",),
    ),
    Kind(
        "a line for each item, in several units",
        "ecology",
        one(
            ["断面", "采样日期", "分析项目", "结果", "单位"],
            ["甲断面", "2023-01-05", "氨氮", 300, "μg/L"],
            ["乙断面", "2023-01-05", "氨氮", 0.5, "mg/L"],
            ["乙断面", "2023-01-05", "pH", 7.5, "无量纲"],
        ),
        [
            section("甲断面", "2023-01-05 00:00:00", ammonia_nitrogen=0.3),
            section("乙断面", "2023-01-05 00:00:00", ammonia_nitrogen=0.5, ph=7.5),
        ],
    ),
    Kind(
        "a line for each item, one of them twice",
        "ecology",
        one(
            ["断面", "采样日期", "分析项目", "结果"],
            ["甲断面", "2023-01-05", "氨氮", 0.3],
            ["甲断面", "2023-01-05", "氨氮", 0.5],
            ["乙断面", "2023-01-05", "氨氮", 0.7],
        ),
        [section("乙断面", "2023-01-05 00:00:00", ammonia_nitrogen=0.7)],
        back=2,
    ),
    Kind(
        "stations across, hour and item in the lines",
        "ecology",
        one(
            ["date", "hour", "type", "1001A", "1002A"],
            [20230101, 0, "PM2.5", 16, 13],
            [20230101, 0, "PM10", 30, 22],
            [20230101, 0, "PM2.5_24h", 17, 14],
            [20230101, 1, "PM2.5", 15, None],
        ),
        [
            hour("1001A", "2023-01-01 00:00:00", pm25=16, pm10=30),
            hour("1002A", "2023-01-01 00:00:00", pm25=13, pm10=22),
            hour("1001A", "2023-01-01 01:00:00", pm25=15),
        ],
        told=("PM2.5_24h",),
    ),
    Kind(
        "stations across, the item in the title",
        "ecology",
        one(
            ["各站点PM2.5小时浓度（μg/m³）"],
            ["监测时间", "甲站", "乙站"],
            ["2023-03-01 08:00", 35, 45],
            ["2023-03-01 09:00", 36, 46],
        ),
        [
            hour("甲站", "2023-03-01 08:00:00", pm25=35),
            hour("乙站", "2023-03-01 08:00:00", pm25=45),
            hour("甲站", "2023-03-01 09:00:00", pm25=36),
            hour("乙站", "2023-03-01 09:00:00", pm25=46),
        ],
        told=("甲站",),
    ),
    Kind(
        "stations over items",
        "ecology",
        one(
            ["监测时间", "甲站", None, "乙站", None],
            [None, "PM2.5", "PM10", "PM2.5", "PM10"],
            ["2023-03-01 08:00", 35, 50, 45, 60],
        ),
        [
            hour("甲站", "2023-03-01 08:00:00", pm25=35, pm10=50),
            hour("乙站", "2023-03-01 08:00:00", pm25=45, pm10=60),
        ],
        merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
    Kind(
        "hours across",
        "ecology",
        one(
            ["PM2.5小时浓度"],
            ["站点名称", "日期", "0时", "1时", "2时"],
            ["甲站", "2023-03-01", 35, 36, 37],
        ),
        [hour("甲站", f"2023-03-01 0{h}:00:00", pm25=35 + h) for h in range(3)],
    ),
    Kind(
        "date and hour in two columns",
        "ecology",
        one(
            ["站点名称", "日期", "小时", "PM2.5", "O3"],
            ["甲站", "2023-03-02", 8, 35, 60],
            ["甲站", "2023-03-02", 24, 36, 61],
        ),
        [
            hour("甲站", "2023-03-02 08:00:00", pm25=35, o3=60),
            hour("甲站", "2023-03-03 00:00:00", pm25=36, o3=61),
        ],
        told=("日期、小时",),
    ),
    Kind(
        "date and time in two columns",
        "ecology",
        one(
            ["断面名称", "采样日期", "采样时间", "氨氮(mg/L)"],
            ["甲断面", "2023-03-02", "08:30", 0.3],
            ["乙断面", "2023-03-02", "14:00", 0.5],
        ),
        [
            section("甲断面", "2023-03-02 08:30:00", ammonia_nitrogen=0.3),
            section("乙断面", "2023-03-02 14:00:00", ammonia_nitrogen=0.5),
        ],
    ),
    Kind(
        "year and month in two columns",
        "energy",
        one(
            ["年份", "月份", "用电类别", "用电量(万kWh)"],
            [2023, 1, "工业", 5],
            [2023, 12, "工业", 6],
        ),
        [power("2023-01-01", "工业", 5), power("2023-12-01", "工业", 6)],
    ),
    # --- the period or place beside the table
    Kind(
        "the year in the title, a sum below",
        "agriculture",
        one(
            ["2012年各乡镇农业投入品使用情况"],
            ["乡镇", FERT, PEST],
            ["凤城镇", 100, 1],
            ["北留镇", 90, 2],
            ["合计", 190, 3],
        ),
        [inputs(2012, "凤城镇", 100, 1), inputs(2012, "北留镇", 90, 2)],
        file="各乡镇农业投入品",
        told=("2012",),
    ),
    Kind(
        "title and file name contradict each other",
        "agriculture",
        one(["2012年各乡镇农业投入品使用情况"], ["乡镇", FERT, PEST], ["凤城镇", 100, 1]),
        file="2013年农业投入品",
        asked="矛盾",
    ),
    Kind(
        "half a year in the title of a yearly dataset",
        "agriculture",
        one(["2012年上半年各乡镇农业投入品"], ["乡镇", FERT, PEST], ["凤城镇", 100, 1]),
        asked="年份",
    ),
    Kind(
        "a month in the title of a yearly dataset",
        "agriculture",
        one(["2012年5月各乡镇农业投入品"], ["乡镇", FERT, PEST], ["凤城镇", 100, 1]),
        asked="年份",
    ),
    Kind(
        "1月, 2月 with the year in the file's name",
        "energy",
        one(
            ["月份", "用电类别", "用电量(万kWh)"],
            ["1月", "工业", 5],
            ["2月", "工业", 6],
        ),
        [power("2022-01-01", "工业", 5), power("2022-02-01", "工业", 6)],
        file="2022年用电量",
    ),
    Kind(
        "1月, 2月 and no year",
        "energy",
        one(
            ["月份", "用电类别", "用电量(万kWh)"],
            ["1月", "工业", 5],
            ["2月", "工业", 6],
        ),
        back=2,
    ),
    Kind(
        "the month in the title",
        "housing",
        one(
            ["阳城县2023年5月污水处理厂运行情况表"],
            ["填报单位：住建局", None, "单位：万m³"],
            ["序号", "污水处理厂名称", "处理水量"],
            [1, "甲厂", 55],
            [2, "乙厂", 26],
            ["合计", None, 81],
        ),
        [
            plant("甲厂", "2023-05-01", treated_volume=55),
            plant("乙厂", "2023-05-01", treated_volume=26),
        ],
    ),
    Kind(
        "the place in the title",
        "water_affairs",
        one(["凤城镇历年灌溉面积"], ["年份", EFF], [2020, 900], [2021, 910]),
        [
            irrigation(2020, "凤城镇", effective_irrigated_area=900),
            irrigation(2021, "凤城镇", effective_irrigated_area=910),
        ],
        told=("凤城镇",),
    ),
    # --- comparisons
    Kind(
        "本期 beside 上年同期",
        "energy",
        one(
            ["年月", "用电类别", "用电量（万kWh）", None, None],
            [None, None, "上年同期", "本期", "增长（%）"],
            ["2022-06", "工业", 27000, 28000, 3.7],
        ),
        [power("2022-06-01", "工业", 28000)],
        merged=("A1:A2", "B1:B2", "C1:E1"),
        told=("本期",),
    ),
    Kind(
        "本月 beside 本年累计",
        "energy",
        one(
            ["年月", "用电类别", "用电量（万kWh）", None, None],
            [None, None, "本月", "本年累计", "同比（%）"],
            ["2023-06", "工业", 28000, 168000, 1.2],
        ),
        [power("2023-06-01", "工业", 28000)],
        merged=("A1:A2", "B1:B2", "C1:E1"),
    ),
    Kind(
        "本月用电量 beside 本年累计用电量 in one line",
        "energy",
        one(
            ["年月", "用电类别", "本月用电量（万kWh）", "本年累计用电量（万kWh）", "同比（%）"],
            ["2023-06", "工业", 28000, 168000, 1.2],
        ),
        [power("2023-06-01", "工业", 28000)],
    ),
    Kind(
        "only 累计 and 上年同期",
        "energy",
        one(
            ["年月", "用电类别", "用电量（万kWh）", None],
            [None, None, "上年同期累计", "本年累计"],
            ["2023-06", "工业", 160000, 168000],
        ),
        asked="没有本期数",
        merged=("A1:A2", "B1:B2", "C1:D1"),
    ),
    Kind(
        "three lines of header",
        "energy",
        one(
            ["年月", "用电类别", "用电情况", None, None],
            [None, None, "用电量（万kWh）", None, "备注"],
            [None, None, "本月", "上年同期", None],
            ["2023-06", "工业", 28000, 27000, None],
        ),
        [power("2023-06-01", "工业", 28000)],
        merged=("A1:A3", "B1:B3", "C1:E1", "C2:D2", "E2:E3"),
    ),
    Kind(
        "plan and result below one title",
        "forestry",
        one(
            ["年份", "乡镇", "造林工程", "造林面积（亩）", None],
            [None, None, None, "计划", "完成"],
            [2023, "凤城镇", "荒山", 100, 90],
        ),
        asked="完成面积",
        merged=("A1:A2", "B1:B2", "C1:C2", "D1:E1"),
    ),
    Kind(
        "three lines of header, the current figure last",
        "energy",
        one(
            ["年月", "用电类别", "用电情况", None],
            [None, None, "用电量（万kWh）", None],
            [None, None, "上年同期", "本月"],
            ["2023-06", "工业", 27000, 28000],
        ),
        [power("2023-06-01", "工业", 28000)],
        merged=("A1:A3", "B1:B3", "C1:D1", "C2:D2"),
    ),
    Kind(
        "quarters across",
        "energy",
        one(["2020年用电量"], ["用电类别", "一季度", "二季度"], ["工业", 1, 2]),
        asked="几个月",
    ),
    Kind(
        "the measure over sources over uses",
        "water_affairs",
        one(
            ["年份", "用水量(万m³)", None, None, None],
            [None, "地表水", None, "地下水", None],
            [None, "农业", "工业", "农业", "工业"],
            [2020, 1, 2, 3, 4],
        ),
        [
            use(2020, "农业", "地表水", 1),
            use(2020, "工业", "地表水", 2),
            use(2020, "农业", "地下水", 3),
            use(2020, "工业", "地下水", 4),
        ],
        merged=("A1:A3", "B1:E1", "B2:C2", "D2:E2"),
    ),
    Kind(
        "days across",
        "ecology",
        one(["2023年6月各站点PM2.5日均浓度"], ["站点名称", "1日", "2日"], ["甲站", 35, 36]),
        [
            ("air_quality_daily", {"station": "甲站", "day": "2023-06-01", "pm25": 35}),
            ("air_quality_daily", {"station": "甲站", "day": "2023-06-02", "pm25": 36}),
        ],
    ),
    Kind(
        "a title over the table is no station",
        "ecology",
        one(["甲站空气质量"], ["项目", "2023-03-01", "2023-03-02"], ["PM2.5", 35, 36]),
        asked="站点名称",
    ),
    Kind(
        "townships under a title of their own",
        "agriculture",
        one(["年份", "乡镇名称", FERT, PEST], [2019, "凤城镇", 1, 2], [2019, "北留镇", 3, 4]),
        [inputs(2019, "凤城镇", 1, 2), inputs(2019, "北留镇", 3, 4)],
        told=("“乡镇名称”列按内容认作“区域”",),
    ),
    Kind(
        "pages with a title of two cells",
        "agriculture",
        one(
            ["2019年农业投入品", None, "第1页 共2页"],
            ["乡镇", FERT, PEST],
            ["凤城镇", 1, 2],
            ["2019年农业投入品", None, "第2页 共2页"],
            ["乡镇", FERT, PEST],
            ["北留镇", 3, 4],
        ),
        [inputs(2019, "凤城镇", 1, 2), inputs(2019, "北留镇", 3, 4)],
    ),
    # --- several tables on one sheet
    Kind(
        "two tables with units of their own",
        "water_affairs",
        one(
            ["阳城县2021年用水量"],
            ["单位：万立方米"],
            ["年份", "用水类别", "水源类别", "用水量"],
            [2021, "农业", "地表水", 3100],
            [None],
            ["阳城县2022年用水量"],
            ["单位：亿立方米"],
            ["年份", "用水类别", "水源类别", "用水量"],
            [2022, "农业", "地表水", 0.32],
        ),
        [use(2021, "农业", "地表水", 3100), use(2022, "农业", "地表水", 3200)],
        told=("2 张表",),
    ),
    Kind(
        "two tables of two datasets",
        "water_affairs",
        one(
            ["年份", "区域", EFF, SAVE],
            [1963, "凤城镇", 900, 500],
            [None],
            ["年份", "区域", "土地面积(km²)", "水土流失面积(km²)"],
            [1963, "润城镇", 120, 40],
        ),
        [
            irrigation(1963, "凤城镇", effective_irrigated_area=900, water_saving_area=500),
            (
                "soil_erosion",
                {"year": 1963, "area": "润城镇", "land_area": 120, "eroded_area": 40},
            ),
        ],
    ),
    Kind(
        "the header repeated in another order",
        "water_affairs",
        one(
            ["年份", "区域", EFF, SAVE],
            [2004, "凤城镇", 900, 500],
            ["续表"],
            ["年份", "区域", SAVE, EFF],
            [2004, "润城镇", 300, 700],
        ),
        [
            irrigation(2004, "凤城镇", effective_irrigated_area=900, water_saving_area=500),
            irrigation(2004, "润城镇", effective_irrigated_area=700, water_saving_area=300),
        ],
    ),
    Kind(
        "the same header repeated on each page",
        "water_affairs",
        one(
            ["年份", "区域", EFF],
            [2004, "凤城镇", 900],
            ["续表"],
            ["年份", "区域", EFF],
            [2004, "润城镇", 700],
            ["年份", "区域", EFF],
            [2004, "北留镇", 800],
        ),
        [
            irrigation(2004, "凤城镇", effective_irrigated_area=900),
            irrigation(2004, "润城镇", effective_irrigated_area=700),
            irrigation(2004, "北留镇", effective_irrigated_area=800),
        ],
    ),
    Kind(
        "a second table whose required column is missing",
        "housing",
        one(
            ["污水处理厂名称", "年月", "设计规模(m³/d)", "处理水量(万m³)"],
            ["一厂", "2022-01", 20000, 55],
            [None],
            ["污水处理厂名称", "年月", "污泥产生量(吨)", "污泥无害化处置量(吨)"],
            ["一厂", "2022-02", 600, 600],
        ),
        [plant("一厂", "2022-01-01", treated_volume=55, design_capacity=20000)],
        told=("污泥产生量",),
        extra={"refused": 1},
    ),
    Kind(
        "a small summary above",
        "water_affairs",
        one(
            ["全县汇总"],
            ["年份", "区域", EFF],
            [1984, "全县", 9000],
            [1985, "全县", 8900],
            ["分乡镇"],
            ["年份", "区域", EFF, SAVE],
            [1984, "凤城镇", 900, 500],
        ),
        [
            irrigation(1984, "全县", effective_irrigated_area=9000),
            irrigation(1985, "全县", effective_irrigated_area=8900),
            irrigation(1984, "凤城镇", effective_irrigated_area=900, water_saving_area=500),
        ],
    ),
    Kind(
        "two cross-tables",
        "water_affairs",
        one(
            ["2015年用水量（万m³）"],
            ["用水类别", "地表水", "地下水"],
            ["农业", 3000, 500],
            [None],
            ["2016年用水量（万m³）"],
            ["用水类别", "地表水", "地下水"],
            ["农业", 3100, 510],
        ),
        [
            use(2015, "农业", "地表水", 3000),
            use(2015, "农业", "地下水", 500),
            use(2016, "农业", "地表水", 3100),
            use(2016, "农业", "地下水", 510),
        ],
    ),
    Kind(
        "two halves side by side",
        "agriculture",
        one(
            ["年份", "乡镇", FERT, PEST, "年份", "乡镇", FERT, PEST],
            [2018, "凤城镇", 100, 1, 2018, "北留镇", 90, 2],
            [2018, "润城镇", 80, 3, None, None, None, None],
        ),
        [
            inputs(2018, "凤城镇", 100, 1),
            inputs(2018, "润城镇", 80, 3),
            inputs(2018, "北留镇", 90, 2),
        ],
        told=("并排 2 栏",),
    ),
    Kind(
        "halves that share the year, an empty column between",
        "agriculture",
        one(
            ["2018年农业投入品"],
            ["乡镇", FERT, PEST, None, "乡镇", FERT, PEST],
            ["凤城镇", 100, 1, None, "北留镇", 90, 2],
            ["润城镇", 80, 3, None, "合计", 270, 6],
        ),
        [
            inputs(2018, "凤城镇", 100, 1),
            inputs(2018, "润城镇", 80, 3),
            inputs(2018, "北留镇", 90, 2),
        ],
    ),
    Kind(
        "two tables side by side",
        "water_affairs",
        one(
            ["年份", "区域", EFF, None, "年份", "区域", "新增治理面积(km²)"],
            [1976, "全县", 9100, None, 1976, "全县", 38],
            [1977, "全县", 9200, None, 1977, "全县", 12],
        ),
        [
            irrigation(1976, "全县", effective_irrigated_area=9100),
            irrigation(1977, "全县", effective_irrigated_area=9200),
            ("soil_erosion", {"year": 1976, "area": "全县", "treated_area": 38}),
            ("soil_erosion", {"year": 1977, "area": "全县", "treated_area": 12}),
        ],
    ),
    Kind(
        "a small table of something else to the right",
        "water_affairs",
        one(
            ["年份", "区域", EFF, None, "备查", "数值"],
            [1976, "全县", 9100, None, "人口", 38],
        ),
        [irrigation(1976, "全县", effective_irrigated_area=9100)],
        extra={"unknown": ["备查", "数值"]},
    ),
    # --- blocks
    Kind(
        "blocks under townships",
        "water_affairs",
        one(
            ["年份", EFF, SAVE],
            ["凤城镇"],
            [2020, 900, 500],
            [2021, 910, 510],
            ["北留镇"],
            [2020, 800, 400],
        ),
        [
            irrigation(2020, "凤城镇", effective_irrigated_area=900, water_saving_area=500),
            irrigation(2021, "凤城镇", effective_irrigated_area=910, water_saving_area=510),
            irrigation(2020, "北留镇", effective_irrigated_area=800, water_saving_area=400),
        ],
        told=("分段标题",),
    ),
    Kind(
        "numbered blocks under sources",
        "water_affairs",
        one(
            ["年份", "用水类别", "用水量（万m³）"],
            ["一、地表水"],
            [2020, "农业", 3000],
            [2020, "工业", 800],
            ["二、地下水"],
            [2020, "农业", 500],
        ),
        [
            use(2020, "农业", "地表水", 3000),
            use(2020, "工业", "地表水", 800),
            use(2020, "农业", "地下水", 500),
        ],
    ),
    Kind(
        "blocks under plants",
        "housing",
        one(
            ["年月", "处理水量（万m³）"],
            ["甲厂"],
            ["2023-01", 51],
            ["2023-02", 52],
            ["乙厂"],
            ["2023-01", 21],
        ),
        [
            plant("甲厂", "2023-01-01", treated_volume=51),
            plant("甲厂", "2023-02-01", treated_volume=52),
            plant("乙厂", "2023-01-01", treated_volume=21),
        ],
    ),
    Kind(
        "keys merged over their rows",
        "water_affairs",
        one(
            ["年份", "用水类别", "水源类别", "用水量(万m³)"],
            [1970, "农业", "地表水", 3000],
            [None, None, "地下水", 500],
            [None, "工业", "地表水", 800],
        ),
        [
            use(1970, "农业", "地表水", 3000),
            use(1970, "农业", "地下水", 500),
            use(1970, "工业", "地表水", 800),
        ],
        merged=("A2:A4", "B2:B3"),
        only="xlsx",
    ),
    Kind(
        "keys given once for each block, in CSV",
        "water_affairs",
        one(
            ["年份", "用水类别", "水源类别", "用水量(万m³)"],
            [1970, "农业", "地表水", 3000],
            [None, None, "地下水", 500],
        ),
        [use(1970, "农业", "地表水", 3000)],
        back=1,
        only="csv",
    ),
    Kind(
        "keys merged in a cross-table",
        "water_affairs",
        one(
            ["年份", "用水类别", "地表水", "地下水"],
            [2020, "农业", 3000, 500],
            [None, "工业", 800, 900],
        ),
        [
            use(2020, "农业", "地表水", 3000),
            use(2020, "农业", "地下水", 500),
            use(2020, "工业", "地表水", 800),
            use(2020, "工业", "地下水", 900),
        ],
        merged=("A2:A3",),
        only="xlsx",
        extra={"title": "用水量"},
    ),
    # --- header and data
    Kind(
        "a pollutant's name in the first row of data",
        "ecology",
        one(
            ["断面名称", "监测时间", "水质类别", "主要污染指标（超标倍数）"],
            ["甲断面", "2024-01-05", "Ⅳ", "氨氮(0.5)"],
            ["乙断面", "2024-01-05", "Ⅱ", None],
        ),
        [
            section("甲断面", "2024-01-05 00:00:00", reported_class="Ⅳ"),
            section("乙断面", "2024-01-05 00:00:00", reported_class="Ⅱ"),
        ],
    ),
    Kind(
        "PM2.5 as the primary pollutant",
        "ecology",
        one(
            ["站点名称", "日期", "AQI", "首要污染物"],
            ["甲站", "2024-01-05", 135, "PM2.5"],
            ["乙站", "2024-01-05", 80, "PM10"],
        ),
        [
            ("air_quality_daily", {"station": "甲站", "day": "2024-01-05", "aqi": 135}),
            ("air_quality_daily", {"station": "乙站", "day": "2024-01-05", "aqi": 80}),
        ],
    ),
    Kind(
        "a header below many lines of instructions",
        "water_affairs",
        one(
            *[[f"填表说明第{i}条：请如实填写"] for i in range(1, 46)],
            ["年份", "区域", EFF],
            [2000, "全县", 8900],
        ),
        [irrigation(2000, "全县", effective_irrigated_area=8900)],
        only="csv",
    ),
    Kind(
        "a statistical form with numbered columns",
        "water_affairs",
        one(
            ["表    号：水农1表"],
            ["制定机关：水利局"],
            ["综合机关名称：阳城县", "1999年", None, "计量单位：公顷"],
            ["年份", "区域", "灌溉面积", None],
            [None, None, "有效灌溉面积", "节水灌溉面积"],
            ["甲", "乙", 1, 2],
            [1999, "全县", 8800, 4000],
            ["单位负责人：张某", "填表人：李某"],
        ),
        [irrigation(1999, "全县", effective_irrigated_area=8800, water_saving_area=4000)],
    ),
    # --- hidden
    Kind(
        "a hidden column that repeats a title",
        "water_affairs",
        one(["年份", "区域", EFF, EFF], [2001, "全县", 8000, 9000]),
        [irrigation(2001, "全县", effective_irrigated_area=9000)],
        hidden_columns=("C",),
        told=("隐藏",),
        only="xlsx",
    ),
    Kind(
        "a hidden sheet with other figures",
        "water_affairs",
        {
            "2003年": [["年份", "区域", EFF], [2003, "全县", 9000]],
            "旧稿": [["年份", "区域", EFF], [2003, "全县", 8000]],
        },
        [irrigation(2003, "全县", effective_irrigated_area=9000)],
        hidden=("旧稿",),
        back=1,
        told=("隐藏",),
        only="xlsx",
    ),
    Kind(
        "two sheets that contradict each other",
        "water_affairs",
        {
            "初稿": [["年份", "区域", EFF], [2003, "全县", 9000], [2004, "全县", 9100]],
            "终稿": [["年份", "区域", EFF], [2003, "全县", 8000], [2004, "全县", 9100]],
        },
        [
            irrigation(2004, "全县", effective_irrigated_area=9100),
            irrigation(2004, "全县", effective_irrigated_area=9100),
        ],
        back=2,
        only="xlsx",
    ),
    # --- which dataset
    Kind(
        "wells under a title that sections have too, by the file's name",
        "ecology",
        one(
            ["点位名称", "监测日期", "水质类别", "pH", "氨氮"],
            ["城关一号", "2023-05-10", "Ⅲ", 7.2, 0.1],
        ),
        [
            (
                "groundwater_quality",
                {"well_name": "城关一号", "sampled_on": "2023-05-10", "quality_class": "Ⅲ"},
            )
        ],
        file="2023年地下水监测",
        told=("地下水水质",),
    ),
    Kind(
        "wells by their own names",
        "ecology",
        one(
            ["点位名称", "监测日期", "水质类别", "pH", "氨氮"],
            ["城关1号井", "2023-05-10", "Ⅲ", 7.2, 0.1],
            ["北留2号井", "2023-05-10", "Ⅱ", 7.2, 0.1],
        ),
        [
            (
                "groundwater_quality",
                {"well_name": "城关1号井", "sampled_on": "2023-05-10", "quality_class": "Ⅲ"},
            ),
            (
                "groundwater_quality",
                {"well_name": "北留2号井", "sampled_on": "2023-05-10", "quality_class": "Ⅱ"},
            ),
        ],
    ),
    Kind(
        "the file's name contradicts the header",
        "ecology",
        one(
            ["断面名称", "监测时间", "水质类别", "氨氮(mg/L)"],
            ["城关", "2023-05-10 08:00", "Ⅲ", 0.1],
        ),
        file="2023年地下水监测",
        asked="地下水水质",
    ),
    Kind(
        "a water source among sections' titles",
        "ecology",
        one(
            ["断面名称", "监测时间", "水质类别", "氨氮(mg/L)"],
            ["下孔水源地", "2023-05-10 08:00", "Ⅲ", 0.1],
        ),
        asked="饮用水",
    ),
    Kind(
        "a section whose village is called after a well",
        "ecology",
        one(
            ["断面名称", "监测时间", "氨氮(mg/L)"],
            ["井沟断面", "2023-05-10 08:00", 0.1],
        ),
        [section("井沟断面", "2023-05-10 08:00:00", ammonia_nitrogen=0.1)],
        file="地表水、地下水监测",
    ),
    Kind(
        "hours in the column 日期 of daily means",
        "ecology",
        one(
            ["站点名称", "日期", "PM2.5", "PM10"],
            ["甲站", "2023-03-02 08:00", 35, 60],
            ["甲站", "2023-03-02 09:00", 36, 61],
        ),
        asked="小时",
    ),
    Kind(
        "daily means by the columns, hours by the file's name",
        "ecology",
        one(["站点名称", "日期", "PM2.5", "PM10"], ["甲站", "2023-03-02", 35, 60]),
        file="空气质量小时数据",
        asked="小时",
    ),
    Kind(
        "days under 监测时间",
        "ecology",
        one(
            ["站点名称", "监测时间", "PM2.5", "PM10"],
            ["甲站", "2023-03-02", 35, 60],
            ["甲站", "2023-03-03", 36, 61],
        ),
        asked="日均",
    ),
    Kind(
        "reported rates of straw, by the file's name",
        "agriculture",
        one(["年份", "区域", "作物", "综合利用率"], [2022, "全县", "玉米", 90]),
        [("crop_straw", {"year": 2022, "area": "全县", "crop": "玉米", "reported_rate": 90})],
        file="秸秆综合利用2022",
    ),
    # --- figures that look like years, tables of unknown words, words behind listed values
    Kind(
        "figures that look like years, years across",
        "statistics",
        one(
            ["国民经济主要指标"],
            ["指标", "计量单位", "2021年", "2022年", "2022年比上年增长（%）"],
            ["地区生产总值", "亿元", 2000, 2010, 0.5],
            ["工业增加值", "亿元", 1950, 1960, 0.5],
        ),
        [
            statistic(2021, "地区生产总值", 2000, "亿元"),
            statistic(2022, "地区生产总值", 2010, "亿元"),
            statistic(2021, "工业增加值", 1950, "亿元"),
            statistic(2022, "工业增加值", 1960, "亿元"),
        ],
        told=("“指标”列按内容认作“统计指标”",),
        extra={"unknown": ["2022年比上年增长（%）"]},
    ),
    Kind(
        "plan and result below programmes, round thousands",
        "forestry",
        one(
            ["2022年度造林绿化任务完成情况", "单位：亩"],
            ["乡镇", "太行山绿化", None, "退耕还林", None],
            [None, "计划面积", "完成面积", "计划面积", "完成面积"],
            ["凤城镇", 1000, 900, 500, 450],
            ["北留镇", 2000, 2100, 300, 280],
        ),
        [
            planting(2022, "凤城镇", "太行山绿化", 1000, 900),
            planting(2022, "凤城镇", "退耕还林", 500, 450),
            planting(2022, "北留镇", "太行山绿化", 2000, 2100),
            planting(2022, "北留镇", "退耕还林", 300, 280),
        ],
    ),
    Kind(
        "an unknown table between two known ones",
        "water_affairs",
        one(
            ["年份", "区域", EFF],
            [2020, "全县", 1000],
            [],
            ["乡镇", "巡河次数", "发现问题"],
            ["凤城镇", 12, 3],
            ["北留镇", 10, 1],
            [],
            ["年份", "区域", "土地面积(km²)", "水土流失面积(km²)"],
            [2020, "全县", 1968, 800],
        ),
        [
            irrigation(2020, "全县", effective_irrigated_area=1000),
            ("soil_erosion", {"year": 2020, "area": "全县", "land_area": 1968, "eroded_area": 800}),
        ],
        asked="表头不符合任何一种应报数据",
    ),
    Kind(
        "an unknown table above a known one",
        "water_affairs",
        one(
            ["河湖", "巡河次数", "发现问题"],
            ["沁河", 12, 3],
            ["芦苇河", 10, 1],
            [],
            ["年份", "区域", EFF],
            [2020, "全县", 1000],
        ),
        [irrigation(2020, "全县", effective_irrigated_area=1000)],
        asked="“河湖｜巡河次数｜发现问题”",
    ),
    Kind(
        "words without figures in a table after an empty line",
        "water_affairs",
        one(
            ["区域", "年份", EFF, SAVE],
            ["凤城镇", 2020, 1000, 5],
            [],
            ["北留镇", "二〇二〇年", "无", "无"],
            ["润城镇", 2020, 10, 5],
        ),
        [
            irrigation(2020, "凤城镇", effective_irrigated_area=1000, water_saving_area=5),
            irrigation(2020, "润城镇", effective_irrigated_area=10, water_saving_area=5),
        ],
        back=1,
    ),
    Kind(
        "townships under 单位, a unit beside the title",
        "forestry",
        one(
            ["2022年林业有害生物防治情况统计表"],
            [None, None, None, "面积单位：万亩"],
            ["单位", "发生面积", "成灾面积", "防治面积"],
            ["凤城镇", 1.2, 0.1, 1.1],
            ["北留镇", 0.8, 0, 0.7],
            ["全县合计", 2.0, 0.1, 1.8],
        ),
        [
            pests(2022, "凤城镇", 12000, 1000, 11000),
            pests(2022, "北留镇", 8000, 0, 7000),
        ],
        told=("“单位”列按内容认作“区域”",),
    ),
    Kind(
        "sources with a noun behind them, across",
        "ecology",
        one(
            ["2022年主要污染物排放量", None, None, "单位：吨"],
            ["污染物", "工业源", "农业源", "生活源"],
            ["化学需氧量", 100, 2000, 300],
            ["氨氮", 5, 60, 40],
        ),
        [
            emitted(2022, "化学需氧量", "工业", 100),
            emitted(2022, "化学需氧量", "农业", 2000),
            emitted(2022, "化学需氧量", "生活", 300),
            emitted(2022, "氨氮", "工业", 5),
            emitted(2022, "氨氮", "农业", 60),
            emitted(2022, "氨氮", "生活", 40),
        ],
    ),
    Kind(
        "uses and sources with a noun behind them, down",
        "water_affairs",
        one(
            ["年度", "用途", "水源", "用水量(亿m³/a)"],
            ["2020年", "农业用水", "地表水源", 0.12],
            ["2020年", "生态用水", "非常规水源", 0.01],
        ),
        [use(2020, "农业", "地表水", 1200), use(2020, "生态", "非常规水", 100)],
    ),
    Kind(
        "a form with the year in a line of its own and numbered columns",
        "water_affairs",
        one(
            ["表号：A302"],
            ["2021年"],
            ["综合机关名称：阳城县水务局", None, None, "计量单位：千公顷"],
            ["地区", "代码", "有效灌溉面积", "节水灌溉面积"],
            ["甲", "乙", 1, 2],
            ["全县", "01", 12.3, 8.1],
            ["凤城镇", "02", 2.3, 1.1],
            ["单位负责人：张三", "填表人：王五", None, "报出日期：2022年1月5日"],
        ),
        [
            irrigation(2021, "全县", effective_irrigated_area=12300, water_saving_area=8100),
            irrigation(2021, "凤城镇", effective_irrigated_area=2300, water_saving_area=1100),
        ],
    ),
    Kind(
        "a township under an unknown title, the county in the table's",
        "water_affairs",
        one(["阳城县2021年灌溉面积"], ["所在地", EFF], ["凤城镇", 2.3]),
        [irrigation(2021, "凤城镇", effective_irrigated_area=2.3)],
        told=("“所在地”列按内容认作“区域”",),
    ),
    Kind(
        "a few townships among unknown names, the county in the title",
        "water_affairs",
        one(
            ["阳城县2021年灌溉面积"],
            ["灌区", EFF],
            ["凤城镇", 2.3],
            ["第一灌区", 2],
            ["第二灌区", 1],
        ),
        asked="没有写明“区域”",
    ),
    Kind(
        "a name that sections and wells may have, and nothing that decides",
        "ecology",
        one(["点位名称", "监测日期", "水质类别"], ["沁河桥", "2023-01-05", "Ⅲ"]),
        file="水质",
        asked="无法判断是哪一种",
    ),
    Kind(
        "one line for the units of areas and volumes",
        "forestry",
        one(
            ["计量单位：万公顷、万立方米"],
            ["年份", "区域", "森林面积", "林地面积", "活立木蓄积"],
            [2020, "全县", 8.5, 10.2, 320],
        ),
        [
            (
                "forest_resources",
                {
                    "year": 2020,
                    "area": "全县",
                    "forest_area": 85000,
                    "forest_land_area": 102000,
                    "stock_volume": 3200000,
                },
            )
        ],
    ),
    Kind(
        "a line of units below that contradicts all headers",
        "agriculture",
        one(
            ["年份", "区域", "作物", "可收集量(万吨)", "综合利用量(万吨)"],
            [2021, "全县", "玉米", 1.5, 1.4],
            ["单位：吨"],
        ),
        [
            (
                "crop_straw",
                {"year": 2021, "area": "全县", "crop": "玉米", "collectable": 15000, "used": 14000},
            )
        ],
        told=("没有用于本表任何一列",),
    ),
)
