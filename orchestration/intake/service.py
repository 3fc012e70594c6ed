"""Taking in what lies in the landing folders: from a dropped file to committed rows and a receipt.

One file after the other, the next ones read meanwhile: its bytes into the archive, an intent
record, the commits of its tables, its removal from landing, its receipt, the end of the intent.
Each step can be repeated, so that a crash anywhere is mended by the next intake from the archive
and the record. How a file is read is `sources`' business, how rows are kept `warehouse.lake`'s.
"""

import json
import os
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
from typing import Literal, TypeVar

from orchestration.intake.landing import (
    SETTLE_SECONDS,
    DroppedFile,
    dropped_files,
    open_for_writing,
    remove_from_landing,
    restore_moved_aside,
    settled_files,
)
from orchestration.intake.receipts import write_duplicate_note, write_failure_note, write_receipt
from sources.contracts import Contracts
from sources.limits import MIB
from sources.read_file import prepare, read_file
from sources.reading.files import content_bytes
from sources.summary import TableResult
from warehouse.home.files import sweep, write_text
from warehouse.home.layout import Home
from warehouse.lake.commit import archive, commit, next_received_at
from warehouse.lake.submissions import (
    Submission,
    archive_path,
    find,
    latest_received,
    submission_id,
)

# Who watches all the time need not wait as long: it has seen the file arrive. What a program still
# has open for writing waits in any case.
WATCH_SETTLE_SECONDS = 1.0
POLL_SECONDS = 0.2
RETRY_SECONDS = 60.0
# Files read at once while a third is written: what polars does on all cores leaves gaps, at a
# file's begin and end above all. Large ones are read alone, so that memory stays bounded.
_READERS = 2
_READ_AT_ONCE = 192 * MIB
_What = TypeVar("_What")
_Result = TypeVar("_Result")
_CORE = frozenset(field.name for field in fields(Submission))


