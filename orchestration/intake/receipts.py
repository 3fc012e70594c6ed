"""Writing the receipts of a file into the department's folder."""

from pathlib import Path

from sources.contracts import Contracts
from sources.receipts import receipts
from sources.receipts.marked import marked_workbook
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.files import write_bytes, write_text
from warehouse.home.layout import Home
from warehouse.lake.submissions import (
    Submission,
    archive_path,
    receipt_base,
    rejected_rows,
    short_name,
)


def write_receipt(home: Home, contracts: Contracts, submissions: tuple[Submission, ...]) -> Path:
    """Write the receipt of a file from its manifests and archived bytes; return the page's path.

    It consists of a page, a plain text and, where rows are to be corrected, the sender's own table
    with the cells marked. Repeated writing gives the same receipt.
    """
    first = submissions[0]
    tables = [(s.to_dict(), rejected_rows(home, s)) for s in submissions]
    base = receipt_base(home, first)
    marked = None
    if any(s.dataset for s in submissions):
        marked = marked_workbook(
            archive_path(home, first.sha256),
            file_name=first.file_name,
            department=first.department,
            contracts=contracts,
            tables=tables,
            moment=first.received.astimezone(COUNTY_ZONE).replace(tzinfo=None),
        )
    spreadsheet = f"{base.name}.xlsx" if marked else None
    if marked and spreadsheet:
        write_bytes(base.with_name(spreadsheet), marked)
    texts = [receipts.receipt_text(table, rows, spreadsheet) for table, rows in tables]
    write_text(base.with_name(f"{base.name}.txt"), "\n".join(texts))
    page = base.with_name(f"{base.name}.html")
    write_text(page, receipts.receipt_page(tables, spreadsheet))
    return page


def write_duplicate_note(home: Home, file_name: str, submissions: tuple[Submission, ...]) -> Path:
    """Write the receipt of a file whose content was received before; return its path."""
    first = submissions[0]
    received = first.received.astimezone(COUNTY_ZONE)
    base = receipt_base(home, first, file_name)
    target = base.with_name(f"{base.name}.重复报送.txt")
    write_text(
        target,
        f"文件“{file_name}”与 {received:%Y-%m-%d %H:%M:%S} 收到的“{first.file_name}”内容完全相同，"
        "没有重复入库。\n如需更正数据，请修改后重新报送；原回执仍然有效。\n",
    )
    return target


def write_failure_note(home: Home, department: str, file_name: str) -> Path:
    """Write the receipt of a file that could not be processed yet; return its path."""
    target = home.receipts(department) / f"{short_name(file_name)}.暂未处理.txt"
    write_text(
        target,
        f"文件“{file_name}”暂时未能处理，原因在系统一侧，与您的文件无关。\n"
        "文件没有丢失，下次入库时会自动重试；数据组会得到通知，您无需重新报送。\n",
    )
    return target
