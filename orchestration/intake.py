"""Taking in what lies in the landing folders: from a dropped file to committed rows and a receipt.

One file after the other, the next ones read meanwhile: its bytes into the archive, an intent
record, the commits of its tables, its removal from landing, its receipt, the end of the intent.
Each step can be repeated, so that a crash anywhere is mended by the next intake from the archive
and the record. How a file is read is `sources`' business, how rows are kept `warehouse.lake`'s.
"""

import errno
import fcntl
import json
import os
import signal
import stat
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeVar

from sources import intake as reader
from sources import receipts
from sources.contracts import Contracts
from sources.limits import MIB
from sources.marked import marked_workbook
from sources.reading.files import content_bytes
from warehouse import lake
from warehouse.clock import COUNTY_ZONE
from warehouse.files import sweep, write_bytes, write_text
from warehouse.home import RECEIPTS, Home
from warehouse.lake import Submission

# Left by editors, copying programs and file managers; never a department's data.
IGNORED = ("~$*", ".*", "*.tmp", "*.part", "Thumbs.db", "desktop.ini")
SETTLE_SECONDS = 2.0
# Who watches all the time need not wait as long: it has seen the file arrive. What a program still
# has open for writing waits in any case.
WATCH_SETTLE_SECONDS = 1.0
POLL_SECONDS = 0.2
RETRY_SECONDS = 60.0
_TAKEN = ".taken"
# Files read at once while a third is written: what polars does on all cores leaves gaps, at a
# file's begin and end above all. Large ones are read alone, so that memory stays bounded.
_READERS = 2
_READ_AT_ONCE = 192 * MIB
_What = TypeVar("_What")
_Result = TypeVar("_Result")
_CORE = frozenset(field.name for field in fields(Submission))


@dataclass(frozen=True)
class _Dropped:
    """A file in landing, with what tells whether it is still the one that was read."""

    department: str
    path: Path
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def at(cls, department: str, path: Path) -> "_Dropped | None":
        try:
            status = path.lstat()
        except FileNotFoundError:
            return None
        return cls(department, path, status.st_ino, status.st_size, status.st_mtime_ns)

    def unchanged(self) -> bool:
        return _Dropped.at(self.department, self.path) == self

    def is_regular(self) -> bool:
        return stat.S_ISREG(self.path.lstat().st_mode)

    def fingerprint(self) -> str:
        """Stands in for the digest of what has no bytes of its own: a link, a device, a pipe."""
        kind = stat.S_IFMT(self.path.lstat().st_mode)
        target = os.readlink(self.path) if stat.S_ISLNK(kind) else ""
        return sha256(f"{self.path.name}\0{kind}\0{target}".encode()).hexdigest()


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
        name = lake.submission_id(self.department, self.sha256, self.landing_path)
        return home.intents / f"{name}.json"

    def dropped(self, home: Home) -> _Dropped:
        path = home.root / self.landing_path
        return _Dropped(self.department, path, self.inode, self.size_bytes, self.modified_ns)


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


def _ignored(path: Path) -> bool:
    return any(path.match(pattern) for pattern in IGNORED)


def _dropped_files(home: Home) -> list[_Dropped]:
    found = []
    here = [p for p in home.landing.iterdir() if p.name != RECEIPTS and not _ignored(p)]
    for stray in here:  # beside the departments' folders: nobody's, refused with a receipt
        if not stray.is_dir() and (dropped := _Dropped.at("", stray)):
            found.append(dropped)
    for folder in (p for p in here if p.is_dir() and not p.is_symlink()):
        for parent, folders, names in os.walk(folder):
            at = Path(parent)
            folders[:] = [
                name
                for name in folders
                if not (at == folder and name == RECEIPTS) and not _ignored(at / name)
            ]
            links = [name for name in folders if (at / name).is_symlink()]
            for name in names + links:
                if not _ignored(at / name) and (dropped := _Dropped.at(folder.name, at / name)):
                    found.append(dropped)
    return sorted(found, key=lambda d: d.path.as_posix())


