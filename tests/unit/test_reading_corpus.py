"""Odd, wrong and broken files by the hundred: each gets a result, and no row gets lost."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_files import BROKEN, CONTRACTS, check, odd_file

from sources.intake import read_file, refuse_path

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


def test_one_bad_row_among_many_costs_that_row_only(tmp_path: Path) -> None:
    stations, days, hours = range(30), range(1, 29), range(24)
    lines = ["站点名称,监测时间,PM2.5,PM10,CO"]
    for station in stations:
        for year in range(2010, 2020):
            lines += [
                f"站{station:02d},{year}-03-{day:02d} {hour:02d}:00:00,{hour + day},20,0.5"
                for day in days
                for hour in hours
            ]
    lines[123_457] = '站99,2023-03-01 08:00:00,坏"值,20,0.5'
    path = tmp_path / "many.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (result,) = read_file(path, file_name="x", department="ecology", contracts=CONTRACTS)
    assert result.rejected["row_number"].to_list() == [123_458]
    assert result.rejected["reason_code"].to_list() == ["not_a_number"]
    assert '“PM2.5”的值“坏"值”' in result.rejected["reason_zh"][0]


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
