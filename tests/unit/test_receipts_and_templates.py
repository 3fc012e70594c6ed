"""What senders get: receipts, marked spreadsheets that are accepted once corrected, templates."""

import io
import re
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from sources.cleaning.text import EXAMPLE_MARK
from sources.contracts import Contract, load_contracts
from sources.limits import Limits
from sources.read_file import read_file
from sources.reasons import REASONS, SEVERITY_ZH
from sources.receipts.marked import marked_workbook
from sources.receipts.marked_book import MarkedBook
from sources.receipts.receipts import receipt_page, receipt_text
from sources.receipts.templates import example_of, template, templates
from sources.receipts.workbooks import EPOCH, new_workbook, put_text, sheet_name, workbook_bytes
from sources.summary import TableResult

CONTRACTS = load_contracts()
BAD = (
    "表：污水\n单位：亿立方米\n年份,乡镇,污水产生量,污水处理量(万m³)\n"
    "2023年,凤城,0.7715,7000\n2023,凤城镇,0.7715,7000\n2023,北留,1,2\n2023,北留,1,3\n\n"
    '2023,火星,1,3\n2023,润城,-1,3\n20x3,润城,12%,约3\n2023,"次\n营",1,约3\n'
    "2023,河北,=cmd|' /C calc'!A0,3\n2022,全县,1,234,5\n合计,,5,9\n"
)


def read(path: Path, department: str = "housing", **more) -> list[TableResult]:
    return read_file(path, file_name=path.name, department=department, contracts=CONTRACTS, **more)


def manifests(
    results: list[TableResult], file_name: str, department: str = "housing"
) -> list[tuple[dict[str, object], pl.DataFrame]]:
    """Submissions as the lake keeps them: the summary under `details`."""
    return [
        (
            {
                "submission_id": f"{number:016d}",
                "department": department,
                "file_name": file_name,
                "sheet": r.sheet,
                "sha256": "ab" * 32,
                "received_at": "2024-01-31T20:00:00+00:00",
                "dataset": r.dataset,
                "status": r.status,
                "reason_zh": r.reason_zh,
                "encoding": r.encoding,
                "rows_read": r.rows_read,
                "rows_accepted": r.rows_accepted,
                "rows_rejected": r.rows_rejected,
                "rows_duplicate": r.rows_duplicate,
                "periods": tuple(r.periods),
                "details": r.summary(),
            },
            r.rejected,
        )
        for number, r in enumerate(results)
    ]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "污水.csv"
    path.write_bytes(BAD.encode("gb18030"))
    return path


def test_a_receipt_says_what_was_taken_what_was_not_and_how_to_mend_it(bad):
    ((submission, rejected),) = manifests(read(bad), bad.name)
    text = receipt_text(submission, rejected, "污水（请修改）.xlsx")
    assert text == receipt_text(submission, rejected, "污水（请修改）.xlsx")
    for said in (
        "部分入库",
        "报送单位：住建局",
        "收到时间：2024-02-01 04:00:00",
        "识别为：城乡污水处理",
        "读到 10 行 = 入库 2 行 + 未入库 7 行 + 重复 1 行",
        "第 9 行：“乡镇”的值“火星”不是本县的区域名称",
        "第 6 行：与第 7 行的“年份”、“乡镇”相同",
        "第 12 行：“污水处理量(万m³)”的值“约3”是约数",
        "已换算成 万m³（乘以 10000）",
        "合计行（作为核对数，不入库）：1 行",
        "“污水（请修改）.xlsx”",
    ):
        assert said in text, said
    counts = [int(n) for n in re.findall(r"\d+", text.split("结果：")[1].split("（")[0])]
    assert counts[0] == sum(counts[1:])


def test_verdict_and_remedy_come_first_and_what_is_filed_last(bad):
    ((submission, rejected),) = manifests(read(bad), bad.name)
    lines = receipt_text(submission, rejected, "污水（请修改）.xlsx").splitlines()
    assert lines[0] == "数据回执：部分入库，2 行已入库，7 行没有入库"
    assert lines[1].startswith("请按下面逐行写明的办法改好后重新上传")
    assert [line.partition("：")[0] for line in lines[-5:]] == [
        *("报送单位", "收到时间", "格式", "回执编号", "文件校验码")
    ]


