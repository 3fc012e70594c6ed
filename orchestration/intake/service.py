"""The intake of files in the landing folders: from a dropped file to committed rows and a receipt.

Files are processed one after the other while the next ones are read: the bytes go into the
archive, an intent record is written, the tables are committed, the file is removed from landing,
its receipt is written, the intent record is removed. Each step can be repeated, so that after a
crash the next intake finishes a file from the archive and the record. The bytes are read by worker
processes (`orchestration.workers`), never by this one. How a file is read is up to `sources`, how
rows are stored up to `warehouse.lake`.
"""

import json
import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from orchestration.errors import expected_error, short_text
from orchestration.intake.department_files import write_indexes
from orchestration.intake.landing import (
    SETTLE_SECONDS,
    DroppedFile,
    open_for_writing,
    settled_files,
    undo_removals,
)
from orchestration.intake.outcome import FileOutcome
from orchestration.intake.reading import (
    ReadFile,
    read_archived,
    refused_entry,
    stopped_before,
    table_identity,
)
from orchestration.intake.receipts import (
    receipt_folder,
    remove_obstacle_note,
    write_duplicate_note,
    write_failure_note,
    write_obstacle_note,
    write_receipt,
)
from orchestration.intake.survey import Obstacle, Survey, survey
from orchestration.workers.pool import ReadingStopped, ReadTable, Workers, shared
from sources.contracts import Contracts
from sources.limits import MIB
from sources.reading.files import content_bytes
from warehouse.home import clock, state
from warehouse.home.clock import county_moment
from warehouse.home.files import sweep, write_text
from warehouse.home.folders import shown_name, shown_path
from warehouse.home.layout import RECEIPTS, Home
from warehouse.lake.commit import archive, commit, next_received_at
from warehouse.lake.index import latest_received
from warehouse.lake.submissions import (
    Submission,
    archive_path,
    find,
    submission_id,
)

# A watching intake waits less: it has seen the file arrive. A file that a program still has open
# for writing waits in any case.
WATCH_SETTLE_SECONDS = 1.0
POLL_SECONDS = 0.2
RETRY_SECONDS = 60.0
# Files read at once while another is written: polars does not use all cores at the beginning and
# the end of a file. Large files are read alone, so that memory stays bounded.
_READERS = 2
_READ_AT_ONCE = 192 * MIB
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_CORE = frozenset(field.name for field in fields(Submission))
# Fields of a submission that are those of the summary of its table.
_FROM_READING = (
    *("dataset", "status", "reason_code", "reason_zh", "encoding"),
    *("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate"),
)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Intent:
    """The intake of one file that is under way, recorded before its first commit.

    `landing_path` has the names as they are in landing (surrogate escapes), `file_name` and
    `department` as text.
    """

    department: str
    landing_path: str
    file_name: str
    sha256: str
    size_bytes: int
    inode: int
    modified_ns: int
    archived: bool = True

    @classmethod
    def of(cls, dropped: DroppedFile, sha256: str, size_bytes: int) -> "_Intent":
        """Return the intent of a file with that digest and size."""
        return cls(
            department=dropped.department,
            landing_path="/".join((dropped.landing.name, *dropped.parts)),
            file_name=dropped.file_name,
            sha256=sha256,
            size_bytes=size_bytes,
            inode=dropped.inode,
            modified_ns=dropped.modified_ns,
            archived=dropped.is_regular,
        )

    def record(self, home: Home) -> Path:
        name = submission_id(self.department, self.sha256, self.shown_path)
        return home.intents / f"{name}.json"

    @property
    def _parts(self) -> list[str]:
        return self.landing_path.split("/")

    @property
    def shown_path(self) -> str:
        """The path below the home, as text."""
        return shown_path(self._parts)

    @property
    def folder(self) -> tuple[str, ...]:
        """The names from landing down to the file's folder."""
        return tuple(self._parts[1:-1])

    def dropped(self, home: Home) -> DroppedFile:
        """Return the file in landing that was read."""
        return DroppedFile(
            home.landing,
            self.folder,
            self._parts[-1],
            self.inode,
            self.size_bytes,
            self.modified_ns,
        )