@dataclass(frozen=True)
class _Intent:
    """What is being done with one file, written before its first commit."""

    department: str
    landing_path: str
    file_name: str
    sha256: str
    size_bytes: int
    inode: int
    modified_ns: int
    archived: bool = True

    def record(self, home: Home) -> Path:
        name = submission_id(self.department, self.sha256, self.landing_path)
        return home.intents / f"{name}.json"

    def dropped(self, home: Home) -> DroppedFile:
        path = home.root / self.landing_path
        return DroppedFile(self.department, path, self.inode, self.size_bytes, self.modified_ns)


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file."""

    department: str
    file_name: str
    outcome: Literal["taken", "known", "waiting", "failed"]
    submissions: tuple[Submission, ...]
    receipt: Path | None
    error: str | None = None


def read_ahead(
    things: Iterable[tuple[_What, int]], read: Callable[[_What], _Result]
) -> Iterator[tuple[_What, "Future[_Result]"]]:
    """Yield things (given with how large each is) in their order, each with what reading it gave.

    While one is worked on, the next are read in threads of their own.
    """
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        coming: deque[tuple[_What, Future[_Result], int]] = deque()
        for thing, size in things:
            while coming and (
                len(coming) > _READERS or sum(s for *_, s in coming) + size > _READ_AT_ONCE
            ):
                yield coming.popleft()[:2]
            coming.append((thing, readers.submit(read, thing), size))
        while coming:
            yield coming.popleft()[:2]


class Intake:
    """The intake of one home."""

    def __init__(self, home: Home, contracts: Contracts, software_version: str) -> None:
        self.home = home
        self.contracts = contracts
        self.software_version = software_version
        self._latest: datetime | None = None
        self._received: dict[str, datetime] = {}

    def run(
        self,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        on_file: Callable[[FileOutcome], None] = lambda outcome: None,
        on_wait: Callable[[], object] = lambda: None,
    ) -> list[FileOutcome]:
        """Take in every file that has been still for `settle_seconds`; finish cut-off ones first.

        Holds the home's intake lock. A file that cannot be processed for a reason of ours stays
        in landing with its outcome `failed`; the others go on.
        """
        outcomes: list[FileOutcome] = []
        with self.home.lock("intake", on_wait=on_wait):
            for folder in (self.home.archive, self.home.lake, self.home.quarantine):
                sweep(folder)
            restore_moved_aside(self.home)
            for outcome in self._finished_before():
                outcomes.append(outcome)
                on_file(outcome)
            for outcome in self._taken(settled_files(dropped_files(self.home), settle_seconds)):
                outcomes.append(outcome)
                on_file(outcome)
        return outcomes

    def watch(
        self,
        stop: threading.Event,
        *,
        settle_seconds: float = WATCH_SETTLE_SECONDS,
        on_file: Callable[[FileOutcome], None] = lambda outcome: None,
    ) -> None:
        """Take files in as they come, until `stop` is set.

        Looks several times a second; holds the home's intake lock only while it takes files in.
        What it could not take (a full disk) is tried again after a minute.
        """
        prepare()
        self.run(on_file=on_file)
        since: dict[DroppedFile, float] = {}
        tried: dict[DroppedFile, float] = {}
        while not stop.wait(POLL_SECONDS):
            now = time.monotonic()
            since = {file: since.get(file, now) for file in dropped_files(self.home)}
            tried = {f: at for f, at in tried.items() if f in since and now - at < RETRY_SECONDS}
            ready = [
                file
                for file, at in since.items()
                if now - at >= settle_seconds and file not in tried and not open_for_writing(file)
            ]
            if not ready:
                continue
            tried |= dict.fromkeys(ready, now)
            with self.home.lock("intake"):
                for outcome in self._finished_before():
                    on_file(outcome)
                # Another intake may have taken some while this one waited for the lock.
                for outcome in self._taken([file for file in ready if file.unchanged()]):
                    on_file(outcome)

    def _finished_before(self) -> Iterator[FileOutcome]:
        """Finish what an intake before this one left unfinished."""
        self._latest = latest_received(self.home, self._received)
        for record in sorted(self.home.intents.glob("*.json")):
            intent = _Intent(**json.loads(record.read_text(encoding="utf-8")))
            yield self._guarded(intent.department, intent.file_name, self._again, intent)

    def _taken(self, files: list[DroppedFile]) -> Iterator[FileOutcome]:
        # All that commits something stays in this thread, in the files' order.
        others: list[FileOutcome] = []

        def begun() -> Iterator[tuple[_Intent, int]]:
            for dropped in files:
                found = self._guarded(
                    dropped.department, dropped.path.name, self._archived, dropped
                )
                if isinstance(found, FileOutcome):
                    others.append(found)
                else:
                    yield found, content_bytes(self._source(found))

        for intent, tables in read_ahead(begun(), self._read):
            finish = partial(self._finish_read, tables)
            yield self._guarded(intent.department, intent.file_name, finish, intent)
            yield from others
            others.clear()
        yield from others

    def _guarded(
        self, department: str, file_name: str, step: Callable[[_What], _Result], what: _What
    ) -> _Result | FileOutcome:
        try:
            return step(what)
        except Exception:  # one file's trouble must not keep the others out
            error, receipt = traceback.format_exc(), None
            with suppress(OSError):  # a disk that is full has no room for a receipt either
                receipt = write_failure_note(self.home, department, file_name)
            return FileOutcome(department, file_name, "failed", (), receipt, error)

    def _archived(self, dropped: DroppedFile) -> _Intent | FileOutcome:
        """Put a file's bytes into the archive; what is to follow, or why it has to wait."""
        try:
            regular = dropped.is_regular()  # opening a pipe or a device might never end
            if regular:
                digest, size = archive(self.home, dropped.path)
            else:
                digest, size = dropped.fingerprint(), dropped.size
        except FileNotFoundError:
            if os.path.lexists(dropped.path):
                raise
            return FileOutcome(
                dropped.department,
                dropped.path.name,
                "waiting",
                (),
                None,
                "the file was taken away before it was read",
            )
        if not dropped.unchanged():
            return FileOutcome(
                dropped.department,
                dropped.path.name,
                "waiting",
                (),
                None,
                "the file changed while it was read; the next intake takes it",
            )
        return _Intent(
            department=dropped.department,
            landing_path=dropped.path.relative_to(self.home.root).as_posix(),
            file_name=dropped.path.name,
            sha256=digest,
            size_bytes=size,
            inode=dropped.inode,
            modified_ns=dropped.modified_ns,
            archived=regular,
        )

    def _source(self, intent: _Intent) -> Path:
        if intent.archived:
            return archive_path(self.home, intent.sha256)
        return intent.dropped(self.home).path

    def _read(self, intent: _Intent) -> list[TableResult]:
        return read_file(
            self._source(intent),
            file_name=intent.file_name,
            department=intent.department,
            contracts=self.contracts,
        )

    def _again(self, intent: _Intent) -> FileOutcome:
        """Do again what was cut off."""
        return self._finish(intent, self._read(intent), fresh=False)

    def _finish_read(self, tables: Future[list[TableResult]], intent: _Intent) -> FileOutcome:
        """Do what follows the reading of a file; errors of the reading are raised here."""
        return self._finish(intent, tables.result(), fresh=True)

    def _finish(self, intent: _Intent, tables: list[TableResult], *, fresh: bool) -> FileOutcome:
        """Do, or do again, all that follows the reading of a file."""
        identities = [
            submission_id(intent.department, intent.sha256, table.sheet) for table in tables
        ]
        known = tuple(find(self.home, identity) for identity in identities)
        if fresh and all(known):
            earlier = tuple(submission for submission in known if submission is not None)
            receipt = write_duplicate_note(self.home, intent.file_name, earlier)
            remove_from_landing(intent.dropped(self.home))
            return FileOutcome(intent.department, intent.file_name, "known", earlier, receipt)
        record = intent.record(self.home)
        if fresh:
            write_text(record, json.dumps(asdict(intent), ensure_ascii=False))
        committed = tuple(
            submission or self._commit(intent, table, identity)
            for table, identity, submission in zip(tables, identities, known, strict=True)
        )
        remove_from_landing(intent.dropped(self.home))
        receipt = write_receipt(self.home, self.contracts, committed)
        record.unlink()
        return FileOutcome(intent.department, intent.file_name, "taken", committed, receipt)

    def _commit(self, intent: _Intent, table: TableResult, identity: str) -> Submission:
        self._latest = next_received_at(self._latest)
        submission = Submission(
            submission_id=identity,
            department=intent.department,
            file_name=intent.file_name,
            landing_path=intent.landing_path,
            sheet=table.sheet,
            sha256=intent.sha256,
            size_bytes=intent.size_bytes,
            received_at=self._latest.isoformat(),
            dataset=table.dataset,
            status=table.status,
            reason_code=table.reason_code,
            reason_zh=table.reason_zh,
            encoding=table.encoding,
            rows_read=table.rows_read,
            rows_accepted=table.rows_accepted,
            rows_rejected=table.rows_rejected,
            rows_duplicate=table.rows_duplicate,
            periods=tuple(table.periods),
            software_version=self.software_version,
            details={k: v for k, v in table.summary().items() if k not in _CORE},
        )
        contract = self.contracts[table.dataset] if table.dataset else None
        return commit(self.home, submission, contract, table.accepted, table.rejected)
