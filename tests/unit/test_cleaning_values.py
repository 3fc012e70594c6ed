"""What a cell's text means: numbers, units, censored and missing values, dates, classes, areas."""

from datetime import date, datetime
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.cleaning import codes, dates
from sources.cleaning.columns import convert, first_cast
from sources.cleaning.names import parse_text
from sources.cleaning.numbers import parse_number, times
from sources.contracts import Field, load_contracts
from sources.recognise.units import Column

CONTRACTS = load_contracts()
UNITS = CONTRACTS.units
FREE = Field(field="x", title_zh="备注", type="string")
NAME = Field(field="x", title_zh="断面名称", type="string", key=True, required=True)
FIELD = CONTRACTS["water_section_quality"].field


def row(frame: pl.DataFrame) -> dict[str, object]:
    return frame.row(0, named=True)


def number(text: str, unit: str | None = "mg/L", header_unit: str | None = None, kind="float"):
    field = Field(field="x", title_zh="x", type=kind, unit=unit)
    factor = UNITS.factor(header_unit, unit) if header_unit else Fraction(1)
    column = Column(field, 0, "x", header_unit, factor=factor)
    return row(parse_number(pl.Series([text]), column, UNITS))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5),
        (" 12.5 ", 12.5),
        ("'12.5", 12.5),
        ('="12.5"', 12.5),
        ("１２．５", 12.5),
        ("1,234,567.5", 1234567.5),
        ("１，２３４", 1234.0),
        ("1 234.5", 1234.5),
        ("-3", -3.0),
        ("－３", -3.0),
        ("−3", -3.0),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.2e3", 1200.0),
        ("1.2E-3", 0.0012),
        ("0012", 12.0),
        ("12.5\u200b", 12.5),
        ("12.5mg/L", 12.5),
        ("12500 μg/L", 12.5),
        ("12500微克/升", 12.5),
        ("9 890.5", 9890.5),
        ("9\u202f890", 9890.0),
        ("　9　600　", 9600.0),
        ("1.2×10^4", 12000.0),
        ("1.2×10⁴", 12000.0),
        ("1.2x10-3", 0.0012),
        ("3*10^4", 30000.0),
        ("<span class='v'>12.5</span>", 12.5),
        ("12.5&nbsp;", 12.5),
    ],
)
def test_numbers(text, value):
    found = number(text)
    assert found["error"] is None
    assert found["value"] == value
    assert found["flag"] is None


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        (("abc", "1.2.3", "12,34", "1,2345", "三", "<", ">5", "0x1F", "1_000"), "not_a_number"),
        (("O.5", "1l.5", "12。5", "inf", "-inf", "<-1", "<0", "12②5", "1.2×104"), "not_a_number"),
        (("12.5（预计）", "12.5p", "5 x y", "12蒲式耳"), "unknown_unit"),
        (
            ("12\n15", "12 15", "12；15", "12、15", "12<br>15", "1/3", "9 890\n9 780"),
            "several_values",
        ),
        (("2023 12", "12 mg/L 15 mg/L", "1 23", "12 3456"), "several_values"),
        (("3~5", "3-5", "3—5", "3～5", "3至5", "3到5mg/L", "2023-01"), "range_of_values"),
        (("(12.5)", "（12.5）", "△12.5", "▲12.5", "▼3", "(5%)"), "maybe_negative"),
        (("2023-03-05", "2023/3/5", "3月5日", "5-Mar"), "date_for_number"),
        (("同上", "〃", "″", '"'), "same_as_above"),
        (("1̶2̶",), "struck_out"),
        (("\ue0005",), "private_character"),
    ],
)
def test_what_is_no_number(texts, error):
    assert {text: number(text)["error"] for text in texts} == dict.fromkeys(texts, error)
    assert {number(text)["value"] for text in texts} == {None}


def test_a_laboratory_s_sign_for_below_the_limit_without_the_limit():
    assert number("L")["censored"] == "未检出"


@pytest.mark.parametrize(
    "text",
    [
        *("9890①", "9890 ②", "9890*", "9890※", "9890¹", "9890[1]", "9890（注1）", "9890†", "*9890"),
        *("9890〔2〕", "9890<sup>1</sup>", "9890mg/L①", "9890注①"),
    ],
)
def test_signs_that_refer_to_a_note_are_no_digits(text):
    found = number(text)
    assert (found["value"], found["flag"], found["error"]) == (9890.0, "note_sign", None)