def read_ahead(
    items: Iterable[tuple[_Item, int]], read: Callable[[_Item], _Result]
) -> Iterator[tuple[_Item, "Future[_Result]"]]:
    """Yield items (given with their sizes in bytes) in order, each with the result of reading it.

    While one is processed, the next ones are read in threads.
    """
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        queue: deque[tuple[_Item, Future[_Result], int]] = deque()
        for item, size in items:
            while queue and (
                len(queue) > _READERS or sum(s for *_, s in queue) + size > _READ_AT_ONCE
            ):
                yield queue.popleft()[:2]
            queue.append((item, readers.submit(read, item), size))
        while queue:
            yield queue.popleft()[:2]


class Intake:
    """The intake of one home. `workers` read its files; those of this process without it."""

    def __init__(
        self,
        home: Home,
        contracts: Contracts,
        software_version: str,
        workers: Workers | None = None,
    ) -> None:
        self.home = home
        self.contracts = contracts
        self.software_version = software_version
        self.workers = workers or shared()
        self._latest: datetime | None = None
        self._obstacles: tuple[Obstacle, ...] | None = None

    def run(
        self,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        on_file: Callable[[FileOutcome], None] = lambda outcome: None,
        on_wait: Callable[[], object] = lambda: None,
    ) -> list[FileOutcome]:
        """Take in every file that did not change for `settle_seconds`; finish interrupted ones.

        Holds the home's intake lock; `on_wait` is called when another process holds it. A file
        that cannot be processed for a reason of the system stays in landing with the outcome
        `failed`, and the other files are taken in. Returns the outcomes without what only receipts
        need of the submissions.
        """
        outcomes: list[FileOutcome] = []
        with self.home.lock("intake", on_wait=on_wait):
            for folder in (self.home.archive, self.home.lake, self.home.quarantine):
                sweep(folder)
            self._tidy(survey(self.home))
            for outcome in self._outcomes(settle_seconds):
                on_file(outcome)
                outcomes.append(outcome.brief())
            write_indexes(self.home, self.contracts.departments)
        return outcomes

    def _outcomes(self, settle_seconds: float) -> Iterator[FileOutcome]:
        yield from self._finish_interrupted()
        found = survey(self.home)
        if found.files:
            self.workers.start()
        yield from self._take(settled_files(found.files, settle_seconds))
        yield from self._report_obstacles(found)

    def _tidy(self, found: Survey) -> None:
        """Undo interrupted removals; make room for receipts where something else stands."""
        undo_removals(self.home.landing, found.leftovers)
        for file in found.files:
            if file.name == RECEIPTS and len(file.folder) <= 1:
                with suppress(OSError), receipt_folder(self.home, file.folder):
                    pass  # a file that needs it reports the error

    def _report_obstacles(self, found: Survey) -> Iterator[FileOutcome]:
        """Yield what is left in landing as it is, where that has changed; tell the departments."""
        if found.obstacles == self._obstacles:
            return
        self._obstacles = found.obstacles
        for folder in found.departments:
            department = shown_name(folder)
            own = [o for o in found.obstacles if o.department == department]
            with suppress(OSError):  # the data team sees them in any case
                if own:
                    write_obstacle_note(self.home, folder, own)
                else:
                    remove_obstacle_note(self.home, folder)
        yield from map(_left, found.obstacles)

    def watch(
        self,
        stop: threading.Event,
        *,
        settle_seconds: float = WATCH_SETTLE_SECONDS,
        on_file: Callable[[FileOutcome], None] = lambda outcome: None,
    ) -> None:
        """Take files in as they arrive, until `stop` is set.

        Polls several times a second; holds the home's intake lock only while it takes files in.
        A file that could not be taken in (a full disk) is tried again after a minute.
        """
        self.workers.start()
        self.run(on_file=on_file)
        since: dict[DroppedFile, float] = {}
        tried: dict[DroppedFile, float] = {}
        pause = POLL_SECONDS
        while not stop.wait(pause):
            now = time.monotonic()
            found = survey(self.home)
            # Thousands of files that stay must not keep a core busy.
            pause = max(POLL_SECONDS, 4 * (time.monotonic() - now))
            since = {file: since.get(file, now) for file in found.files}
            tried = {f: at for f, at in tried.items() if f in since and now - at < RETRY_SECONDS}
            ready = [
                file
                for file, at in since.items()
                if now - at >= settle_seconds and file not in tried and not open_for_writing(file)
            ]
            if not ready and found.obstacles == self._obstacles:
                continue
            tried |= dict.fromkeys(ready, now)
            with self.home.lock("intake"):
                departments = set()
                for outcome in self._take_ready(ready, found):
                    on_file(outcome)
                    departments.add(outcome.department)
                write_indexes(self.home, departments & self.contracts.departments.keys())

    def _take_ready(self, ready: list[DroppedFile], found: Survey) -> Iterator[FileOutcome]:
        yield from self._finish_interrupted()
        # Another intake may have taken some while this one waited for the lock.
        yield from self._take([file for file in ready if file.unchanged()])
        yield from self._report_obstacles(found)

    def _finish_interrupted(self) -> Iterator[FileOutcome]:
        """Finish the files of an earlier intake that was interrupted."""
        self._latest = latest_received(self.home)
        for record in sorted(self.home.intents.glob("*.json")):
            intent = state.read_json(self.home.state, record, lambda content: _Intent(**content))
            if intent is not None:
                yield self._guarded(intent.dropped(self.home), self._repeat, intent)

    def _take(self, files: list[DroppedFile]) -> Iterator[FileOutcome]:
        # Only reading happens in other threads: commits are made here, in the files' order.
        not_archived: list[FileOutcome] = []

        def archived() -> Iterator[tuple[_Intent, int]]:
            for dropped in files:
                found = self._guarded(dropped, self._archive, dropped)
                if isinstance(found, FileOutcome):
                    not_archived.append(found)
                else:
                    yield found, self._content_bytes(found)

        for intent, tables in read_ahead(archived(), self._read):
            finish = partial(self._finish_read, tables)
            yield self._guarded(intent.dropped(self.home), finish, intent)
            yield from not_archived
            not_archived.clear()
        yield from not_archived

    def _guarded(
        self, dropped: DroppedFile, step: Callable[[_Item], _Result], item: _Item
    ) -> _Result | FileOutcome:
        """Do a step of a file; an error becomes its outcome, so that other files are taken in."""
        try:
            return step(item)
        except Exception as error:
            receipt = None
            with suppress(OSError):  # a full disk has no room for a receipt either
                receipt = write_failure_note(self.home, dropped.folder, dropped.file_name)
            return FileOutcome(
                dropped.department,
                dropped.file_name,
                "failed",
                receipt=receipt,
                error=expected_error(error) or f"unexpected error: {short_text(error)}",
                details=traceback.format_exc(),
            )

    def _archive(self, dropped: DroppedFile) -> _Intent | FileOutcome:
        """Copy a file's bytes into the archive; return its intent, or why it has to wait."""
        try:
            if dropped.is_regular:
                with dropped.open() as source:
                    digest, size = archive(self.home, source)
            else:  # opening a pipe or a device might never end
                digest, size = dropped.fingerprint(), dropped.size
        except OSError:
            if dropped.unchanged():
                raise
        else:
            if dropped.unchanged():
                return _Intent.of(dropped, digest, size)
        return _waiting(dropped)

    def _content_bytes(self, intent: _Intent) -> int:
        return content_bytes(archive_path(self.home, intent.sha256)) if intent.archived else 0

    def _read(self, intent: _Intent) -> ReadFile | Submission:
        """Return the tables of a file; the submission of one that could not be read before."""
        if not intent.archived:
            return refused_entry()
        of_file = {"department": intent.department, "sha256": intent.sha256}
        before = stopped_before(self.home, self.workers, self.software_version, **of_file)
        return before or read_archived(
            self.home,
            self.workers,
            self.contracts,
            file_name=intent.file_name,
            moment=county_moment(clock.now()),
            **of_file,
        )

    def _repeat(self, intent: _Intent) -> FileOutcome:
        """Read an interrupted file again and finish it."""
        return self._finish(intent, self._read(intent), fresh=False)

    def _finish_read(self, read: "Future[ReadFile | Submission]", intent: _Intent) -> FileOutcome:
        """Finish a file that was read ahead; errors of the reading are raised here."""
        return self._finish(intent, read.result(), fresh=True)

    def _finish(self, intent: _Intent, read: ReadFile | Submission, *, fresh: bool) -> FileOutcome:
        """Commit the tables of a file, remove it from landing and write its receipt.

        `fresh` is False when an interrupted intake is repeated: its commits are kept.
        """
        if isinstance(read, Submission):
            return self._known(intent, (read,)) if fresh else self._taken(intent, (read,))
        with read.content:
            identities = [
                table_identity(
                    self.home,
                    table,
                    department=intent.department,
                    sha256=intent.sha256,
                    file_name=intent.file_name,
                )
                for table in read.tables
            ]
            known = tuple(find(self.home, identity) for identity in identities)
            if fresh and all(known):
                return self._known(intent, tuple(s for s in known if s is not None))
            record = intent.record(self.home)
            if fresh:
                write_text(record, json.dumps(asdict(intent)))  # ASCII: names may be no text
            committed = tuple(
                submission or self._commit(intent, table, identity, read.content)
                for table, identity, submission in zip(read.tables, identities, known, strict=True)
            )
        return self._taken(intent, committed)

    def _known(self, intent: _Intent, earlier: tuple[Submission, ...]) -> FileOutcome:
        receipt = write_duplicate_note(self.home, intent.folder, intent.file_name, earlier)
        intent.dropped(self.home).remove()
        return FileOutcome(intent.department, intent.file_name, "known", earlier, receipt)

    def _taken(self, intent: _Intent, committed: tuple[Submission, ...]) -> FileOutcome:
        intent.dropped(self.home).remove()
        marked = self._marked_workbook(committed)
        receipt = write_receipt(self.home, intent.folder, committed, marked)
        intent.record(self.home).unlink()
        return FileOutcome(intent.department, intent.file_name, "taken", committed, receipt)

    def _marked_workbook(self, committed: tuple[Submission, ...]) -> bytes | None:
        """Return the sender's own table with the cells to mend marked, if there are any."""
        if not any(s.dataset and (s.quarantine or s.details.get("flagged")) for s in committed):
            return None
        first = committed[0]
        try:
            return self.workers.mark(
                archive_path(self.home, first.sha256),
                file_name=first.file_name,
                department=first.department,
                contracts=self.contracts,
                tables=[s.to_dict() for s in committed],
                rejected=[
                    self.home.root / s.quarantine.path if s.quarantine else None for s in committed
                ],
                moment=county_moment(first.received),
            )
        except ReadingStopped as stopped:
            log.error("%s: no marked workbook: %s", first.file_name, stopped)
            return None

    def _commit(
        self, intent: _Intent, table: ReadTable, identity: str, content: BinaryIO
    ) -> Submission:
        self._latest = next_received_at(self._latest)
        summary = table.summary
        submission = Submission(
            submission_id=identity,
            department=intent.department,
            file_name=intent.file_name,
            landing_path=intent.shown_path,
            sheet=table.sheet,
            sha256=intent.sha256,
            size_bytes=intent.size_bytes,
            received_at=self._latest.isoformat(),
            periods=tuple(summary["periods"]),
            software_version=self.software_version,
            details={k: v for k, v in summary.items() if k not in _CORE},
            **{name: summary[name] for name in _FROM_READING},
        )
        return commit(self.home, submission, table.rows, content)


def _waiting(dropped: DroppedFile) -> FileOutcome:
    why = "the file changed while it was read; the next intake takes it"
    if dropped.now() is None:
        why = "the file was removed before it was read"
    return FileOutcome(dropped.department, dropped.file_name, "waiting", error=why)


def _left(obstacle: Obstacle) -> FileOutcome:
    name = obstacle.path.removeprefix(f"{obstacle.department}/")
    return FileOutcome(obstacle.department, name, "left", error=obstacle.text)
