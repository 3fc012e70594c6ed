"""Reading one file of a home in a worker process, and files that cannot be read.

A file that ended the worker, or took too much memory or time, becomes a refused table with the
reason `reading_stopped`. Its submission has an identity of its own: the file is not read again
by the same version of the software with the same limits, and its tables are new when it can be.
"""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from orchestration.workers.pool import ReadingStopped, ReadTable, Workers
from sources.contracts import Contracts
from sources.reading.raw import READING_STOPPED, Refusal
from warehouse.home.layout import Home
from warehouse.lake.commit import EncodedRows
from warehouse.lake.submissions import Submission, archive_path, find, submission_id

log = logging.getLogger(__name__)
_WHOLE_FILE = "\0"  # takes the place of a sheet's name, in which it never occurs


@dataclass(frozen=True)
class ReadFile:
    """The tables of a file; their rows are in `content`, an unnamed file that is open."""

    tables: Sequence[ReadTable]
    content: BinaryIO


def read_archived(
    home: Home,
    workers: Workers,
    contracts: Contracts,
    *,
    sha256: str,
    file_name: str,
    department: str,
    moment: datetime,
) -> ReadFile:
    """Read archived bytes; whatever is wrong with them becomes a refused table.

    `moment` is when they were received, by the county's clock.

    Raises WorkerError and OSError when the system could not read them.
    """
    content: BinaryIO = tempfile.TemporaryFile(dir=home.state)  # noqa: SIM115 - its caller reads it
    try:
        tables = workers.read(
            archive_path(home, sha256),
            content,
            file_name=file_name,
            department=department,
            sha256=sha256,
            moment=moment,
            contracts=contracts,
        )
    except ReadingStopped as stopped:
        log.error("%s (%s) cannot be read: %s", file_name, sha256, stopped)
        tables = [_stopped_table(stopped, workers)]
    return ReadFile(tables, content)


def refused_entry() -> ReadFile:
    """Return the refusal of what is no regular file in landing, which no process opens."""
    from sources.summary import refused

    summary = refused(Refusal("not_a_regular_file")).summary()
    return ReadFile([ReadTable(summary, EncodedRows())], tempfile.TemporaryFile())


def _stopped_table(stopped: ReadingStopped, workers: Workers) -> ReadTable:
    from sources.summary import refused

    summary = refused(Refusal(READING_STOPPED, detail=stopped.detail_zh)).summary()
    how = {"cause": stopped.cause, "details": stopped.details, "limits": workers.limits}
    return ReadTable({**summary, "stopped": how}, EncodedRows())


def table_identity(
    home: Home, table: ReadTable, *, department: str, sha256: str, file_name: str
) -> str:
    """Return the identity of the submission of a table: of department, bytes and sheet.

    Under another file name a table that was refused may be taken, where year or place were asked
    and stand in the new name: it is a submission of its own then.
    """
    if table.summary["reason_code"] == READING_STOPPED:
        return submission_id(department, sha256, _WHOLE_FILE)
    identity = submission_id(department, sha256, table.sheet)
    earlier = find(home, identity)
    if earlier is None or earlier.status != "refused" or earlier.file_name == file_name:
        return identity
    if table.summary["status"] == "refused":
        return identity
    return submission_id(department, sha256, f"{table.sheet}{_WHOLE_FILE}{file_name}")


def stopped_before(
    home: Home, workers: Workers, software_version: str, *, department: str, sha256: str
) -> Submission | None:
    """Return the submission of a file that could not be read, None when it may be by now."""
    found = find(home, submission_id(department, sha256, _WHOLE_FILE))
    if found is None or found.software_version != software_version:
        return None
    stopped = found.details.get("stopped")
    same = isinstance(stopped, Mapping) and stopped.get("limits") == workers.limits
    return found if same else None
