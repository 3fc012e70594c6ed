"""Backups of a data home: taking one, checking, restoring, putting back what was damaged.

A backup folder holds `objects/`, every file's bytes once under their SHA-256, and `records/`, one
JSON per backup that names the files of the home at one moment. The record is written last and is
the commit: a backup that was cut off is none. What a former backup has is not copied again.

In it: archive, lake with its manifests, quarantine, records of files whose intake is under way,
receipts, bulletins that were issued, and the publications, from which findings know since when they
stand. Not in it: files that
still wait in landing, Dagster's history, and all that a load makes anew.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from warehouse.care import verify
from warehouse.home import clock
from warehouse.home.files import (
    PART,
    copy_hashing,
    keep,
    replacing,
    sha256_of,
    sweep,
    sync_folder,
    write_text,
)
from warehouse.home.layout import RECEIPTS, Home
from warehouse.home.locks import LockTimeout, file_lock
from warehouse.lake.submissions import submissions
from warehouse.publication.complete import complete
from warehouse.publication.current import RELEASES, ROLLBACKS
from warehouse.publication.manifest import STAMP_FORMAT

FORMAT = 1
TRUTH = ("archive", "lake", "quarantine")
# What a restore puts in place as a whole; receipts go back one by one among what waits there.
_WHOLE = (*TRUTH, "published", "state/intake")
Progress = Callable[[int, int], None]


class BackupError(RuntimeError):
    """A backup cannot be taken or restored; the message says why and what to do."""


def _silent(done: int, of: int) -> None:
    pass


@dataclass(frozen=True)
class Entry:
    """One file of a backup: where it lay below the home, size in bytes, SHA-256."""

    path: str
    size: int
    sha256: str
    modified_ns: int


@dataclass(frozen=True)
class Record:
    """One backup: what the home held at one moment."""

    stamp: str
    software_version: str
    home: str
    submissions: int
    publications: bool
    files: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files, each counted as often as it lay in the home."""
        return sum(entry.size for entry in self.files)

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "stamp": self.stamp,
            "software_version": self.software_version,
            "home": self.home,
            "submissions": self.submissions,
            "publications": self.publications,
            "files": [vars(entry) for entry in self.files],
        }

    def to_json(self) -> str:
        """The record's text, with a checksum over what it says."""
        content = self._content()
        return json.dumps({**content, "checksum": _checksum(content)}, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """Read a record's text. Raises ValueError when it is not what was written."""
        content = json.loads(text)
        said = content.pop("checksum", None)
        if content.get("format") != FORMAT:
            raise ValueError(f"format {content.get('format')} instead of {FORMAT}")
        if said != _checksum(content):
            raise ValueError("its checksum does not fit")
        del content["format"]
        content["files"] = tuple(Entry(**entry) for entry in content["files"])
        return cls(**content)


def _checksum(content: Mapping[str, Any]) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Store:
    """A backup folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()

    @property
    def _records(self) -> Path:
        return self.root / "records"

    def object(self, digest: str) -> Path:
        """Where the bytes with that SHA-256 lie."""
        return self.root / "objects" / digest[:2] / digest

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the folder, keep other writers out, remove what a cut-off one left."""
        if self.root.exists() and any(self.root.iterdir()) and not self._records.is_dir():
            raise BackupError(f"{self.root} holds other things; name an empty or a new folder")
        self._records.mkdir(parents=True, exist_ok=True)
        try:
            with file_lock(self.root / "lock", wait_seconds=0):
                sweep(self.root)
                yield
        except LockTimeout:
            raise BackupError(f"another backup is being written to {self.root}") from None

    def records(self) -> list[Record]:
        """All backups that are whole in themselves, oldest first. Raises BackupError for others."""
        if not self._records.is_dir():
            raise BackupError(f"{self.root} is no backup folder; make one with: eco backup DIR")
        return [self._read(path) for path in sorted(self._records.glob("*.json"))]

    def _read(self, path: Path) -> Record:
        try:
            return Record.from_json(path.read_text(encoding="utf-8"))
        except (ValueError, TypeError, KeyError, OSError) as error:
            raise BackupError(
                f"{path} is damaged: {error}. Remove it to use the other backups."
            ) from error

    def record(self, stamp: str | None = None) -> Record:
        """The backup of that stamp, or the newest. Raises BackupError when there is none."""
        if stamp is not None and (path := self._records / f"{stamp}.json").is_file():
            return self._read(path)
        found = self.records()
        if stamp is not None or not found:
            newest = ", ".join(record.stamp for record in found[:-6:-1]) or "none"
            raise BackupError(f"{self.root} has no such backup; the newest are: {newest}")
        return found[-1]

    def has(self, digest: str, size: int | None) -> bool:
        """Whether the bytes are there, as far as their size tells."""
        try:
            found = self.object(digest).stat().st_size
        except FileNotFoundError:
            return False
        return size is None or found == size

    def keep(self, source: Path, expected: str | None) -> tuple[str, int] | None:
        """Copy a file's bytes; their SHA-256 and size, or None when it is not the one expected."""
        part = self.root / f".{os.getpid()}{PART}"
        try:
            with source.open("rb") as stream:
                digest, size = copy_hashing(stream, part)
            if expected is not None and digest != expected:
                return None
            if not self.has(digest, size):
                keep(part, self.object(digest))
        finally:
            part.unlink(missing_ok=True)
        return digest, size

    def commit(self, record: Record) -> None:
        """The backup is there from now on."""
        write_text(self._records / f"{record.stamp}.json", record.to_json())

    def prune(self, keep: int) -> int:
        """Remove all but the newest backups, and the bytes that only they held; how many went."""
        records = self.records()
        going = records[: max(len(records) - keep, 0)]
        for record in going:
            (self._records / f"{record.stamp}.json").unlink()
        needed = {entry.sha256 for record in records[len(going) :] for entry in record.files}
        for path in (self.root / "objects").glob("??/*"):
            if path.name not in needed:
                path.unlink()
        return len(going)

    def fetch(self, entry: Entry, target: Path) -> None:
        """Copy a file out, atomically. Raises BackupError when its bytes are not those."""
        try:
            with replacing(target) as part, self.object(entry.sha256).open("rb") as source:
                digest, _ = copy_hashing(source, part)
                if digest != entry.sha256:
                    raise BackupError(
                        f"{self.object(entry.sha256)} ({entry.path}) is damaged; "
                        "restore another backup folder, or mend it with one: copy the object over"
                    )
                os.utime(part, ns=(entry.modified_ns, entry.modified_ns))
        except FileNotFoundError as error:
            raise BackupError(
                f"the backup is not whole: {self.object(entry.sha256)} ({entry.path}) is missing"
            ) from error


@dataclass(frozen=True)
class _Wanted:
    path: Path
    sha256: str | None = None
    # A publication that is pruned while its files are copied is left out as a whole.
    snapshot: str | None = None


def _truth(home: Home) -> list[_Wanted]:
    wanted = [
        _Wanted(home.root / file.path, file.sha256)
        for submission in submissions(home)
        for file in submission.parquet
    ]
    wanted += [_Wanted(p) for p in sorted(home.manifests.glob("*.json"))]
    wanted += [_Wanted(p, p.name) for p in sorted(home.archive.glob("??/*")) if _plain(p)]
    wanted += [_Wanted(p) for p in sorted(home.intents.glob("*.json"))]
    wanted += [_Wanted(p) for p in sorted(home.landing.glob(f"*/{RECEIPTS}/**/*")) if _plain(p)]
    # Editions that were issued cannot be made again: the data has been corrected since.
    wanted += [_Wanted(p) for p in sorted(home.bulletins.rglob("*")) if _plain(p)]
    return wanted


def _publications(home: Home) -> list[_Wanted]:
    wanted = [
        _Wanted(path, snapshot=folder.name)
        for folder in sorted(home.snapshots.glob("[!.]*"))
        for path in sorted(folder.rglob("*"))
        if _plain(path)
    ]
    logs = (home.published / ROLLBACKS, home.published / RELEASES)
    single = (home.database, *logs)
    return wanted + [_Wanted(path) for path in single if path.is_file()]


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.startswith(".")


def _former(store: Store) -> dict[str, Entry]:
    records = store.records()
    return {entry.path: entry for entry in records[-1].files} if records else {}


@dataclass(frozen=True)
class Taken:
    """A backup that was taken: its record, and what had to be copied for it."""

    record: Record
    copied_files: int
    copied_bytes: int
    pruned: int


def take(
    home: Home,
    store: Store,
    *,
    software_version: str,
    publications: bool = True,
    keep: int | None = None,
    on_progress: Progress = _silent,
) -> Taken:
    """Back a home up into a folder; `keep` removes all but so many newest backups afterwards.

    The intake waits only while the files are listed: what it adds later belongs to the next
    backup, and nothing that is committed ever changes. Raises BackupError, and leaves no backup,
    when a file is not what its manifest says and no former backup has it.
    """
    home.require()
    if store.root == home.root or home.root in store.root.parents:
        raise BackupError(f"{store.root} lies in the data home; a backup belongs on another disk")
    with store.writing():
        stamp = clock.now().strftime(STAMP_FORMAT)
        with home.lock("intake"):
            wanted = _truth(home)
            count = sum(1 for _ in home.manifests.glob("*.json"))
        if publications:
            wanted += _publications(home)
        former = _former(store)
        entries, gone, damaged = [], set(), []
        files = size = 0
        for done, want in enumerate(wanted, start=1):
            on_progress(done, len(wanted))
            relative = want.path.relative_to(home.root).as_posix()
            try:
                status = want.path.stat()
            except FileNotFoundError:
                status = None
            known = _known(store, want, former.get(relative), status)
            if known is None and status is not None:
                with suppress(FileNotFoundError):
                    known = store.keep(want.path, want.sha256)
                if known is not None:
                    files, size = files + 1, size + known[1]
            if known is not None:
                modified = status.st_mtime_ns if status else 0
                entries.append((want, Entry(relative, known[1], known[0], modified)))
            elif want.snapshot is not None:
                gone.add(want.snapshot)
            else:
                damaged.append(relative)
        if damaged:
            raise BackupError(
                f"no backup was taken: {len(damaged)} file(s) are missing or not as they were "
                f"committed, the first is {damaged[0]}. See: eco verify. {verify.REMEDY}"
            )
        kept = tuple(entry for want, entry in entries if want.snapshot not in gone)
        record = Record(stamp, software_version, str(home.root), count, publications, kept)
        store.commit(record)
        pruned = store.prune(keep) if keep is not None else 0
    return Taken(record, files, size, pruned)


def _known(
    store: Store, want: _Wanted, former: Entry | None, status: os.stat_result | None
) -> tuple[str, int] | None:
    """What the store has already: bytes known by their digest, or a file unchanged since."""
    if want.sha256 is not None and store.has(want.sha256, None):
        return want.sha256, store.object(want.sha256).stat().st_size
    same = (
        want.sha256 is None
        and former is not None
        and status is not None
        and (former.size, former.modified_ns) == (status.st_size, status.st_mtime_ns)
        and store.has(former.sha256, former.size)
    )
    return (former.sha256, former.size) if same and former is not None else None


def check(store: Store, *, on_progress: Progress = _silent) -> list[str]:
    """Read every byte of all backups; a sentence for each file that is missing or damaged."""
    wanted: dict[str, tuple[Record, Entry]] = {}
    for record in store.records():
        for entry in record.files:
            wanted[entry.sha256] = (record, entry)
    problems = []
    for done, (digest, (record, entry)) in enumerate(wanted.items(), start=1):
        on_progress(done, len(wanted))
        path = store.object(digest)
        what = f"{path}: {{}} ({entry.path} of backup {record.stamp})"
        if not path.is_file():
            problems.append(what.format("missing"))
        elif sha256_of(path) != digest:
            problems.append(what.format("damaged"))
    return problems


def _occupied(home: Home) -> str | None:
    """A file that a restore would take the place of, or None."""
    for name in _WHOLE:
        for path in (home.root / name).rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                return path.relative_to(home.root).as_posix()
    return None


def _safe(record: Record) -> None:
    for entry in record.files:
        path = PurePosixPath(entry.path)
        inside = entry.path.startswith((*(f"{name}/" for name in _WHOLE), "landing/"))
        if path.is_absolute() or ".." in path.parts or not inside:
            raise BackupError(f"the backup names {entry.path}, which is no place of a data home")


def restore(
    home: Home,
    store: Store,
    *,
    departments: Iterable[str],
    stamp: str | None = None,
    overwrite: bool = False,
    on_progress: Progress = _silent,
) -> tuple[Record, Path | None]:
    """Put a backup into a home; return it, and where that which was there before was moved.

    Every file is compared with its checksum before anything is put in place. When it is cut off,
    the home cannot be used until the restore is run again. Files that wait in landing stay.
    Raises BackupError when the backup is not whole, or the home holds something and `overwrite`
    is not said.
    """
    record = store.record(stamp)
    _safe(record)
    again = home.restoring.exists()
    found = _occupied(home)
    if found and not overwrite and not again:
        raise BackupError(
            f"{home.root} is not empty ({found}). Restore into another home, or say --overwrite: "
            "what is there is then moved aside, not removed."
        )
    home.create(departments)
    with home.lock("load", wait_seconds=5), home.lock("intake", wait_seconds=5):
        fetched = home.root / f".restore{PART}"
        shutil.rmtree(fetched, ignore_errors=True)
        for done, entry in enumerate(record.files, start=1):
            on_progress(done, len(record.files))
            store.fetch(entry, fetched / entry.path)
            if entry.path.startswith("archive/"):
                (fetched / entry.path).chmod(0o444)
        # From here on the home is neither the one nor the other.
        write_text(home.restoring, f"{store.root} {record.stamp}\n")
        aside = _move_aside(home)
        shutil.rmtree(home.candidates, ignore_errors=True)
        for name in _WHOLE:
            (fetched / name).mkdir(parents=True, exist_ok=True)
            os.replace(fetched / name, home.root / name)
        for receipt in fetched.glob("landing/**/*"):
            if receipt.is_file():
                target = home.root / receipt.relative_to(fetched)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(receipt, target)
        home.create(departments)
        complete(home)
        shutil.rmtree(fetched)
        home.restoring.unlink()
        sync_folder(home.root)
    return record, aside


def _move_aside(home: Home) -> Path | None:
    """Move what a restore takes the place of into a folder of its own; return it."""
    occupied = _occupied(home) is not None
    aside = home.root / f"before-restore-{clock.now().strftime(STAMP_FORMAT)}"
    for name in _WHOLE:
        folder = home.root / name
        if not folder.exists():
            continue
        if occupied:
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder, aside / name)
        else:
            shutil.rmtree(folder)
    return aside if occupied else None


def repair(
    home: Home, store: Store, *, on_progress: Progress = _silent
) -> tuple[list[str], list[verify.Problem]]:
    """Put back files of the truth that are missing or damaged; what was, and what is left.

    Manifests that a backup has and the home has not are put back with their rows; nothing else of
    the home is touched. Of several backups the newest that has a file counts.
    """
    known: dict[str, Entry] = {}
    for record in store.records():
        _safe(record)
        known |= {e.path: e for e in record.files if e.path.split("/")[0] in TRUTH}
    home.require()
    mended: list[str] = []

    def put_back(paths: Iterable[str]) -> None:
        for path in paths:
            if path in known:
                store.fetch(known[path], home.root / path)
                mended.append(path)

    with home.lock("load", wait_seconds=5), home.lock("intake", wait_seconds=5):
        manifests = home.manifests.relative_to(home.root).as_posix()
        put_back(
            path for path in known if path.startswith(manifests) and not (home.root / path).exists()
        )
        unreadable = verify.verify(home, full=False).problems
        put_back(p.path for p in unreadable if p.path.startswith(manifests))
        put_back(p.path for p in verify.verify(home, on_progress=on_progress).problems)
        left = list(verify.verify(home).problems) if mended else list(unreadable)
    return mended, left
