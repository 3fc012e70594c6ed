"""At the door: numbers of a row, or rows of a file, that contradict each other are asked about."""

from pathlib import Path

import pytest

from sources.contracts import load_contracts
from sources.read_file import read_file
from sources.receipts.receipts import receipt_text
from sources.summary import TableResult

CONTRACTS = load_contracts()
SEWAGE = "年份,乡镇,农村人口,覆盖人口"
WASTE = "年份,企业名称,固废种类,上年末贮存量,产生量,综合利用量,处置量,年末贮存量"
TOWNSHIPS = CONTRACTS.areas.townships


def table(tmp_path: Path, department: str, *lines: str) -> TableResult:
    path = tmp_path / "file"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [found] = read_file(path, file_name="上报.csv", department=department, contracts=CONTRACTS)
    return found


def asked(found: TableResult) -> list[tuple[int | None, str]]:
    codes = ("part_exceeds_whole", "sides_differ", "more_contradictions", "total_and_parts")
    return [(f["line"], f["code"]) for f in found.findings if f["code"] in codes]


@pytest.mark.parametrize(
    ("covered", "expected"),
    [("99", []), ("100", []), ("100.5", []), ("100.6", [(2, "part_exceeds_whole")])],
)
def test_a_part_may_exceed_its_whole_by_the_tolerance_of_its_rule(
    tmp_path: Path, covered: str, expected: list[tuple[int, str]]
) -> None:
    found = table(tmp_path, "ecology", SEWAGE, f"2024,全县,100,{covered}")
    assert found.status == "accepted"
    assert asked(found) == expected


def test_the_receipt_names_row_fields_and_values_as_a_question(tmp_path: Path) -> None:
    found = table(tmp_path, "ecology", SEWAGE, "2023,全县,100,80", "2024,全县,100,154")
    text = receipt_text(
        {**found.summary(), "department": "ecology", "file_name": "上报.csv"}, found.rejected
    )
    assert "核实性：第 3 行：“覆盖人口”为 154，超过“农村人口”的 100；请核实" in text


def test_a_balance_holds_in_both_directions_and_missing_numbers_are_no_contradiction(
    tmp_path: Path,
) -> None:
    found = table(
        tmp_path,
        "industry",
        WASTE,
        "2024,甲厂,煤矸石,10,100,60,30,20",
        "2024,乙厂,煤矸石,10,100,60,30,10",
        "2024,丙厂,煤矸石,10,100,60,30,",
        "2024,丁厂,煤矸石,10,100,60,30,30",
    )
    assert asked(found) == [(3, "sides_differ"), (5, "sides_differ")]


def test_many_contradictions_are_counted(tmp_path: Path) -> None:
    rows = [f"{year},{area},100,154" for year in (2023, 2024) for area in TOWNSHIPS]
    found = table(tmp_path, "ecology", SEWAGE, *rows)
    assert len(asked(found)) == 21
    assert "另有 10 行" in found.findings[-1]["message_zh"]


def test_the_county_is_compared_with_its_townships_where_all_are_in_the_file(
    tmp_path: Path,
) -> None:
    parts = [f"2024,{area},10,5" for area in TOWNSHIPS]
    whole = 10 * len(TOWNSHIPS)
    same = table(tmp_path, "ecology", SEWAGE, f"2024,全县,{whole},{whole / 2}", *parts)
    assert asked(same) == []
    more = table(tmp_path, "ecology", SEWAGE, f"2024,全县,{whole + 9},{whole / 2}", *parts)
    assert asked(more) == [(2, "total_and_parts")]
    assert "“农村人口”为 159，按“乡镇”列的各项相加为 150" in more.findings[-1]["message_zh"]
    some = table(tmp_path, "ecology", SEWAGE, f"2024,全县,{whole},{whole / 2}", *parts[1:])
    assert asked(some) == [], "the one that is missing may have come before"
    above = table(tmp_path, "ecology", SEWAGE, "2024,全县,100,50", *parts[1:])
    assert asked(above) == [(2, "total_and_parts")] * 2


def test_a_withdrawn_row_contradicts_nothing(tmp_path: Path) -> None:
    found = table(tmp_path, "ecology", SEWAGE + ",操作", "2024,全县,100,154,删除")
    assert asked(found) == []


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        (
            "台账编号,台账类别,问题对象,问题描述,发现时间,整改期限,责任单位,整改完成日期,销号日期",
            "T1,入河排污口整治,甲,乱排,2026-01-05 09:00,2026-06-30,水务局,2026-01-05,2026-01-04",
            ["“销号日期”为 2026-01-04，早于“发现时间”的 2026-01-05"],
        ),
        (
            "台账编号,台账类别,问题对象,问题描述,发现时间,整改期限,责任单位,整改完成日期",
            "T2,入河排污口整治,甲,乱排,2026-01-05,2025-06-30,水务局,2025-07-05",
            ["“整改完成日期”为 2025-07-05，早于", "“整改期限”为 2025-06-30，早于"],
        ),
        (
            "许可证编号,发证日期,业务类型,单位名称,管理类别,有效期起,有效期止",
            "91140522561234567X001P,2023-05-01,首次申请,甲,重点管理,2028-05-01,2023-04-30",
            ["“有效期止”为 2023-04-30，早于“有效期起”的 2028-05-01"],
        ),
        (
            "联单编号,废物代码,产生单位,运输单位,接收单位,转移日期,接收日期,转移量,接收量",
            "20231405220001,900-249-08,甲,乙,丙,2023-03-02,2023-03-02,1.2,1.2",
            [],
        ),
    ],
)
def test_days_out_of_order_are_asked_about(
    tmp_path: Path, header: str, row: str, words: list[str]
) -> None:
    found = table(tmp_path, "ecology", header, row)
    assert found.rows_accepted == 1
    questions = [f["message_zh"] for f in found.findings if f["code"] == "days_out_of_order"]
    assert len(questions) == len(words)
    assert all(text in str(question) for text, question in zip(words, questions, strict=True))
