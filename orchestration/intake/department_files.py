"""Templates and manual in the departments' folders, and the index of receipts.

Belongs here: what is laid out for those who work with folders and that follows from contracts,
documentation and the receipts that are there; it is written again whenever that has changed.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice

from markdown_it import MarkdownIt

from orchestration.intake.own_files import (
    INDEX,
    MANUAL,
    OWN_TIME,
    RECEIPT_NAME,
    TEMPLATES,
    own_names,
)
from orchestration.intake.receipts import receipt_folder
from sources.contracts import Contracts
from sources.receipts import receipts
from sources.receipts.templates import template
from warehouse.home import state
from warehouse.home.files import write_text
from warehouse.home.folders import opened, own_folder, write_in
from warehouse.home.layout import Home
from warehouse.home.software import PROJECT

_LISTED = 500  # files that the index of receipts lists
_PAGE = PROJECT / "docs" / "clerks.zh-CN.md"


def refresh(home: Home, contracts: Contracts) -> int:
    """Write templates and manual into the departments' folders; return how many files.

    Written is what is missing (a template that was filled in there and taken in), and everything
    when what it is made from has changed. A folder that cannot be written is left for the intake to
    report.
    """
    record = home.state / "department_files.json"
    known = {"digest": _digest(contracts)}
    changed = state.read_json(home.state, record, dict) != known
    made: dict[str, bytes] = {}
    count = 0
    for code in contracts.departments:
        of_department = {
            f"{c.title_zh}.xlsx": c for c in contracts if code in c.departments_allowed
        }
        with suppress(OSError):
            with opened(home.landing, (code,)) as folder:
                if changed or MANUAL not in own_names(folder):
                    count += _write(folder, MANUAL, manual_page(contracts))
            with own_folder(home.landing, (code, TEMPLATES)) as folder:
                present = own_names(folder)
                for name in present - of_department.keys():
                    os.unlink(name, dir_fd=folder)
                for name in of_department.keys() - (set() if changed else present):
                    contract = of_department[name]
                    if contract.dataset not in made:
                        made[contract.dataset] = template(contract, contracts)
                    count += _write(folder, name, made[contract.dataset])
    if changed:
        write_text(record, json.dumps(known))
    return count


def _write(folder: int, name: str, content: bytes) -> int:
    write_in(folder, name, content, OWN_TIME.timestamp())
    return 1


def _digest(contracts: Contracts) -> str:
    content = [contract.model_dump_json() for contract in contracts]
    content += [manual_text(contracts), *contracts.areas.names]
    return sha256("\n".join(content).encode()).hexdigest()


def manual_text(contracts: Contracts) -> str:
    """Return the manual for clerks (Markdown), its table with the names of these departments."""
    text = _PAGE.read_text(encoding="utf-8")
    for department in contracts.departments.values():
        cell = rf"(?<=\| `{department.department}` \| )[^|\n]*(?= \|)"
        text = re.sub(cell, department.name_zh.replace("\\", r"\\"), text)
    return text


def manual_page(contracts: Contracts) -> bytes:
    """Return the manual for clerks as an HTML page that runs nothing."""
    _title, _, text = manual_text(contracts).partition("\n")  # the page has its own
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return receipts.plain_page("填报说明", body).encode()


def write_indexes(home: Home, departments: Iterable[str]) -> None:
    """Write the index of receipts of each of these departments where it is not up to date.

    A folder that cannot be written is left for the intake to report.
    """
    for code in departments:
        with suppress(OSError), receipt_folder(home, (code,)) as folder:
            lines = list(islice(_index_lines(folder.names()), _LISTED))
            page = receipts.index_page(lines)
            if lines and folder.read(INDEX) != page.encode():
                folder.write(INDEX, page)


def _index_lines(names: Iterable[str]) -> Iterator[receipts.IndexLine]:
    """Yield the files that receipts and notes are about, the newest first."""
    found = [(each, name) for name in names if (each := RECEIPT_NAME.fullmatch(name))]
    for each, name in sorted(found, key=lambda pair: (pair[0]["moment"], pair[1]), reverse=True):
        if each["note"] is None and name.endswith(".txt"):
            continue  # its page is listed
        moment = each["moment"]
        received = f"{moment[:4]}-{moment[4:6]}-{moment[6:8]} {moment[9:11]}:{moment[11:13]}"
        verdict = each["note"] or each["verdict"] or ""
        yield receipts.IndexLine(verdict, each["file"], received, name)
