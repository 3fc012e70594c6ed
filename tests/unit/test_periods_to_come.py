"""Periods that were not over when their file came are asked about."""

from datetime import datetime
from pathlib import Path

import pytest

from sources.contracts import load_contracts
from sources.read_file import read_file

CONTRACTS = load_contracts()
RECEIVED = datetime(2026, 11, 27, 9, 30)
PERMIT = "91140522561234567X001P"
INPUTS = "年份,区域,化肥施用量,农药使用量"
USE = "年月,用电类别,用电量（万kWh）"
DAYS = "站点名称,日期,PM2.5"
HOURS = "站点名称,监测时间,PM2.5"
REPORTS = "许可证编号,年份,报告期,污染物种类,实际排放量"
CAPS = "年份,控制指标名称,分解对象名称,下达日期,分解层级,指标量,计量单位"


@pytest.mark.parametrize(
    ("department", "header", "row", "asked"),
    [
        ("agriculture", INPUTS, "2025,全县,1,1", False),
        ("agriculture", INPUTS, "2026,全县,1,1", True),
        ("agriculture", INPUTS, "2099,全县,1,1", True),
        ("energy", USE, "2026-10,工业,1", False),
        ("energy", USE, "2026-11,工业,1", True),
        ("ecology", DAYS, "甲,2026-11-27,1", False),
        ("ecology", DAYS, "甲,2026-11-28,1", True),
        ("ecology", HOURS, "甲,2026-11-27 09:00,1", False),
        ("ecology", HOURS, "甲,2026-11-27 10:00,1", True),
        ("ecology", REPORTS, f"{PERMIT},2026,上半年,化学需氧量,1", False),
        ("ecology", REPORTS, f"{PERMIT},2027,上半年,化学需氧量,1", True),
        ("ecology", CAPS, "2027,化学需氧量,凤城镇,2026-01-15,乡镇,100,吨", False),
    ],
)
def test_a_period_that_is_not_over_is_asked_about(
    tmp_path: Path, department: str, header: str, row: str, asked: bool
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    [found] = read_file(
        path,
        file_name="a.csv",
        department=department,
        contracts=CONTRACTS,
        received=RECEIVED,
    )
    assert found.rows_accepted == 1
    codes = [f["code"] for f in found.findings]
    assert codes == (["period_not_over"] if asked else [])
