"""The warehouse's own files in a department's folder: receipts, their index, templates, the manual.

They are known by name and time, so that nothing has to be remembered: a template and the manual
have a fixed time, and the name of a marked workbook says when it was written and begins with its
digest. Whatever else lies in their folders (a corrected workbook that was saved in place, a
template that was filled in) was put there by a person and is taken in like any other file.
"""

import os
import re
from datetime import UTC, datetime
from hashlib import sha256

from sources.receipts import VERDICTS
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.folders import reading
from warehouse.home.layout import RECEIPTS
from warehouse.lake.submissions import RECEIPT_MOMENT

TEMPLATES = "模板"
OWN_FOLDERS = (RECEIPTS, TEMPLATES)
MANUAL = "填报说明.html"
INDEX = "回执目录.html"
LEFT = "没有读取的内容.txt"
OWN_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Time of a template or manual that nobody has changed."""
_OWN_NS = int(OWN_TIME.timestamp()) * 10**9
# A receipt, or a note on a file: what follows `warehouse.lake.submissions.receipt_base`.
RECEIPT_NAME = re.compile(
    rf"(?:(?P<verdict>{'|'.join(VERDICTS)})-)?(?P<file>.*)"
    r"\.(?P<moment>\d{8}-\d{6})\.[0-9a-f]{8}\.(?:(?P<note>[^.]*)\..*)?(?:html|txt)",
    re.DOTALL,
)
_NOT_YET = re.compile(r".*\.暂未处理\.txt", re.DOTALL)
# Earlier versions wrote no digest.
_WORKBOOK = re.compile(r".*\.(\d{8}-\d{6})\.[0-9a-f]{8}(?:-([0-9a-f]{8}))?\.xlsx", re.DOTALL)


def workbook_ending(content: bytes) -> str:
    """Return what follows the name of a file's receipts in that of its marked workbook."""
    return f"-{sha256(content).hexdigest()[:8]}.xlsx"


def is_own(folder: int, parts: tuple[str, ...], entry: "os.DirEntry[str]") -> bool:
    """Return whether an entry of landing is the warehouse's own.

    `folder` is the open folder that it lies in, `parts` are the names down to that folder.
    """
    match parts:
        case ():
            # Receipts of files that lie in no department's folder.
            return entry.name == RECEIPTS and entry.is_dir(follow_symlinks=False)
        case (_,):
            return entry.name == MANUAL and _has_own_time(entry)
        case (_, name) if name == TEMPLATES:
            return _has_own_time(entry)
        case (_, name) if name == RECEIPTS:
            return entry.is_file(follow_symlinks=False) and _is_receipt(folder, entry)
    return False


def own_folder_of(landing_path: str) -> str | None:
    """Return the own folder that a file lay in, None where it lay among the department's data."""
    place = landing_path.split("/")[2:3]
    return place[0] if place and place[0] in OWN_FOLDERS else None


def own_names(folder: int) -> set[str]:
    """Return the names of the templates and manuals of an open folder that nobody has changed."""
    with os.scandir(folder) as entries:
        return {entry.name for entry in entries if _has_own_time(entry)}


def _has_own_time(entry: "os.DirEntry[str]") -> bool:
    if not entry.is_file(follow_symlinks=False):
        return False
    return entry.stat(follow_symlinks=False).st_mtime_ns == _OWN_NS


def _is_receipt(folder: int, entry: "os.DirEntry[str]") -> bool:
    name = entry.name
    if name in (INDEX, LEFT) or RECEIPT_NAME.fullmatch(name) or _NOT_YET.fullmatch(name):
        return True
    found = _WORKBOOK.fullmatch(name)
    if not found:
        return False
    moment, digest = found.groups()
    if digest is None or _seconds(moment) == entry.stat(follow_symlinks=False).st_mtime:
        return True
    # Restored or copied, or changed by a person.
    with reading(folder, name) as file:
        if not sha256(file.read()).hexdigest().startswith(digest):
            return False
    os.utime(name, (_seconds(moment),) * 2, dir_fd=folder, follow_symlinks=False)
    return True


def _seconds(moment: str) -> float:
    try:
        return datetime.strptime(moment, RECEIPT_MOMENT).replace(tzinfo=COUNTY_ZONE).timestamp()
    except ValueError:  # digits that are no time
        return -1.0
