"""Odd, wrong and broken files by the hundred: each gets a result, and no row gets lost."""

import os
import random
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_files import BROKEN, CONTRACTS, check, odd_file

from sources.read_file import read_file, refuse_path

FILES, PART = 320, 40


@pytest.mark.parametrize("first", range(0, FILES, PART))
def test_the_corpus(first: int, tmp_path: Path) -> None:
    wrong = []
    for seed in range(first, first + PART):
        made = odd_file(seed)
        try:
            check(made, tmp_path)
        except AssertionError as error:
            wrong.append(f"odd_file({seed}) ({', '.join(made.tricks)}): {error}")
    assert not wrong, "\n".join(wrong)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=400))
def test_any_bytes_get_a_result(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(content)
    results = read_file(path, file_name="x", department="housing", contracts=CONTRACTS)
    assert results
    assert all(r.reason_code not in BROKEN for r in results)


_CELL = st.text("ab1,;\"\n\r\t 中年'、|=-", max_size=8)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(_CELL, max_size=6), max_size=12),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_every_record_under_a_header_counts_once(
    tmp_path: Path, rows: list[list[str]], separator: str, newline: str, quoted: bool
) -> None:
    """Quotes, line breaks and separators in cells, rows that are too short or too long."""

    def written(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted else text

    lines = [separator.join(("年份", "区域", "污水处理率"))]
    lines += [separator.join(written(c) for c in row) for row in rows]
    path = tmp_path / "cells"
    path.write_bytes(newline.join(lines).encode("utf-8"))
    (result,) = read_file(path, file_name="x", department="housing", contracts=CONTRACTS)
    assert result.reason_code not in BROKEN, result.reason_zh
    assert result.dataset == "urban_sewage"
    if quoted:
        records = sum(any(c.strip(" \t\r\n'") for c in row) for row in rows)
        empty = result.skipped_counts.get("empty", 0)
        assert result.rows_read + sum(result.skipped_counts.values()) - empty == records


ROWS = 1_000_000


def _a_million(newline: str, note: str) -> pl.Series:
    """Return the lines of a million hours at 100 stations, values of their own in each."""
    number = pl.int_range(ROWS)
    hour = pl.lit(datetime(2015, 1, 1)) + pl.duration(hours=number // 100)
    return pl.select(
        pl.format(
            f"站{{}},{{}},{{}},{{}},0.5,{note}{newline}",
            (number % 100).cast(pl.String).str.zfill(2),
            hour.dt.strftime("%Y-%m-%d %H:%M:%S"),
            number % 500,
            number % 700,
        ).alias("line")
    )["line"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "newline", "note"),
    [("gb18030", "\n", ""), ("utf-8-sig", "\r\n", '"甲, 乙"')],
)
def test_one_bad_row_in_a_million_costs_that_row_only(
    tmp_path: Path, encoding: str, newline: str, note: str
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    lines = _a_million(newline, note)
    bad = chance.randrange(ROWS)
    quoted = bool(note)
    # Empty lines and cells with line breaks before and after it: none of them is a row of its own.
    odd = pl.Series(sorted(chance.sample(range(ROWS), 2_000)))
    odder = f'站00,2040-01-01 00:00,"1{newline}",2,0.5,"上{newline}{newline}下"{newline}'
    lines = lines.scatter(odd, lines.gather(odd) + newline * 2)
    wrong = "站07,2031-05-06 07:00:00,坏值,20,0.5,"
    lines = lines.scatter([bad], [(odder if quoted else "") + wrong + newline])
    title = f"阳城县空气质量小时数据{newline}{newline}填报单位：环境监测站{newline}"
    header = f"站点名称,监测时间,PM2.5,PM10,CO,备注{newline}"
    text = title + header + "".join(lines)
    path = tmp_path / "million.csv"
    path.write_bytes(text.encode(encoding))
    expected = text[: text.index("坏值")].count("\n") + 1  # as an editor counts
    (result,) = read_file(path, file_name="x", department="ecology", contracts=CONTRACTS)
    assert result.rejected.select("row_number", "reason_code").rows() == [
        (expected, "not_a_number")
    ]
    assert "“PM2.5”的值“坏值”" in result.rejected["reason_zh"][0]
    assert result.rows_read == ROWS + quoted
    assert result.rows_accepted == ROWS - 1 + quoted
    last = text.rindex("站99")
    assert result.accepted["row_number"][-1] == text[:last].count("\n") + 1


def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero")):
        refusal = refuse_path(path)
        assert refusal is not None and refusal.reason_code == "not_a_regular_file"
        (result,) = read_file(path, file_name="x", department="housing", contracts=CONTRACTS)
        assert result.reason_code == "not_a_regular_file"
    good = tmp_path / "good.csv"
    good.write_text("x", encoding="utf-8")
    assert refuse_path(good) is None
