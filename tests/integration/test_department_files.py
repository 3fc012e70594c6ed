"""What lies in a department's folder beside its data, and what is taken in from there."""

import os
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from orchestration.intake.department_files import refresh, write_indexes
from orchestration.intake.own_files import INDEX, MANUAL, TEMPLATES
from orchestration.intake.service import Intake
from orchestration.intake.survey import survey
from sources.contracts import load_contracts
from warehouse.home.layout import Home
from warehouse.lake.index import submissions

CONTRACTS = load_contracts()
GOOD = "年份,区域,森林覆盖率\n2021,全县,47\n"
BAD = "年份,区域,森林覆盖率\n2022,全县,四十七\n2023,全县,48\n"


def take_in(home: Home, **files: str) -> None:
    for name, content in files.items():
        (home.department("forestry") / f"{name}.csv").write_text(content, encoding="utf-8")
    Intake(home, CONTRACTS, "test").run(settle_seconds=0)


def receipts(home: Home, ending: str) -> list[Path]:
    return sorted(p for p in home.receipts("forestry").glob(f"*{ending}") if p.name != INDEX)


def corrected(marked: Path) -> bytes:
    """Return a marked workbook whose wrong cell was corrected, as a spreadsheet saves it."""
    book = load_workbook(marked)
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if cell.value == "四十七":
                cell.value = 47
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_receipts_name_begins_with_its_verdict(empty_home: Home) -> None:
    take_in(empty_home, good=GOOD, bad=BAD)
    names = [path.name for path in receipts(empty_home, ".html")]
    assert [name.partition(".csv")[0] for name in names] == ["已入库-good", "需修改-bad"]
    texts = [path.name for path in receipts(empty_home, ".txt")]
    assert [name.partition(".csv")[0] for name in texts] == ["bad", "good"], "for programs"
    [marked] = receipts(empty_home, ".xlsx")
    assert marked.name.startswith("需修改-bad.csv.")
    page = next(p for p in receipts(empty_home, ".html") if "bad" in p.name).read_text("utf-8")
    assert marked.name in page


def test_the_index_lists_files_with_their_verdicts(empty_home: Home) -> None:
    take_in(empty_home, good=GOOD, bad=BAD)
    take_in(empty_home, again=GOOD)
    page = (empty_home.receipts("forestry") / INDEX).read_text("utf-8")
    for text in ("需修改", "已入库", "重复报送", "good.csv", "bad.csv", "again.csv"):
        assert text in page
    assert "<script" not in page


def test_a_marked_workbook_that_was_corrected_in_place_is_taken_in(empty_home: Home) -> None:
    take_in(empty_home, bad=BAD)
    [marked] = receipts(empty_home, ".xlsx")
    assert not survey(empty_home).files, "as it was written it is a receipt"
    marked.write_bytes(corrected(marked))
    take_in(empty_home)
    last = submissions(empty_home)[-1]
    assert (last.status, last.rows_accepted) == ("accepted", 2)
    assert not marked.exists(), "it was taken like any file"
    [text] = [p for p in receipts(empty_home, ".html") if p.name.startswith("已入库")]
    assert "放在了“receipts”文件夹里" in text.read_text("utf-8")


def test_a_file_saved_among_the_receipts_is_taken_in_and_told(empty_home: Home) -> None:
    (empty_home.receipts("forestry") / "放错了.csv").write_text(GOOD, encoding="utf-8")
    take_in(empty_home)
    [submission] = submissions(empty_home)
    assert (submission.file_name, submission.status) == ("放错了.csv", "accepted")
    [text] = receipts(empty_home, ".txt")
    assert "以后请放在它的上一级文件夹" in text.read_text("utf-8")


def test_restored_receipts_are_receipts_whatever_their_time(empty_home: Home) -> None:
    take_in(empty_home, good=GOOD, bad=BAD)
    for path in empty_home.receipts("forestry").iterdir():
        os.utime(path, (1, 1))
    assert not survey(empty_home).files
    [marked] = receipts(empty_home, ".xlsx")
    assert marked.stat().st_mtime > 1, "it need not be compared again"


def test_templates_and_manual_are_laid_out_once(empty_home: Home) -> None:
    assert refresh(empty_home, CONTRACTS) > 100
    folder = empty_home.department("forestry")
    titles = {p.stem for p in (folder / TEMPLATES).iterdir()}
    assert titles == {c.title_zh for c in CONTRACTS if "forestry" in c.departments_allowed}
    assert "三步" in (folder / MANUAL).read_text("utf-8")
    assert not survey(empty_home).files
    assert refresh(empty_home, CONTRACTS) == 0
    (folder / TEMPLATES / "森林资源.xlsx").unlink()  # filled in and taken in
    assert refresh(empty_home, CONTRACTS) == 1
    shutil.copy(folder / TEMPLATES / "森林资源.xlsx", folder / TEMPLATES / "填好的.xlsx")
    assert [f.name for f in survey(empty_home).files] == ["填好的.xlsx"]
    (folder / MANUAL).write_text(GOOD, encoding="utf-8")
    assert {f.name for f in survey(empty_home).files} == {"填好的.xlsx", MANUAL}


@pytest.mark.parametrize("name", ["别人的回执.html", "已入库-x.csv.20261301-000000.xlsx"])
def test_what_only_looks_like_a_receipt_is_taken_in(empty_home: Home, name: str) -> None:
    (empty_home.receipts("forestry") / name).write_text("<p>已入库</p>", encoding="utf-8")
    assert [f.name for f in survey(empty_home).files] == [name]


def test_an_index_is_written_where_it_is_not_up_to_date(empty_home: Home) -> None:
    write_indexes(empty_home, ["forestry"])
    index = empty_home.receipts("forestry") / INDEX
    assert not index.exists(), "of no receipts"
    take_in(empty_home, good=GOOD)
    before = index.stat().st_mtime_ns
    take_in(empty_home)
    assert index.stat().st_mtime_ns == before
    index.write_text("x", encoding="utf-8")
    take_in(empty_home)
    assert "good.csv" in index.read_text("utf-8")
