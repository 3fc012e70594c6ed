"""Taking and checking backups of a data home (`care.store` is the folder that holds them).

A backup holds archive, lake with its manifests and holds, quarantine, records of files whose intake
is under way, receipts, bulletins that were issued, and the publications, from which findings know
when they were first seen. It does not hold files that still wait in landing, Dagster's history, and
all that a load makes anew. What an earlier backup has is not copied again.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warehouse.care import verify
from warehouse.care.store import BackupError, Entry, Progress, Record, Store, no_progress
from warehouse.home import clock, state
from warehouse.home.files import sha256_of, write_text
from warehouse.home.folders import opened, reading, regular_files
from warehouse.home.layout import RECEIPTS, Home
from warehouse.home.records import JsonRecord
from warehouse.lake.index import submissions
from warehouse.publication.current import RELEASES, ROLLBACKS
from warehouse.publication.manifest import STAMP_FORMAT


@dataclass(frozen=True)
class _Source:
    """A file to back up, with its SHA-256 where it is known."""

    path: Path
    sha256: str | None = None
    # Others can write there: no link is followed, and what is gone is left out.
    in_landing: bool = False
    # A publication that is pruned while its files are copied is left out as a whole.
    snapshot: str | None = None


def _lake_sources(home: Home) -> list[_Source]:
    sources = [
        _Source(home.root / file.path, file.sha256)
        for submission in submissions(home)
        for file in submission.parquet
    ]
    sources += [_Source(p) for p in sorted(home.manifests.glob("*.json"))]
    sources += [_Source(p) for p in sorted(home.holds.glob("*.json"))]
    sources += [_Source(p) for p in (home.demonstration,) if _is_plain(p)]
    sources += [_Source(p, p.name) for p in sorted(home.archive.glob("??/*")) if _is_plain(p)]
    sources += [_Source(p) for p in sorted(home.intents.glob("*.json"))]
    sources += [_Source(path, in_landing=True) for path in _receipts(home)]
    # Editions that were issued cannot be made again: the data has been corrected since.
    sources += [_Source(p) for p in sorted(home.bulletins.rglob("*")) if _is_plain(p)]
    return sources


def _receipts(home: Home) -> Iterator[Path]:
    for department in sorted(os.listdir(home.landing)):
        # A link or a file in place of a folder, a department without receipts.
        with suppress(FileNotFoundError, NotADirectoryError):
            with opened(home.landing, (department, RECEIPTS)) as folder:
                names = regular_files(folder)
            yield from (home.landing / department / RECEIPTS / name for name in names)


@contextmanager
def _opened(home: Home, source: _Source) -> Iterator[BinaryIO]:
    """Open a file for reading. Raises OSError when there is none."""
    if not source.in_landing:
        with source.path.open("rb") as file:
            yield file
        return
    *folders, name = source.path.relative_to(home.landing).parts
    with opened(home.landing, folders) as folder, reading(folder, name) as file:
        yield file


def _publication_sources(home: Home) -> list[_Source]:
    sources = [
        _Source(path, snapshot=folder.name)
        for folder in sorted(home.snapshots.glob("[!.]*"))
        for path in sorted(folder.rglob("*"))
        if _is_plain(path)
    ]
    single = (home.database, home.published / ROLLBACKS, home.published / RELEASES)
    return sources + [_Source(path) for path in single if path.is_file()]


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.startswith(".")


@dataclass(frozen=True)
class LastBackup(JsonRecord):
    """The last backup of a home: its stamp, when it was finished (ISO 8601, UTC), and where."""

    stamp: str
    at: str
    folder: str


def last_backup(home: Home) -> LastBackup | None:
    """Return the record of the last backup; None before the first, or where it is damaged."""
    return state.read_json(home.state, home.last_backup, LastBackup.from_dict)


@dataclass(frozen=True)
class BackupResult:
    """A backup that was taken: its record, the files that had to be copied, backups removed."""

    record: Record
    copied_files: int
    copied_bytes: int
    pruned: int


class _Copy:
    """Copying the files of one backup, as far as the store does not have them."""

    def __init__(self, home: Home, store: Store) -> None:
        self._home = home
        self._store = store
        records = store.records()
        self._previous: Mapping[str, Entry] = (
            {entry.path: entry for entry in records[-1].files} if records else {}
        )
        self._entries: list[tuple[_Source, Entry]] = []
        self._pruned_snapshots: set[str] = set()
        self.damaged: list[str] = []
        self.files = 0
        self.bytes = 0

    def add(self, source: _Source) -> None:
        """Copy a file unless the store has it; note it where it is missing or damaged."""
        path = source.path.relative_to(self._home.root).as_posix()
        try:
            status = source.path.lstat() if source.in_landing else source.path.stat()
        except FileNotFoundError:
            status = None
        stored = self._stored(source, path, status)
        if stored is None and status is not None:
            gone = (FileNotFoundError, NotADirectoryError)
            with suppress(*gone), _opened(self._home, source) as file:
                stored = self._store.add(file, source.sha256)
            if stored is not None:
                self.files, self.bytes = self.files + 1, self.bytes + stored[1]
        if stored is not None:
            digest, size = stored
            modified = status.st_mtime_ns if status else 0
            self._entries.append((source, Entry(path, size, digest, modified)))
        elif source.snapshot is not None:
            self._pruned_snapshots.add(source.snapshot)
        elif not source.in_landing:
            self.damaged.append(path)

    def _stored(
        self, source: _Source, path: str, status: os.stat_result | None
    ) -> tuple[str, int] | None:
        """Return SHA-256 and size of a file if the store has its bytes already.

        That is so for a known SHA-256, and for a file that has not changed since the backup before.
        """
        store, previous = self._store, self._previous.get(path)
        if source.sha256 is not None and store.has(source.sha256, None):
            return source.sha256, store.object(source.sha256).stat().st_size
        if source.sha256 is not None or previous is None or status is None:
            return None
        unchanged = (previous.size, previous.modified_ns) == (status.st_size, status.st_mtime_ns)
        if unchanged and store.has(previous.sha256, previous.size):
            return previous.sha256, previous.size
        return None

    def entries(self) -> tuple[Entry, ...]:
        """Return the files of the backup, without publications that were pruned meanwhile."""
        return tuple(e for s, e in self._entries if s.snapshot not in self._pruned_snapshots)


def take(
    home: Home,
    store: Store,
    *,
    software_version: str,
    publications: bool = True,
    keep: int | None = None,
    on_progress: Progress = no_progress,
) -> BackupResult:
    """Back up a home; with `keep` remove all but that many newest backups afterwards.

    The intake waits only while the files are listed: what it adds later belongs to the next
    backup, and committed files never change. Raises BackupError, and leaves no backup, when a file
    is not as its manifest says and no earlier backup has it.
    """
    home.require()
    if store.root == home.root or home.root in store.root.parents:
        raise BackupError(f"{store.root} lies in the data home; a backup belongs on another disk")
    with store.writing():
        stamp = clock.now().strftime(STAMP_FORMAT)
        with home.lock("intake"):
            sources = _lake_sources(home)
            count = sum(1 for _ in home.manifests.glob("*.json"))
        if publications:
            sources += _publication_sources(home)
        copy = _Copy(home, store)
        for done, source in enumerate(sources, start=1):
            on_progress(done, len(sources))
            copy.add(source)
        if copy.damaged:
            raise BackupError(
                f"no backup was taken: {len(copy.damaged)} file(s) are missing or not as they were "
                f"committed, the first is {copy.damaged[0]}. See: eco verify. {verify.REMEDY}"
            )
        record = Record(
            stamp, software_version, str(home.root), count, publications, copy.entries()
        )
        store.commit(record)
        finished = clock.now().isoformat(timespec="seconds")
        write_text(home.last_backup, LastBackup(stamp, finished, str(store.root)).to_json())
        pruned = store.prune(keep) if keep is not None else 0
    return BackupResult(record, copy.files, copy.bytes, pruned)


def check(store: Store, *, on_progress: Progress = no_progress) -> list[str]:
    """Read every byte of all backups; return a sentence for each missing or damaged file."""
    entries: dict[str, tuple[Record, Entry]] = {}
    for record in store.records():
        for entry in record.files:
            entries[entry.sha256] = (record, entry)
    problems = []
    for done, (digest, (record, entry)) in enumerate(entries.items(), start=1):
        on_progress(done, len(entries))
        path = store.object(digest)
        sentence = f"{path}: {{}} ({entry.path} of backup {record.stamp})"
        if not path.is_file():
            problems.append(sentence.format("missing"))
        elif sha256_of(path) != digest:
            problems.append(sentence.format("damaged"))
    return problems