def test_each_dataset_that_a_header_comes_near_to_has_a_line_of_its_own(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("年份,区域\n2023,全县\n", encoding="utf-8")
    ((submission, rejected),) = manifests(read(path), path.name)
    lines = receipt_text(submission, rejected, "x.xlsx").splitlines()
    assert lines[:2] == ["数据回执：未入库", lines[1]]
    assert lines[1].startswith("原因：表头不符合任何一种应报数据；请对照模板修改表头")
    assert len([line for line in lines if line.startswith("  最接近“")]) > 1
    assert "x.xlsx”里改" not in "".join(lines)  # nothing of this table is marked in it


@pytest.mark.parametrize(
    ("above", "header", "below", "nothing_to_do"),
    [
        ("", "", "", True),
        (
            "阳城县2023年统计表（表1-2）\n",
            "",
            "注：2023年1月5日填报，联系电话：0356-4222222\n",
            True,
        ),
        ("", ",备注", "", True),
        ("", ",污泥产生量", "", False),  # a column that no field takes
        ("", "", "注：另有企业自备水 31.5 万m³ 未列入\n", False),
    ],
)
def test_nothing_to_do_is_said_only_where_nothing_was_assumed_or_left_out(
    tmp_path, above, header, below, nothing_to_do
):
    path = tmp_path / "污水.csv"
    path.write_text(
        f"{above}年份,乡镇,污水产生量(万m³),污水处理量(万m³){header}\n2023,凤城镇,10,9\n{below}",
        encoding="utf-8",
    )
    ((submission, rejected),) = manifests(read(path), path.name)
    text = receipt_text(submission, rejected)
    assert submission["status"] == "accepted"
    assert ("无需处理" in text) is nothing_to_do, text


def test_the_unit_that_a_column_is_read_in_for_want_of_one_is_named(tmp_path):
    path = tmp_path / "污水.csv"
    path.write_text("年份,乡镇,污水产生量,污水处理量\n2023,凤城镇,10,9\n", encoding="utf-8")
    ((submission, rejected),) = manifests(read(path), path.name)
    assert "按 万m³ 读取：“污水产生量”、“污水处理量”" in receipt_text(submission, rejected)


def test_a_refusal_says_how_the_file_was_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("今天;天气;很好\n1;2;3\n", encoding="utf-8")
    ((submission, rejected),) = manifests(read(path), path.name)
    text = receipt_text(submission, rejected)
    assert (
        "在前 2 行里没有找到认识的列名（文件按分号分隔，第 1 行读到 3 格：“今天｜天气｜很好”）"
        in text
    )


def test_the_page_refers_to_nothing_outside_and_runs_nothing(bad, tmp_path):
    hostile = tmp_path / "<script>alert(1)</script>.csv"
    content = BAD.replace("火星", '"<img src=x onerror=alert(1)>"')
    (tmp_path / "x.csv").write_text(content, encoding="utf-8")
    results = read(tmp_path / "x.csv")
    page = receipt_page(manifests(results, hostile.name), "<b>.xlsx")
    assert page.count("<section") == 1
    link = 'href="./%3Cb%3E.xlsx"'  # the marked spreadsheet, which lies beside the page
    assert page.count("href=") == page.count(link) == 1
    page = page.replace(link, "")
    for forbidden in ("<script", "<img", "http:", "https:", "src=", "href=", "<b>"):
        assert forbidden not in page.replace("&lt;script", "").replace("&lt;img src=", ""), (
            forbidden
        )
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_receipts_of_files_that_were_refused_whole(tmp_path):
    for content in (b"", b"\xff" * 3_000, "年份,用途\n2020,x\n".encode(), b"%PDF-1.7"):
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        tables = manifests(read(path), path.name)
        text = receipt_text(*tables[0])
        assert "未入库" in text and "原因：" in text and "读到 0 行" in text
        assert "<section" in receipt_page(tables)
        assert marked_of(path, tables) is None


def marked_of(path: Path, tables, department: str = "housing", **more) -> bytes | None:
    return marked_workbook(
        path,
        file_name=path.name,
        department=department,
        contracts=CONTRACTS,
        tables=tables,
        **more,
    )


def test_the_marked_table_is_the_senders_own_with_comments(bad):
    tables = manifests(read(bad), bad.name)
    content = marked_of(bad, tables, moment=datetime(2024, 2, 1, 4))
    assert content == marked_of(bad, tables, moment=datetime(2024, 2, 1, 4))
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    sheet = workbook["城乡污水处理"]
    assert [c.value for c in sheet[3]][:4] == ["年份", "乡镇", "污水产生量", "污水处理量(万m³)"]
    assert sheet["A2"].value == "单位：亿立方米"
    comments = {c.coordinate: c.comment.text for row in sheet for c in row if c.comment}
    assert set(comments) == {"A6", "A7", "B9", "C10", "A11", "C11", "D12", "C14", "A15"}
    assert "请填 全县、县城" in comments["B9"]
    assert sheet["B9"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["D12"].fill.fgColor.rgb == "FFFFEB9C"
    assert sheet["C14"].data_type == "s" and sheet["C14"].quotePrefix
    for row in sheet:
        for cell in row:
            assert cell.data_type != "f"


def test_a_corrected_marked_table_is_accepted(bad, tmp_path):
    content = marked_of(bad, manifests(read(bad), bad.name))
    again = tmp_path / "again.xlsx"
    again.write_bytes(content)
    # As it is, nothing that was rejected slips in.
    (uncorrected,) = read(again)
    (original,) = read(bad)
    assert uncorrected.reason_counts == original.reason_counts
    workbook = openpyxl.load_workbook(again)
    sheet = workbook.worksheets[0]
    sheet["B7"], sheet["B9"], sheet["C10"] = "横河", "蟒河镇", 1
    sheet["A11"], sheet["B11"], sheet["C11"], sheet["C14"] = 2023, "芹池", 2, 3
    sheet["C15"], sheet["D15"], sheet["E15"] = 1, 2345, None
    workbook.save(again)
    (corrected,) = read(again)
    assert corrected.status == "accepted", corrected.rejected
    assert corrected.rows_accepted == 9
    assert corrected.accepted["sewage_generated"].max() == 30000.0


def test_a_workbook_comes_back_with_the_sheets_to_mend(tmp_path):
    workbook = openpyxl.Workbook()
    header = ["年份", "区域", "污水处理率(%)"]
    for name, rate in (("好", 90), ("坏", 900), ("也坏", "x")):
        sheet = workbook.create_sheet(name)
        sheet.append(header)
        sheet.append([2020, "凤城", rate])
        sheet.append([None, "北留", 80])
        sheet.merge_cells("A2:A3")
    path = tmp_path / "三张表.xlsx"
    workbook.save(path)
    tables = manifests(read(path), path.name)
    marked = openpyxl.load_workbook(io.BytesIO(marked_of(path, tables)))
    assert marked.sheetnames == ["坏", "也坏", "填写说明"]
    assert marked["坏"]["A3"].value == 2020  # a merged key stands in each of its rows
    for name in ("坏", "也坏"):
        marked[name]["C2"] = 90
    marked.save(tmp_path / "again.xlsx")
    again = read(tmp_path / "again.xlsx")
    assert [(r.sheet, r.status, r.rows_accepted) for r in again] == [
        ("坏", "accepted", 2),
        ("也坏", "accepted", 2),
    ]


def test_a_large_table_comes_back_with_the_rows_to_mend_only(tmp_path, monkeypatch):
    monkeypatch.setattr("sources.receipts.marked.MOST_CELLS", 60)
    rows = "".join(f"{y},全县,{'x' if y % 40 == 0 else 5}\n" for y in range(1950, 2090))
    path = tmp_path / "大.csv"
    path.write_text(f"单位：%\n年份,区域,污水处理率\n{rows}", encoding="utf-8")
    results = read(path)
    tables = manifests(results, path.name)
    marked = openpyxl.load_workbook(io.BytesIO(marked_of(path, tables)))
    sheet = marked.worksheets[0]
    assert [sheet.cell(r, 1).value for r in range(1, 7)] == [
        "单位：%",
        "年份",
        1960,
        2000,
        2040,
        2080,
    ]
    for row in range(3, 7):
        sheet.cell(row, 3).value = 7
    marked.save(tmp_path / "again.xlsx")
    (again,) = read(tmp_path / "again.xlsx")
    assert (again.status, again.rows_accepted) == ("accepted", 4)


def test_texts_that_look_like_formulas_are_written_as_text():
    workbook, marked = new_workbook(), MarkedBook(EPOCH)
    sheet, marked_sheet = workbook.create_sheet("x"), marked.sheet("x")
    texts = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "正常"]
    for number, text in enumerate(texts, start=1):
        put_text(sheet.cell(number, 1), text)
        marked_sheet.put(number, 1, text, "rejected" if number % 2 else None)
    for number, text in enumerate(("-5", "12.50", "007", "1e5", "123456789012345678", "2023.10")):
        marked_sheet.put(number + 1, 3, text)
    for content in (workbook_bytes(workbook), marked.content()):
        assert b"<f>" not in content
        back = openpyxl.load_workbook(io.BytesIO(content))["x"]
        for number, text in enumerate(texts, start=1):
            cell = back.cell(number, 1)
            assert (cell.value, cell.data_type) == (text, "s")
            assert cell.quotePrefix == (text != "正常")
    kept = [back.cell(r, 3).value for r in range(1, 7)]
    assert kept == [-5, "12.50", "007", "1e5", "123456789012345678", "2023.10"]


def test_sheet_names_that_spreadsheets_allow():
    assert sheet_name("a/b:c*?[x]\\'", ()) == "a_b_c___x__"
    assert len(sheet_name("长" * 50, ())) == 31
    assert len(sheet_name("😀" * 50, ())) == 15
    assert sheet_name("😀" * 50, ("😀" * 15,)) == "😀" * 14 + "~2"
    assert sheet_name("'" + "长" * 30 + "'x", ()) == "长" * 29 + "'x"
    assert sheet_name("", ()) == "数据"
    assert sheet_name("数据", ("数据", "数据~2")) == "数据~3"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.dataset)
