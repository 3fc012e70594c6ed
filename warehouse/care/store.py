"""A backup folder: file contents by their SHA-256, and one record per backup.

`objects/` holds the bytes of every file once; `records/` one JSON per backup that lists the files
of the home at one moment. The record is written last and is the commit: an interrupted backup has
none and does not count. Which files a backup holds is decided in `care.backup`.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from warehouse.home.files import PART, copy_hashing, keep, replacing, sweep, write_text
from warehouse.home.locks import LockTimeout, file_lock

FORMAT = 1
# Called with the number of files that are done and the number of all files.
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


class BackupError(RuntimeError):
    """A backup cannot be taken or restored; the message names the cause and the remedy."""


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its path relative to the home, size in bytes, SHA-256."""

    path: str
    size: int
    sha256: str
    modified_ns: int


@dataclass(frozen=True)
class Record:
    """One backup: the files of a home at one moment."""

    stamp: str
    software_version: str
    home: str
    submissions: int
    publications: bool
    files: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """Total size of the files in bytes, as they lay in the home."""
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
        """Return the record as JSON, with a checksum over its content."""
        content = self._content()
        # ASCII: the names of files in landing may be no text.
        return json.dumps({**content, "checksum": _checksum(content)}) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """Return the record of a JSON text. Raises ValueError when it is not as it was written."""
        content = json.loads(text)
        checksum = content.pop("checksum", None)
        if content.get("format") != FORMAT:
            raise ValueError(f"format {content.get('format')} instead of {FORMAT}")
        if checksum != _checksum(content):
            raise ValueError("its checksum does not match")
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
        """Return the path of the bytes with that SHA-256."""
        return self.root / "objects" / digest[:2] / digest

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Create the folder, hold its lock, remove the leftovers of interrupted writers."""
        if self.root.exists() and any(self.root.iterdir()) and not self._records.is_dir():
            raise BackupError(f"{self.root} holds other files; name an empty or a new folder")
        self._records.mkdir(parents=True, exist_ok=True)
        try:
            with file_lock(self.root / "lock", wait_seconds=0):
                sweep(self.root)
                yield
        except LockTimeout:
            raise BackupError(f"another backup is being written to {self.root}") from None

    def records(self) -> list[Record]:
        """Return all backups, oldest first. Raises BackupError when a record is damaged."""
        if not self._records.is_dir():
            raise BackupError(f"{self.root} is not a backup folder; make one with: eco backup DIR")
        return [self._read(path) for path in sorted(self._records.glob("*.json"))]

    def _read(self, path: Path) -> Record:
        try:
            return Record.from_json(path.read_text(encoding="utf-8"))
        except (ValueError, TypeError, KeyError, OSError) as error:
            raise BackupError(
                f"{path} is damaged: {error}. Remove it to use the other backups."
            ) from error

    def record(self, stamp: str | None = None) -> Record:
        """Return the backup of a stamp, or the newest. Raises BackupError when there is none."""
        if stamp is not None and (path := self._records / f"{stamp}.json").is_file():
            return self._read(path)
        found = self.records()
        if stamp is not None or not found:
            newest = ", ".join(record.stamp for record in found[:-6:-1]) or "none"
            raise BackupError(f"{self.root} has no such backup; the newest are: {newest}")
        return found[-1]

    def has(self, digest: str, size: int | None) -> bool:
        """Return whether bytes with that SHA-256 are stored, in that size if it is given."""
        try:
            found = self.object(digest).stat().st_size
        except FileNotFoundError:
            return False
        return size is None or found == size

    def add(self, source: BinaryIO, expected: str | None) -> tuple[str, int] | None:
        """Store the bytes of a file that is open for reading; return their SHA-256 and size.

        None when the SHA-256 is not the `expected` one; nothing is stored then.
        """
        part = self.root / f".{os.getpid()}{PART}"
        try:
            digest, size = copy_hashing(source, part)
            if expected is not None and digest != expected:
                return None
            if not self.has(digest, size):
                keep(part, self.object(digest))
        finally:
            part.unlink(missing_ok=True)
        return digest, size

    def commit(self, record: Record) -> None:
        """Write a backup's record, which commits it."""
        write_text(self._records / f"{record.stamp}.json", record.to_json())

    def prune(self, keep: int) -> int:
        """Remove all but the newest backups, and the bytes of no other; return how many."""
        records = self.records()
        removed = records[: max(len(records) - keep, 0)]
        for record in removed:
            (self._records / f"{record.stamp}.json").unlink()
        needed = {entry.sha256 for record in records[len(removed) :] for entry in record.files}
        for path in (self.root / "objects").glob("??/*"):
            if path.name not in needed:
                path.unlink()
        return len(removed)

    def fetch(self, entry: Entry, target: Path) -> None:
        """Copy a stored file to `target`, atomically. Raises BackupError when it is damaged."""
        try:
            with replacing(target) as part, self.object(entry.sha256).open("rb") as source:
                digest, _ = copy_hashing(source, part)
                if digest != entry.sha256:
                    raise BackupError(
                        f"{self.object(entry.sha256)} ({entry.path}) is damaged; restore from "
                        "another backup folder, or copy this object over from one"
                    )
                os.utime(part, ns=(entry.modified_ns, entry.modified_ns))
        except FileNotFoundError as error:
            raise BackupError(
                f"the backup is incomplete: {self.object(entry.sha256)} ({entry.path}) is missing"
            ) from error
