"""Writing the receipts of a file into the department's folder."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from orchestration.intake.own_files import LEFT, own_folder_of, workbook_ending
from orchestration.intake.survey import Obstacle
from sources.contracts import Contracts
from sources.receipts import receipts
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.folders import (
    exists,
    opened,
    own_folder,
    reading,
    regular_files,
    shown_name,
    write_in,
)
from warehouse.home.layout import RECEIPTS, Home
from warehouse.lake.holds import Decision
from warehouse.lake.index import submissions as committed
from warehouse.lake.submissions import Submission, receipt_base, rejected_rows, short_name


class ReceiptFolder:
    """An open folder of receipts."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path

    def write(self, name: str, content: str | bytes, moment: datetime | None = None) -> Path:
        """Write a file of that name atomically (text as UTF-8); return its path.

        `moment` is the time that the file gets.
        """
        raw = content.encode() if isinstance(content, str) else content
        write_in(self._descriptor, name, raw, moment.timestamp() if moment else None)
        return self._path / name

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none."""
        try:
            with reading(self._descriptor, name) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """Return the names of the files in it."""
        return regular_files(self._descriptor)


@contextmanager
def receipt_folder(home: Home, folder: Sequence[str]) -> Iterator[ReceiptFolder]:
    """Open the folder of receipts for a file in a folder of landing (its names from landing down).

    What stands in its place and is no folder is renamed, so that an intake finds it.
    """
    top = folder[:1]
    with own_folder(home.landing, (*top, RECEIPTS)) as descriptor:
        yield ReceiptFolder(descriptor, home.landing.joinpath(*map(shown_name, top), RECEIPTS))


def write_receipt(
    home: Home,
    folder: Sequence[str],
    submissions: tuple[Submission, ...],
    marked: bytes | None,
) -> Path:
    """Write the receipt of a file from its manifests; return the page's path.

    `folder` are the names from landing down to the file's folder. The receipt consists of a page, a
    plain text and, where rows are to be corrected, `marked`: the sender's own table with the cells
    marked. The names of page and table, which people open, begin with the verdict; that of the
    text, which programs look for, with the file's name. Repeated writing gives the same receipt.
    """
    first = submissions[0]
    placed = {"misplaced": own_folder_of(first.landing_path)}
    tables = [(s.to_dict() | placed, rejected_rows(home, s)) for s in submissions]
    verdict = receipts.verdict_in_short([table for table, _ in tables])
    name = receipt_base(home, first).name
    spreadsheet = f"{verdict}-{name}{workbook_ending(marked)}" if marked else None
    texts = [receipts.receipt_text(table, rows, spreadsheet) for table, rows in tables]
    with receipt_folder(home, folder) as target:
        if marked and spreadsheet:
            target.write(spreadsheet, marked, first.received.replace(microsecond=0))
        target.write(f"{name}.txt", "\n".join(texts))
        return target.write(f"{verdict}-{name}.html", receipts.receipt_page(tables, spreadsheet))


def write_duplicate_note(
    home: Home, folder: Sequence[str], file_name: str, submissions: tuple[Submission, ...]
) -> Path:
    """Write the receipt of a file whose content was received before; return its path."""
    first = submissions[0]
    received = first.received.astimezone(COUNTY_ZONE)
    base = receipt_base(home, first, file_name)
    with receipt_folder(home, folder) as target:
        return target.write(
            f"{base.name}.重复报送.txt",
            f"文件“{file_name}”与 {received:%Y-%m-%d %H:%M:%S} 收到的“{first.file_name}”"
            "内容完全相同，没有重复入库。\n如需更正数据，请修改后重新报送；原回执仍然有效。\n",
        )


def write_held_note(
    home: Home, contracts: Contracts, submission: Submission, decision: Decision
) -> Path:
    """Write why a submission does not count for now, or that it counts again; return its path."""
    base = receipt_base(home, _first_of_file(home, submission))
    sheet = f"（{submission.sheet}）" if submission.sheet else ""
    title = contracts[submission.dataset].title_zh if submission.dataset else "数据"
    about = f"文件“{submission.file_name}”{sheet}中的{title}"
    if decision.action == "release":
        text = f"{about}已恢复采用。\n说明：{decision.reason}\n您无需重新报送。\n"
    else:
        text = (
            f"{about}暂缓采用，其中的数据没有计入；此前报送的数据仍然有效。\n"
            f"原因：{decision.reason}\n"
            "请核对后更正，重新报送整个文件；更正后的数据会自动采用。\n"
            "核实无误的，请向数据组说明，由数据组恢复采用。\n"
        )
    with receipt_folder(home, (submission.department,)) as target:
        return target.write(f"{base.name}{held_note_ending(submission)}", text)


def held_note_ending(submission: Submission) -> str:
    """Return what follows the name of a file's receipts in that of such a note."""
    return f".暂缓采用.{submission.submission_id[:8]}.txt"


def _first_of_file(home: Home, submission: Submission) -> Submission:
    """Return the first submission of the same file, by which its receipts are named."""
    same = (submission.department, submission.sha256)
    return next(s for s in committed(home) if (s.department, s.sha256) == same)


def write_failure_note(home: Home, folder: Sequence[str], file_name: str) -> Path:
    """Write the receipt of a file that could not be processed yet; return its path."""
    with receipt_folder(home, folder) as target:
        return target.write(
            f"{short_name(file_name)}.暂未处理.txt",
            f"文件“{file_name}”暂时未能处理，原因在系统一侧，与您的文件无关。\n"
            "文件没有丢失，下次入库时会自动重试；数据组会得到通知，您无需重新报送。\n",
        )


def write_obstacle_note(home: Home, department: str, obstacles: Sequence[Obstacle]) -> Path:
    """Write which entries of a department's folder are left as they are; return its path.

    `department` is the name of its folder.
    """
    lines = [f"{obstacle.path}：{obstacle.text_zh}。" for obstacle in obstacles]
    title = "下列文件或文件夹没有读取，其余文件已照常处理："
    with receipt_folder(home, (department,)) as target:
        return target.write(LEFT, "\n".join([title, *lines, ""]))


def remove_obstacle_note(home: Home, department: str) -> None:
    """Remove that note, if there is one. Raises OSError when there is no folder of receipts."""
    with opened(home.landing, (department, RECEIPTS)) as folder:
        if exists(folder, LEFT):
            os.unlink(LEFT, dir_fd=folder)