def test_a_template_is_accepted_when_filled_and_skips_its_example(
    contract: Contract, tmp_path: Path
) -> None:
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template(contract, CONTRACTS))
    department = contract.departments_allowed[0]
    (empty,) = read(path, department)
    assert empty.dataset == contract.dataset
    assert empty.reason_code == "no_data_rows"
    assert empty.skipped_counts == {"example": 1}
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    assert sheet.title == contract.title_zh
    assert workbook.sheetnames[1] == "填写说明"
    for column, field in enumerate(contract.fields, start=1):
        example = sheet.cell(2, column).value
        assert example.startswith(EXAMPLE_MARK)
        sheet.cell(3, column).value = example_of(field, CONTRACTS)
    workbook.save(path)
    (filled,) = read(path, department)
    assert (filled.status, filled.rows_accepted) == ("accepted", 1), filled.rejected
    assert not filled.unknown_columns and not filled.missing_columns
    assert all(c["factor"] == "1" for c in filled.column_map)
    record = filled.accepted.row(0, named=True)
    assert all(record[f.field] is not None for f in contract.fields)


def test_a_template_withdraws_and_an_example_left_in_a_row_is_rejected(tmp_path):
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template(CONTRACTS["urban_sewage"], CONTRACTS))
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    sheet["A3"], sheet["B3"], sheet["F3"] = 2020, "全县", "删除"
    sheet["A4"], sheet["B4"], sheet["E4"] = 2021, "全县", "例：46.6"
    workbook.save(path)
    (result,) = read(path)
    assert result.rows_withdrawn == 1
    assert result.accepted["operation"].to_list() == ["delete"]
    assert result.rejected["reason_code"].to_list() == ["example_left"]