@pytest.mark.parametrize("text", ["5m³", "5 m³①", "5立方米¹"])
def test_an_exponent_of_a_unit_is_no_note(text):
    assert number(text, "万m³")["value"] == 0.0005


def test_a_number_beyond_all_measure():
    assert number("1e400")["error"] == "number_too_large"


@pytest.mark.parametrize(
    ("text", "value"), [("约12", 12.0), ("大约 12", 12.0), ("12左右", 12.0), ("≈12", 12.0)]
)
def test_about_is_a_number_with_a_flag(text, value):
    found = number(text)
    assert (found["value"], found["flag"], found["error"]) == (value, "approximate", None)


@pytest.mark.parametrize(
    ("text", "unit", "header_unit", "value"),
    [
        ("0.7715", "万m³", "亿m³", 7715.0),
        ("46.6%", "%", None, 46.6),
        ("46.6％", "%", None, 46.6),
        ("5‰", "%", None, 0.5),
        ("12万吨", "吨", None, 120000.0),
        ("12万", "人", None, 120000.0),
        ("1.5万人", "人", "人", 15000.0),
        ("1.5", "人", "万人", 15000.0),
        ("15万亩", "公顷", None, 10000.0),
        ("1", "公顷", "亩", round(1 / 15, 16)),
        ("3kg", "吨", "万吨", 0.003),
        ("7.5 (mg/L)", "mg/L", None, 7.5),
    ],
)
def test_units_convert_exactly(text, unit, header_unit, value):
    found = number(text, unit, header_unit)
    assert found["error"] is None
    assert found["value"] == pytest.approx(value, rel=1e-15, abs=0)


def test_units_that_do_not_convert():
    assert number("12吨", "万m³")["error"] == "unit_dimension"
    assert number("12%", "万m³")["error"] == "unit_dimension"
    assert number("12蒲式耳", "万m³")["error"] == "unknown_unit"
    assert number("12%", None)["error"] == "unit_not_wanted"


@pytest.mark.parametrize(
    ("text", "header_unit", "value", "censored"),
    [
        ("<0.01", None, 0.005, "<0.01"),
        ("＜0.01", None, 0.005, "<0.01"),
        ("< 0.010", None, 0.005, "<0.01"),
        ("0.01L", None, 0.005, "<0.01"),
        ("0.01(L)", None, 0.005, "<0.01"),
        ("<0.01L", None, 0.005, "<0.01"),
        ("<20", "μg/L", 0.01, "<0.02"),
        ("<20μg/L", None, 0.01, "<0.02"),
        ("<0.02mg/L", None, 0.01, "<0.02"),
        ("未检出(<0.01)", None, 0.005, "<0.01"),
        ("未检出（0.01）", None, 0.005, "<0.01"),
        ("未检出", None, None, "未检出"),
        ("ND", None, None, "未检出"),
    ],
)
def test_censored_values_are_half_the_limit_with_a_flag(text, header_unit, value, censored):
    found = number(text, "mg/L", header_unit)
    assert (found["value"], found["censored"]) == (value, censored)
    assert found["error"] is None and found["kind"] is None


def test_a_count_cannot_be_below_a_limit():
    assert number("<5", "个", kind="int")["error"] == "not_a_number"


@pytest.mark.parametrize(
    ("text", "kind"),
    [(t, "not_reported") for t in ("", " ", "—", "——", "--", "-", "/", "－－", "未统计", "NA")]
    + [(t, "not_reported") for t in ("(Null)", "\\N", "[NULL]", "<null>", "NaN", "(空白)", "ー")]
    + [(t, "not_reported") for t in ("N/A", "n/a", "null", "-;", "…", "暂无")]
    + [(t, "not_measured") for t in ("未检测", "未监测", "未 检测", "缺测")],
)
def test_missing_values_keep_their_kind(text, kind):
    for found in (
        number(text),
        row(dates.parse_date(pl.Series([text]))),
        row(codes.parse_bool(pl.Series([text]))),
        row(parse_text(pl.Series([text]), FREE)),
    ):
        if text == "-;" and found["value"] == "-;":
            continue
        assert (found["value"], found["kind"], found["error"]) == (None, kind, None)