def waiting_files(home: Home) -> dict[str, tuple[int, int]]:
    """The files that an intake would find now, below landing, with size and time (ns)."""
    return {
        file.path.relative_to(home.landing).as_posix(): (file.size, file.modified_ns)
        for file in _dropped_files(home)
    }


def _settled(files: list[_Dropped], settle_seconds: float) -> list[_Dropped]:
    """Those that are no longer being written; waits once for those that changed just now."""
    still_since = time.time() - settle_seconds
    young = {file.path for file in files if file.modified_ns / 1e9 > still_since}
    if young:
        time.sleep(settle_seconds)
    still = (file for file in files if file.path not in young or file.unchanged())
    return [file for file in still if not _open_for_writing(file)]


def _open_for_writing(file: _Dropped) -> bool:
    """Tell whether a program of this machine has a file open for writing.

    A slow upload may pause for longer than any time of waiting, and what it writes after its file
    was taken in would be lost. The system grants a read lease only on a file that nobody writes;
    where it grants none for another reason (a network share, another owner), time alone decides.
    """
    try:
        if not file.is_regular():
            return False
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False  # gone, or not to be opened: that is for the intake to say
    try:
        # Who opens it in this moment waits for us; the notice of that must not end this process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False


def _remove_from_landing(dropped: _Dropped) -> None:
    """Remove the file that was read; a clerk's newer file of the same name stays.

    It is moved aside before it is looked at for the last time, so that a file that is put in its
    place in that moment is not the one removed.
    """
    aside = dropped.path.with_name(f".{dropped.path.name}{_TAKEN}")
    try:
        os.rename(dropped.path, aside)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        if dropped.unchanged():
            dropped.path.unlink(missing_ok=True)
        return
    moved = _Dropped.at(dropped.department, aside)
    same = moved is not None and (moved.inode, moved.size, moved.modified_ns) == (
        dropped.inode,
        dropped.size,
        dropped.modified_ns,
    )
    if same or dropped.path.exists():
        aside.unlink()
    else:
        os.rename(aside, dropped.path)


def _restore_moved_aside(home: Home) -> None:
    """Undo a removal that was cut off; its intent, which is still there, will repeat it."""
    for aside in home.landing.rglob(f".*{_TAKEN}"):
        original = aside.with_name(aside.name[1 : -len(_TAKEN)])
        if original.exists():
            aside.unlink()
        else:
            os.rename(aside, original)


