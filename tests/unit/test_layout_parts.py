"""The parts of the layout stage by themselves: periods, what stands beside a table, regions."""

import polars as pl
import pytest

from sources.contracts import load_contracts
from sources.layout import second_header
from sources.layout.cells import Cells, cells_of_head
from sources.layout.compose import period_texts
from sources.layout.context import Clash, Context, Given
from sources.layout.halves import find_halves
from sources.layout.periods import Period, periods_in, read_period
from sources.layout.records import column_letters
from sources.layout.regions import HeaderLines, find_regions, header_lines
from sources.layout.vocabulary import Vocabulary
from sources.reading.raw import HeadRow, RawTable
from sources.recognise.headers import header_index
from sources.recognise.words import comparison, general_title, is_numbering, is_total

CONTRACTS = load_contracts()
INDEX = header_index(CONTRACTS)


def cells(*rows: list[str], first: int = 1) -> Cells:
    head = tuple(HeadRow(first + n, tuple(row)) for n, row in enumerate(rows))
    return cells_of_head(RawTable("", head, lambda after, width: iter(())))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2020", Period(2020)),
        ("2020年度", Period(2020)),
        ("二〇二二年", Period(2022)),
        ("2020年1月", Period(2020, 1)),
        ("202301", Period(2023, 1)),
        ("2016.1", None),  # January or October
        ("2016.10", Period(2016, 10)),
        ("十二月", Period(None, 12)),
        ("1-6月", Period(several=True)),
        ("2023年1-12月", Period(2023)),
        ("一季度", Period(several=True)),
        ("8时", Period(hour=8)),
        ("2023-01-05 08:00", Period(2023, 1, 5, 8, 0)),
        ("12", None),
        ("凤城镇", None),
    ],
)
def test_a_text_that_is_a_period(text: str, period: Period | None) -> None:
    assert read_period(text) == period


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("阳城县2022年全社会用电量", [Period(2022)]),
        ("2021年 1月 情况", [Period(2021, 1)]),
        ("空气小时20230301-08", [Period(2023, 3, 1)]),
        ("填报日期：2023年1月5日", []),
        ("按GB3838-2002评价", []),
        ("地区生产总值(2020年不变价)", []),
        ("2019-2021年灌溉面积", [Period(several=True)]),
        ("2023年上半年", [Period(2023, several=True)]),
        ("二〇二二年五月", [Period(2022, 5)]),
    ],
)
def test_periods_in_running_text(text: str, periods: list[Period]) -> None:
    assert list(periods_in(text)) == periods


def test_a_month_is_no_year_and_a_first_day_is_its_month() -> None:
    assert Period(2023, 5).text("year") is None
    assert Period(2023, 5, 1).text("month") == "2023-05"
    assert Period(2023, 5, 2).text("month") is None
    assert Period(2023).with_parts(Period(2022)) is None


def beside(*titles: str, sheet: str = "", file: str = "报表.csv") -> Context:
    return Context.of(titles, sheet, file, CONTRACTS.areas)


def test_what_stands_beside_a_table() -> None:
    year = CONTRACTS["irrigation"].field("year")
    area = CONTRACTS["irrigation"].field("area")
    month = CONTRACTS["wastewater_plants"].field("month")
    assert beside("2021年灌溉").value(year) == Given("2021", "2021年灌溉", "标题")
    assert isinstance(beside("2021年灌溉", file="2022年.csv").value(year), Clash)
    assert beside("2021年灌溉", file="20230110上报.csv").value(year) is not None
    found = beside(sheet="1月", file="2021年月报.xlsx").value(month)
    assert isinstance(found, Given) and found.value == "2021-01"
    place = beside("阳城县凤城镇灌溉面积").value(area)
    assert isinstance(place, Given) and place.value == "凤城镇"
    assert beside("阳城县各乡镇灌溉面积").value(area) is None
    assert beside("河北省灌溉面积").value(area) is None
    assert isinstance(beside("凤城镇、北留镇").value(area), Clash)


def test_parts_of_a_period_that_contradict_each_other_stay_as_they_stand() -> None:
    frame = pl.DataFrame(
        {"day": ["2023-03-01", "2023-03-02"], "hour": ["8", "24"], "y": [2023, 2022]}
    )
    texts = period_texts(frame, "datetime", {"day": "day", "hour": "hour"}, Period())
    assert texts.to_list() == ["2023-03-01 08:00", "2023-03-02 24:00"]
    texts = period_texts(frame, "date", {"day": "day"}, Period(), {"year": "y"})
    assert texts.to_list() == ["2023-03-01", "2023-03-02"]  # as it stands: for cleaning to judge
    months = pl.DataFrame({"m": ["1", "坏"]})
    texts = period_texts(months, "month", {"m": "month"}, Period(2022))
    assert texts.to_list() == ["2022-01", "坏"]