def test_words_for_missing_are_text_in_a_text():
    assert row(parse_text(pl.Series(["不详"]), FREE))["value"] == "不详"
    for text in ("不详", "空", "无", "*", "（空）"):
        assert number(text)["kind"] == "not_reported"
    assert row(parse_text(pl.Series(["无"]), FREE))["value"] == "无"
    assert number("一")["error"] == "not_a_number", "one, or a dash typed with the wrong key"


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("12.0", 12), ("1,234", 1234), ("1.2万", 12000), ("１２户", 12)]
)
def test_integers(text, value):
    found = number(text, "户", kind="int")
    assert (found["value"], found["error"]) == (value, None)


def test_what_is_no_integer():
    assert number("12.5", "户", kind="int")["error"] == "not_an_integer"
    assert number("1e30", "户", kind="int")["error"] == "number_too_large"


DAY = date(2023, 3, 1)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (dates.parse_month, "44986", DAY),
        (dates.parse_date, "44986", DAY),
        (dates.parse_date, "44986.0", DAY),
        (dates.parse_date, "44986.5", DAY),
        (dates.parse_datetime, "44986.25", datetime(2023, 3, 1, 6)),
    ],
)
def test_a_number_of_days_is_told(parse, text, value):
    found = row(parse(pl.Series([text])))
    assert (found["value"], found["flag"], found["error"]) == (value, "day_number", None)


@pytest.mark.parametrize("text", ["202303", "20233", "2023-03", "2023.03"])
def test_a_month_without_a_sign_is_no_number_of_days(text):
    found = row(dates.parse_month(pl.Series([text])))
    assert (found["value"], found["flag"]) == (DAY, None)


def test_a_workbook_may_count_days_from_1904():
    shift = dates.EPOCH_1904
    assert row(dates.parse_date(pl.Series(["43524"]), shift))["value"] == DAY
    assert row(dates.parse_month(pl.Series(["43524"]), shift))["value"] == DAY
    assert row(dates.parse_date(pl.Series(["2023-03-01"]), shift))["value"] == DAY


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (dates.parse_year, "1973①", 1973),
        (dates.parse_year, "1974*", 1974),
        (dates.parse_month, "2023-03①", DAY),
        (dates.parse_date, "2023-03-01*", DAY),
    ],
)
def test_signs_on_a_period_are_no_digits(parse, text, value):
    found = row(parse(pl.Series([text])))
    assert (found["value"], found["flag"]) == (value, "note_sign")


@pytest.mark.parametrize(
    "text",
    [
        *("2023-03-01", "2023/3/1", "2023.3.1", "20230301", "2023年3月1日", "２０２３年３月１日"),
        *(
            "2023-3-01",
            " 2023年03月01日 ",
            "2023-03-01 00:00:00",
            "2023年3月1号",
        ),
    ],
)
def test_dates(text):
    found = row(dates.parse_date(pl.Series([text])))
    assert (found["value"], found["error"], found["flag"]) == (DAY, None, None)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2023-02-30", "not_a_date"),
        ("2023-13-01", "not_a_date"),
        ("3/1/2023", "not_a_date"),
        ("23-03-01", "not_a_date"),
        ("2023-03", "not_a_date"),
        ("昨天", "not_a_date"),
        ("12345", "not_a_date"),
        ("0023-03-01", "date_out_of_range"),
        ("2323-03-01", "date_out_of_range"),
    ],
)
def test_what_is_no_date(text, error):
    assert row(dates.parse_date(pl.Series([text])))["error"] == error