def _write_receipt(home: Home, contracts: Contracts, submissions: tuple[Submission, ...]) -> Path:
    """Write the receipt of a file from its manifests and archived bytes: the same every time.

    A page, a plain text, and where rows are to be mended the sender's own table with the cells
    marked. Returns the page's path.
    """
    first = submissions[0]
    tables = [(asdict(s), lake.rejected_rows(home, s)) for s in submissions]
    base = lake.receipt_base(home, first)
    marked = None
    if any(s.dataset for s in submissions):
        marked = marked_workbook(
            lake.archive_path(home, first.sha256),
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


def _note_known(home: Home, file_name: str, submissions: tuple[Submission, ...]) -> Path:
    first = submissions[0]
    received = first.received.astimezone(COUNTY_ZONE)
    base = lake.receipt_base(home, first, file_name)
    target = base.with_name(f"{base.name}.重复报送.txt")
    write_text(
        target,
        f"文件“{file_name}”与 {received:%Y-%m-%d %H:%M:%S} 收到的“{first.file_name}”内容完全相同，"
        "没有重复入库。\n如需更正数据，请修改后重新报送；原回执仍然有效。\n",
    )
    return target


def _note_failed(home: Home, department: str, file_name: str) -> Path:
    target = home.receipts(department) / f"{lake.short_name(file_name)}.暂未处理.txt"
    write_text(
        target,
        f"文件“{file_name}”暂时未能处理，原因在系统一侧，与您的文件无关。\n"
        "文件没有丢失，下次入库时会自动重试；数据组会得到通知，您无需重新报送。\n",
    )
    return target


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
            _restore_moved_aside(self.home)
            for outcome in self._finished_before():
                outcomes.append(outcome)
                on_file(outcome)
            for outcome in self._taken(_settled(_dropped_files(self.home), settle_seconds)):
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
        reader.prepare()
        self.run(on_file=on_file)
        since: dict[_Dropped, float] = {}
        tried: dict[_Dropped, float] = {}
        while not stop.wait(POLL_SECONDS):
            now = time.monotonic()
            since = {file: since.get(file, now) for file in _dropped_files(self.home)}
            tried = {f: at for f, at in tried.items() if f in since and now - at < RETRY_SECONDS}
            ready = [
                file
                for file, at in since.items()
                if now - at >= settle_seconds and file not in tried and not _open_for_writing(file)
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
        self._latest = lake.latest_received(self.home, self._received)
        for record in sorted(self.home.intents.glob("*.json")):
            intent = _Intent(**json.loads(record.read_text(encoding="utf-8")))
            yield self._guarded(intent.department, intent.file_name, self._again, intent)

    def _taken(self, files: list[_Dropped]) -> Iterator[FileOutcome]:
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
            yield self._guarded(
                intent.department,
                intent.file_name,
                lambda of, tables=tables: self._finish(of, tables.result(), fresh=True),
                intent,
            )
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
                receipt = _note_failed(self.home, department, file_name)
            return FileOutcome(department, file_name, "failed", (), receipt, error)

    def _archived(self, dropped: _Dropped) -> _Intent | FileOutcome:
        """Put a file's bytes into the archive; what is to follow, or why it has to wait."""
        try:
            regular = dropped.is_regular()  # opening a pipe or a device might never end
            if regular:
                digest, size = lake.archive(self.home, dropped.path)
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
            return lake.archive_path(self.home, intent.sha256)
        return intent.dropped(self.home).path

    def _read(self, intent: _Intent) -> list[reader.TableResult]:
        return reader.read_file(
            self._source(intent),
            file_name=intent.file_name,
            department=intent.department,
            contracts=self.contracts,
        )

    def _again(self, intent: _Intent) -> FileOutcome:
        """Do again what was cut off."""
        return self._finish(intent, self._read(intent), fresh=False)

    def _finish(
        self, intent: _Intent, tables: list[reader.TableResult], *, fresh: bool
    ) -> FileOutcome:
        """Do, or do again, all that follows the reading of a file."""
        identities = [
            lake.submission_id(intent.department, intent.sha256, table.sheet) for table in tables
        ]
        known = tuple(lake.find(self.home, identity) for identity in identities)
        if fresh and all(known):
            earlier = tuple(submission for submission in known if submission is not None)
            receipt = _note_known(self.home, intent.file_name, earlier)
            _remove_from_landing(intent.dropped(self.home))
            return FileOutcome(intent.department, intent.file_name, "known", earlier, receipt)
        record = intent.record(self.home)
        if fresh:
            write_text(record, json.dumps(asdict(intent), ensure_ascii=False))
        committed = tuple(
            submission or self._commit(intent, table, identity)
            for table, identity, submission in zip(tables, identities, known, strict=True)
        )
        _remove_from_landing(intent.dropped(self.home))
        receipt = _write_receipt(self.home, self.contracts, committed)
        record.unlink()
        return FileOutcome(intent.department, intent.file_name, "taken", committed, receipt)

    def _commit(self, intent: _Intent, table: reader.TableResult, identity: str) -> Submission:
        self._latest = lake.next_received_at(self._latest)
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
        return lake.commit(self.home, submission, contract, table.accepted, table.rejected)