def test_words_that_belong_to_no_dataset() -> None:
    assert [comparison(t) for t in ("本期", "上年同期", "本年累计", "增长（%）", "工业")] == [
        *("current", "previous", "cumulative", "change"),
        None,
    ]
    assert general_title("监测值(mg/L)") == "value"
    assert is_total("合 计") and not is_total("合计表")


def test_what_a_cell_says_in_the_words_of_a_dataset() -> None:
    words = Vocabulary(CONTRACTS["water_use"], INDEX)
    both = words.read("农业用水量(万m³)")
    assert (dict(both.keys), both.title, both.unit) == ({"use_sector": "农业"}, "volume", "万m3")
    assert dict(words.read("一、地表水").keys) == {"water_source": "地表水"}
    assert words.read("2020年").period == Period(2020)
    assert not words.read("备注").places
    named = words.measure_in("2015年用水量（万m³）")
    assert named is not None and named[0].field == "volume"


def test_tables_of_a_sheet() -> None:
    sheet = cells(
        ["2021年用水量", "", "", ""],
        ["年份", "用水类别", "水源类别", "用水量"],
        ["2021", "农业", "地表水", "3100"],
        ["单位：亿立方米", "", "", ""],
        ["年份", "用水类别", "水源类别", "用水量"],
        ["2022", "农业", "地表水", "0.32"],
    )
    regions = find_regions(sheet, header_lines(INDEX))
    assert [r.cells.lines for r in regions] == [[1, 2, 3], [4, 5, 6]]
    assert [r.header for r in regions] == [1, 1]


def test_a_row_of_values_is_no_header() -> None:
    sheet = cells(
        ["年份", "污染物", "排放来源", "排放量"],
        ["2023", "氨氮", "工业", "—"],
        ["2023", "化学需氧量", "生活", "5"],
    )
    assert len(find_regions(sheet, header_lines(INDEX))) == 1


def test_halves_of_a_table() -> None:
    halves = find_halves(["年份", "乡镇", "化肥施用量", "", "乡镇", "化肥施用量"], INDEX)
    assert halves is not None
    assert (halves.shared, halves.parts) == ((0,), ((1, 2), (4, 5)))
    assert find_halves(["年份", "乡镇", "化肥施用量"], INDEX) is None
    assert find_halves(["年份", "乡镇", "化肥施用量", "乡镇", "农药使用量"], INDEX) is None


def test_small_things() -> None:
    assert is_numbering(["甲", "乙", "1", "2"]) and not is_numbering(["1999", "1", "2", "3"])
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_every_title_that_is_known_may_be_that_of_a_second_header() -> None:
    odd = [
        "污水①产生量",
        "ＰＭ１０",
        "森林覆蓋率",
        "<b>森林覆盖率</b>",
        "1、森林覆盖率（%）",
        "COD mg/L",
    ]
    odd += [
        "*乡镇",
        "其中：森林面积",
        "本期用电量",
        "氨氮(NH3-N)",
        "森林面积¹",
        "站点\n名称",
        "年 份",
    ]
    titles = odd + [title for c in CONTRACTS for f in c.fields for title in f.titles]
    possible = set(second_header._possible_titles(pl.Series(titles), INDEX.spellings))
    assert [t for t in titles if INDEX.known(t) and t not in possible] == []
    assert len([t for t in odd if INDEX.known(t)]) > 10


def test_a_second_header_is_found_among_many_differing_values() -> None:
    lines = HeaderLines(INDEX)
    rows = 50_000
    values = [f"坏{n}" if n % 2 else f"PM{n}号" for n in range(rows)]
    values[-3] = "森林覆盖率（%）"
    rejected = pl.DataFrame(
        {
            "row_number": range(rows),
            "value": values,
            "raw_row": '{"a": "年份", "b": "森林覆盖率（%）"}',
        }
    )
    assert second_header.other_header(rejected, lines) == rows - 3
    assert second_header.other_header(rejected.head(rows - 3), lines) is None
    few = second_header._possible_titles(rejected["value"], INDEX.spellings)
    assert len(few) < 100, "of each of these texts the index would be asked"