def test_a_time_on_a_day_is_dropped_with_a_flag():
    found = row(dates.parse_date(pl.Series(["2023-03-01 08:30"])))
    assert (found["value"], found["flag"]) == (DAY, "time_dropped")
    end = row(dates.parse_date(pl.Series(["2023-03-01 24:00"])))
    assert end["value"] == DAY


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023-03-01 08:30:15", datetime(2023, 3, 1, 8, 30, 15)),
        ("2023-03-01T08:30:15", datetime(2023, 3, 1, 8, 30, 15)),
        ("2023-03-01T08:30:15.000+08:00", datetime(2023, 3, 1, 8, 30, 15)),
        ("2023/3/1 8:30", datetime(2023, 3, 1, 8, 30)),
        ("2023.3.1 8:30", datetime(2023, 3, 1, 8, 30)),
        ("2023年3月1日 8时", datetime(2023, 3, 1, 8)),
        ("2023年3月1日8时30分", datetime(2023, 3, 1, 8, 30)),
        ("2023年3月1日8:30", datetime(2023, 3, 1, 8, 30)),
        ("2023-03-01 24:00", datetime(2023, 3, 2)),
        ("2023-03-01", datetime(2023, 3, 1)),
        ("202303010830", datetime(2023, 3, 1, 8, 30)),
        ("20230301083015", datetime(2023, 3, 1, 8, 30, 15)),
        ("2023030108", datetime(2023, 3, 1, 8)),
        ("44986.5", datetime(2023, 3, 1, 12)),
        ("44986.3333333333", datetime(2023, 3, 1, 8)),
        ("2023/3/1 下午 2:30:00", datetime(2023, 3, 1, 14, 30)),
        ("2023-03-01 2:30:00 PM", datetime(2023, 3, 1, 14, 30)),
        ("2023-03-01 2:30am", datetime(2023, 3, 1, 2, 30)),
        ("2023-03-01 12:30 AM", datetime(2023, 3, 1, 0, 30)),
        ("2023年3月1日中午12时", datetime(2023, 3, 1, 12)),
        ("2023年3月1日上午9时", datetime(2023, 3, 1, 9)),
        ("2023年3月1日 星期三", datetime(2023, 3, 1)),
        ("2023年3月1日（周三） 8:00", datetime(2023, 3, 1, 8)),
        ("2023-03-01T09:00:00+0800", datetime(2023, 3, 1, 9)),
        ("2023-03-01T02:00:00Z", datetime(2023, 3, 1, 10)),
        ("2023-03-01T10:00:00+09:00", datetime(2023, 3, 1, 9)),
        ("二〇二三年三月一日八时", datetime(2023, 3, 1, 8)),
        ("1-Mar-2023 08:00", datetime(2023, 3, 1, 8)),
        ("Mar 1, 2023 8:00", datetime(2023, 3, 1, 8)),
        ("20230301.0", datetime(2023, 3, 1)),
    ],
)
def test_times(text, value):
    found = row(dates.parse_datetime(pl.Series([text])))
    assert (found["value"], found["error"]) == (value, None)


@pytest.mark.parametrize(
    "text",
    [
        *("2023-03-01 25:00", "2023-03-01 24:01", "2023-03-01 8:61", "8:00", "03-01 08:00"),
        *("2023-03-01 08:00-09:00", "2023-03-01 上午12:00", "2023-03-01 上午14:00", "2023.03-01"),
    ],
)
def test_what_is_no_time(text):
    assert row(dates.parse_datetime(pl.Series([text])))["error"] == "not_a_datetime"


@pytest.mark.parametrize(
    "text",
    [
        *("2023年3月", "2023-03", "202303", "2023/3", "2023.03", "2023.3", "2023年3月份"),
        *("2023-03-15", "44986", "2023年03月", "２０２３年３月", "202303.0", "20233", "23年3月"),
        *("二〇二三年三月", "二○二三年三月", "Mar-23", "2023-Mar", "March 2023", "2023年3月末"),
        *("2023 3", "2023 3 1", "2023 年 3 月", "2023M03"),
    ],
)
def test_months(text):
    found = row(dates.parse_month(pl.Series([text])))
    assert (found["value"], found["error"]) == (DAY, None)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2023.1", "ambiguous_month"),
        ("2023-13", "not_a_month"),
        ("202313", "not_a_month"),
        ("3月", "not_a_month"),
        ("2023", "not_one_month"),
        ("2023年", "not_one_month"),
        ("2023.01-06", "not_one_month"),
        ("2023/1-6", "not_one_month"),
        ("2023.1-6", "not_one_month"),
        ("2023年1-6月", "not_one_month"),
        ("2023年1—6月", "not_one_month"),
        ("2023年1月至6月", "not_one_month"),
        ("1-6月", "not_one_month"),
        ("2023.01-2023.06", "not_one_month"),
        ("202301-202306", "not_one_month"),
        ("2023年第一季度", "not_one_month"),
        ("2023Q1", "not_one_month"),
        ("2023年上半年", "not_one_month"),
        ("2023年3月上旬", "not_one_month"),
        ("截至2023年6月", "not_one_month"),
        ("截至2023年6月30日", "not_one_month"),
        ("23-Apr", "not_a_month"),
        ("20230", "not_a_month"),
        ("202301\n202302", "not_a_month"),
        ("2023-01\n2023-02", "not_a_month"),
    ],
)
def test_what_is_no_month(text, error):
    assert row(dates.parse_month(pl.Series([text])))["error"] == error


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2023",
            "2023年",
            "2023年度",
            "２０２３",
            "2023.0",
            " 2023 ",
            "2,023",
            "2023年末",
            "截至2023年底",
        ),
        *("23年", "二〇二三年", "2023-01-01", "2023-12-31 00:00:00", "截至2023年12月31日"),
    ],
)
def test_years(text):
    found = row(dates.parse_year(pl.Series([text])))
    assert (found["value"], found["error"]) == (2023, None)