def test_templates_have_lists_checks_and_explanations():
    workbook = openpyxl.load_workbook(
        io.BytesIO(template(CONTRACTS["water_section_quality"], CONTRACTS))
    )
    sheet = workbook.worksheets[0]
    checks = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
    assert len(checks) == len(CONTRACTS["water_section_quality"].fields) + 1
    assert checks["D3"].formula1 == '"Ⅰ,Ⅱ,Ⅲ,Ⅳ,Ⅴ,劣Ⅴ"'
    assert (checks["F3"].formula1, checks["F3"].formula2) == ("0", "14")
    assert sheet["A1"].value == "断面名称*" and sheet["H1"].value == "高锰酸盐指数(mg/L)"
    page = workbook["填写说明"]
    explained = [row[0].value for row in page.iter_rows()]
    for field in CONTRACTS["water_section_quality"].fields:
        assert field.title_zh in explained
    assert all(len(v.formula1 or "") <= 255 for v in checks.values())
    assert template(CONTRACTS["water_use"], CONTRACTS) == template(
        CONTRACTS["water_use"], CONTRACTS
    )


def test_every_department_gets_the_templates_of_its_datasets():
    for code in CONTRACTS.departments:
        names = [name for name, _ in templates(code, CONTRACTS)]
        allowed = [c.title_zh for c in CONTRACTS if code in c.departments_allowed]
        assert names == [f"{title}.xlsx" for title in allowed]
        assert len(set(names)) == len(names) > 0
    with pytest.raises(KeyError):
        list(templates("nobody", CONTRACTS))


