"""Characters that make two spellings of one word look different."""

import pytest

from sources.characters import assigned, fold, simplified, title_text, without_markup


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<span title='原始值：0.11'>0.11</span>", "0.11"),
        ("&lt;0.025", "<0.025"),
        ("3.2&nbsp;", "3.2\xa0"),
        ("m<sup>3</sup>", "m³"),
        ("9890<sup>[1]</sup>", "9890[1]"),
        ("12<br/>15", "12\n15"),
        ("a &#60; b &#x3c; c", "a < b < c"),
        ("<!-- 隐藏 -->5", "5"),
        ("<0.01", "<0.01"),
        ("A&B", "A&B"),
        ("<span></span>&nbsp;", "\xa0"),
        ("<img src=x>", "<img src=x>"),
        ("5 < 6 > 4", "5 < 6 > 4"),
    ],
)
def test_markup_is_read_as_a_page_shows_it(text: str, shown: str) -> None:
    assert without_markup(text) == shown


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("PM<sub>2.5</sub>", "PM2.5"),
        ("有效灌溉面积①(公顷)", "有效灌溉面积(公顷)"),
        ("有效灌溉面积¹（千公顷）²", "有效灌溉面积（千公顷）"),
        ("处理水量(m³)", "处理水量(m³)"),
        ("有效灌溉\u200b面积", "有效灌溉面积"),
        ("有效灌溉面積(公頃)", "有效灌溉面积(公顷)"),
        ("区域†", "区域"),
    ],
)
def test_titles_are_read_without_marks(text: str, title: str) -> None:
    assert title_text(text) == title


def test_characters_of_private_use_that_gb18030_defines() -> None:
    assert assigned("\ue81e家沟") == "龴家沟"
    assert b"\xfe\x59".decode("gb18030") == "\ue81e", "as Python decodes it"
    assert assigned("\ue000") == "\ue000", "a character that only its maker knows"


def test_traditional_characters_and_names_that_keep_theirs() -> None:
    assert simplified("陽城縣潤城鎮") == "阳城县润城镇"
    assert simplified("乾沟后村堃厂") == "乾沟后村堃厂"
    assert simplified("m³ 沁河") == "m³ 沁河"


def test_what_cannot_be_seen_makes_no_difference() -> None:
    assert fold("\ufeff年\u200b份\u00a0") == fold("年份")