@pytest.mark.parametrize(
    ("text", "error"),
    [("23", "not_a_year"), ("20x3", "not_a_year"), ("1066", "date_out_of_range")],
)
def test_what_is_no_year(text, error):
    assert row(dates.parse_year(pl.Series([text])))["error"] == error


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (t, "Ⅲ")
            for t in ("Ⅲ", "III", "iii", "三类", "3", "Ⅲ类", "III 类", "三", "3类", "Ⅲ类水质")
        ),
        *((t, "劣Ⅴ") for t in ("劣Ⅴ", "劣V类", "劣五类", "劣Ⅴ类", "劣5类", "劣于Ⅴ类", "劣v")),
        ("Ⅱ", "Ⅱ"),
        ("Ⅳ类", "Ⅳ"),
        ("1", "Ⅰ"),
        ("V", "Ⅴ"),
    ],
)
def test_water_classes(text, value):
    found = row(codes.parse_class(pl.Series([text]), FIELD("reported_class")))
    assert (found["value"], found["error"]) == (value, None)


def test_classes_of_groundwater_and_targets_have_no_worse_than_five():
    ground = CONTRACTS["groundwater_quality"].field("quality_class")
    assert row(codes.parse_class(pl.Series(["劣Ⅴ"]), ground))["error"] == "value_not_allowed"
    assert row(codes.parse_class(pl.Series(["Ⅵ"]), ground))["error"] == "value_not_allowed"


@pytest.mark.parametrize(
    ("text", "value"),
    [(t, True) for t in ("是", "达标", "√", "1", "true", "TRUE", "Yes", "１")]
    + [(t, False) for t in ("否", "不达标", "×", "0", "false", "未达标", "X")],
)
def test_booleans(text, value):
    found = row(codes.parse_bool(pl.Series([text])))
    assert (found["value"], found["error"]) == (value, None)
    assert row(codes.parse_bool(pl.Series(["也许"])))["error"] == "not_a_boolean"


def test_areas_with_or_without_their_kind():
    areas = CONTRACTS.areas
    for text, value in (
        *((t, "凤城镇") for t in ("凤城镇", "凤城", " 凤 城 镇", "阳城县凤城镇", "凤城\n镇")),
        ("寺头", "寺头乡"),
        ("全县", "全县"),
        ("阳城县", "全县"),
        ("县城", "县城"),
    ):
        found = row(codes.parse_area(pl.Series([text]), areas, areas.names))
        assert (found["value"], found["error"]) == (value, None), text
    townships = codes.parse_area(pl.Series(["全县"]), areas, areas.townships)
    assert row(townships)["error"] == "unknown_area"


def test_every_area_and_allowed_value_reads_as_itself():
    areas = CONTRACTS.areas
    names = pl.Series(list(areas.names))
    assert codes.parse_area(names, areas, areas.names)["value"].equals(names)
    for contract in CONTRACTS:
        for field in contract.fields:
            values = pl.Series(list(field.values), dtype=pl.String)
            if field.type == "enum":
                assert codes.parse_enum(values, field)["value"].equals(values), field
            elif field.type in ("water_class", "groundwater_class"):
                assert codes.parse_class(values, field)["value"].equals(values), field


