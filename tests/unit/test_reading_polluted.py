"""Polluted CSV: scores as the Pollock benchmark gives them, dialects, mending without loss."""

import pytest

from sources.limits import Limits
from sources.reading.delimited import read_delimited
from sources.reading.dialect import Dialect, dialect_of
from sources.reading.encoding import decode
from sources.reading.raw import EXTRA, RawTable, Refusal
from tests.benchmarks.pollock import measured, scores

KNOWN = {"年份", "区域", "有效灌溉面积(亩)", "名称"}
HEADER = ("年份", "区域", "有效灌溉面积(亩)")


def known(text: str) -> bool:
    return text.strip() in KNOWN


def table(content: bytes | str) -> RawTable:
    data = content.encode() if isinstance(content, str) else content
    return read_delimited(decode(data), known, Limits())


def rows(content: bytes | str, width: int = 3) -> list[tuple[str | None, ...]]:
    found = [part.frame() for part in table(content).rows(-1, width)]
    return [row for frame in found for row in frame.drop(EXTRA).iter_rows()]


def test_scores_of_the_pollock_benchmark() -> None:
    simple, weighted = scores(measured())
    assert (simple >= 9.98, weighted >= 9.90) == (True, True), (simple, weighted)


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("{0}|{1}|{2}", ("1978", "全县", "150000")),
        ("{0}，{1}，{2}", ("1978", "全县", "150000")),
        ("{0}；{1}；{2}", ("1978", "全县", "150000")),
        ("{0}, {1}, {2}", ("1978", "全县", "150000")),
        ("{0}   {1}  {2}", ("1978", "全县", "150000")),
        ("{0} {1} {2}", ("1978", "全县", "150000")),
        ("  {0}\u3000{1}\t {2}", ("1978", "全县", "150000")),
        ("'{0}','{1}','{2}'", ("1978", "全县", "150,000")),
        ("'{0}';'{1}';'{2}'", ("1978", "it''s", "150,000")),
        ("“{0}”,“{1}”,“{2}”", ("1978", "全县", "150,000")),
        ('"{0}"|"{1}"|"{2}"', ("1978", "全|县", "150,000")),
    ],
)
def test_dialects(line: str, cells: tuple[str, ...]) -> None:
    text = "\n".join(line.format(*values) for values in (HEADER, cells, cells)) + "\n"
    plain = tuple(c.replace("''", "'") for c in cells)
    assert rows(text) == [(*HEADER, 1), (*plain, 2), (*plain, 3)]


def test_a_backslash_before_quotes_inside_cells() -> None:
    text = '年份,名称,区域\n1978,"直径48\\" 的管, 二号",全县\n'
    assert rows(text)[1] == ("1978", '直径48" 的管, 二号', "全县", 2)
    # One that ends a cell is a backslash: paths end in them.
    assert rows('年份,名称,区域\n1978,"D:\\数据\\",全县\n')[1] == ("1978", "D:\\数据\\", "全县", 2)


def test_an_apostrophe_that_marks_a_text_is_no_quote() -> None:
    assert rows("年份,区域\n'1978,'全县\n", 2) == [("年份", "区域", 1), ("'1978", "'全县", 2)]


def test_the_separator_that_a_line_names() -> None:
    assert rows("sep=|\n年份|区域\n1978|a,b,c,d\n", 2)[1:] == [
        ("年份", "区域", 2),
        ("1978", "a,b,c,d", 3),
    ]


def test_a_missing_cell_between_spaces_is_not_guessed() -> None:
    found = table("年份  区域  有效灌溉面积(亩)\n1978  全县  5\n1979  6\n注：快报数\n")
    (part,) = found.rows(0, 3)
    frame = part.frame()
    assert frame["c0"].to_list() == ["1978", None, "注：快报数"]
    assert frame[EXTRA].to_list() == [None, "1979  6", None]


def test_lines_in_two_encodings() -> None:
    data = "年份,区域\n1978,全县\n".encode() + "1979,凤城镇\n1980,北留镇\n".encode("gb18030")
    found = table(data)
    assert rows(data, 2)[2:] == [("1979", "凤城镇", 3), ("1980", "北留镇", 4)]
    (note,) = found.findings
    assert (note["code"], note["line"]) == ("mixed_encodings", 3)


def test_nuls_after_a_power_cut() -> None:
    data = "年份,区域\n1978,全县\n".encode() + b"\0" * 5_000
    assert rows(data, 2)[1:] == [("1978", "全县", 2)]
    assert [f["code"] for f in table(data).findings] == ["trailing_nuls"]
    with pytest.raises(Refusal) as refused:
        decode(b"\0" * 5_000)
    assert refused.value.code == "binary_content"


def test_stray_quotes_cost_no_other_cell() -> None:
    text = (
        '年份,名称,区域\n1978,"甲, 乙",全县\n1979,"丙, "丁" 戊",全县\n'
        '1980,"己,全县\n1981,"庚",全县\n1982,"多\n行",全县\n'
    )
    assert rows(text)[1:] == [
        ("1978", "甲, 乙", "全县", 2),
        ("1979", '丙, "丁" 戊', "全县", 3),
        ("1980", '"己', "全县", 4),
        ("1981", "庚", "全县", 5),
        ("1982", "多\n行", "全县", 6),
    ]


def test_ordinary_text_has_the_ordinary_dialect() -> None:
    for head in ("年份,区域\n1978,全县\n", "说明：甲，乙\n年份,区域\n1978,全县\n", "x\n"):
        assert dialect_of(head, known) == Dialect(",")
    assert dialect_of("年份;区域\n1978;1,5\n", known) == Dialect(";")