def test_every_reason_is_used_and_says_what_to_do():
    sources = "\n".join(
        p.read_text(encoding="utf-8")
        for p in (Path(__file__).parents[2] / "sources").rglob("*.py")
        if p.parent.name != "reasons"
    )
    for code, reason in REASONS.items():
        assert f'"{code}"' in sources, f"no code gives the reason {code}: remove it"
        assert reason.severity in SEVERITY_ZH
        assert reason.name_zh and reason.problem_zh
        if reason.severity == "mandatory":
            assert reason.remedy_zh, f"{code}: say how to mend it"
        words = re.findall(r"\{(\w*)\}", reason.template_zh)
        text = reason.text(**dict.fromkeys(words, "x"))
        assert "{" not in text


def test_only_so_many_rows_are_explained_in_full(tmp_path):
    path = tmp_path / "x.csv"
    rows = "".join(f"{y},火星,x\n" for y in range(1950, 2090))
    path.write_text(f"年份,区域,污水处理率\n{rows}", encoding="utf-8")
    few = Limits(explained_rows=50, chunk_bytes=400, chunk_cells=30)
    (result,) = read(path, limits=few)
    assert result.reason_code == "mostly_rejected"
    assert 50 < result.rows_read == result.rows_rejected < 140
    path.write_text(f"年份,区域,污水处理率\n1949,全县,5\n1949,县城,5\n{rows}", encoding="utf-8")
    (result,) = read(path, limits=few)
    assert (result.status, result.rows_accepted) == ("partial", 2)
    assert (result.rows_read, result.rows_rejected) == (142, 140)
    assert result.rejected.height < 280
    assert result.rejected["raw_row"].null_count() > 0
    (many,) = read(path, limits=Limits(max_rows=100))
    assert many.reason_code == "too_many_rows"


def test_conversions_are_on_record_column_by_column_and_value_by_value(tmp_path):
    path = tmp_path / "森林.csv"
    path.write_text(
        "单位：万亩\n年份,区域,森林面积\n2023,北留,3\n2023,润城,9公顷\n2023,河北,7公顷\n"
    )
    ((submission, rejected),) = manifests(read(path, "forestry"), path.name, "forestry")
    text = receipt_text(submission, rejected)
    assert "“森林面积”列的单位是 万亩，已换算成 公顷（乘以 2000/3）" in text
    assert "“森林面积”列有 2 个值（第 4 行起）自带单位 公顷，已按此换算成 公顷（乘以 1）" in text