def test_signs_of_comparison():
    field = CONTRACTS["target_assignments"].field("comparator")
    for text, value in ((">=", "≥"), ("＜＝", "≤"), ("=", "="), ("＝", "="), ("≧", "≥")):
        assert row(codes.parse_enum(pl.Series([text]), field))["value"] == value


def test_texts():
    def text(value: str, *, is_key: bool = False):
        return row(parse_text(pl.Series([value]), NAME if is_key else FREE))["value"]

    assert text("  张三  ") == "张三"
    assert text("'00123") == "00123"
    assert text('="00123"') == "00123"
    assert text("ＡＢＣ（一）") == "ABC(一)"
    assert text("5 m³，Ⅲ类") == "5 m³,Ⅲ类"
    assert text("5 m³", is_key=True) == "5 m3"
    assert text("⽔库", is_key=True) == "水库"  # a Kangxi radical, as PDF programs copy it
    assert text("凤城\n镇") == "凤城镇"
    assert text("a\r\nb") == "a b"
    assert text("=1+1") == "=1+1"  # data, never a formula


def test_texts_that_are_rejected():
    def error(value: str):
        return row(parse_text(pl.Series([value]), FREE))["error"]

    assert error("a\x07b") == "control_character"
    assert error("x" * 5_000) == "text_too_long"
    assert error("凤\ufffd镇") == "undecodable_text"
    assert error("例：凤城镇") == "example_left"
    assert error("#REF!") == "spreadsheet_error"


@settings(max_examples=300, deadline=None)
@given(
    digits=st.integers(min_value=1, max_value=10**15 - 1),
    exponent=st.integers(min_value=-12, max_value=3),
    pair=st.sampled_from([("亿m³", "万m³"), ("万亩", "公顷"), ("千克", "吨"), ("μg/L", "mg/L")]),
)
def test_conversion_is_exact_to_fifteen_digits(digits, exponent, pair):
    """The result is the float nearest to the exact product rounded to 15 significant digits."""
    value = float(f"{digits}e{exponent}")
    factor = UNITS.factor(*pair)
    exact = Fraction(digits) * Fraction(10) ** exponent * factor
    found = pl.select(times(pl.lit(value), factor)).item()
    assert found == pytest.approx(float(exact), rel=5.1e-15, abs=0)
    # A decimal of at most 15 digits comes out as that decimal, in the range of real amounts.
    if pair[0] != "万亩" and Fraction(1, 10**8) <= exact <= 10**15:
        assert found == float(exact)


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=64, min_value=-1e15, max_value=1e15))
def test_a_plain_number_is_what_it_says(value):
    field = FIELD("copper")
    column = Column(field, 0, "铜")
    raw = pl.DataFrame({"c0": [repr(value), "—"]})
    quick = raw.select(first_cast(column).alias("q"))["q"]
    typed = convert(raw["c0"], quick, column, CONTRACTS)
    assert typed.values.to_list() == [value, None]
    assert typed.noticed["kind"].to_list() == ["not_reported"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_a_parser(text):
    raw = pl.Series([text])
    areas = CONTRACTS.areas
    for frame in (
        parse_number(raw, Column(FIELD("copper"), 0, "铜"), UNITS),
        dates.parse_date(raw),
        dates.parse_datetime(raw),
        dates.parse_month(raw),
        dates.parse_year(raw),
        codes.parse_bool(raw),
        codes.parse_class(raw, FIELD("reported_class")),
        codes.parse_area(raw, areas, areas.names),
        codes.parse_enum(raw, CONTRACTS["water_use"].field("use_sector")),
        parse_text(raw, NAME),
    ):
        found = row(frame)
        said = [found["value"], found["kind"], found["error"], found["censored"]]
        assert any(v is not None for v in said), (text, found)
        assert found["error"] is None or found["value"] is None


def test_a_unit_behind_a_value_is_named():
    assert number("9公顷", "公顷", "万亩")["unit"] == "公顷"
    assert number("15万亩", "公顷")["unit"] == "万亩"
    assert number("15万亩", "公顷", "万亩")["unit"] == "万亩"
    assert number("46.6%", "%")["unit"] == "%"
    assert number("46.6", "%")["unit"] is None
    assert number("9吨", "公顷")["unit"] is None
