"""Files in the landing folders: waiting for complete ones, reading and removing them.

Landing folders are written by other people, who may replace any entry at any moment: a file is
reached from the open folder of landing, part by part, never through a link (`home.folders`).
"""

import errno
import fcntl
import os
import re
import secrets
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from warehouse.home.folders import enter, exists, opened, reading, set_aside, shown_name, shown_path

SETTLE_SECONDS = 2.0
# A file is removed by way of a folder that only this user can enter.
_ASIDE = re.compile(r"\.[0-9a-f]{16}\.taken")
# Earlier versions renamed it within its folder.
_RENAMED = re.compile(r"\.(?P<name>[^.].*)\.taken", re.DOTALL)
_ATTEMPTS = 8
# The file, or a folder on the way to it, is gone or is a link now.
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """An entry of landing that is no folder, with what identifies the version that was seen.

    `folder` are the names of the folders from landing down to it. `kind` is the type bits of its
    mode, `arrived_ns` the time of its last change of status.
    """

    landing: Path
    folder: tuple[str, ...]
    name: str
    inode: int
    size: int
    modified_ns: int
    kind: int = field(default=stat.S_IFREG, compare=False)
    arrived_ns: int = field(default=0, compare=False)

    @classmethod
    def of(
        cls, landing: Path, folder: tuple[str, ...], name: str, status: os.stat_result
    ) -> "DroppedFile":
        """Return the entry that a status belongs to."""
        return cls(
            landing,
            folder,
            name,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            stat.S_IFMT(status.st_mode),
            status.st_ctime_ns,
        )

    @property
    def department(self) -> str:
        """Name of the first folder, as text; empty for an entry beside the folders."""
        return shown_name(self.folder[0]) if self.folder else ""

    @property
    def file_name(self) -> str:
        """Its name, as text."""
        return shown_name(self.name)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names from landing down to it."""
        return (*self.folder, self.name)

    @property
    def shown_path(self) -> str:
        """Its path below landing, as text."""
        return shown_path(self.parts)

    @property
    def is_regular(self) -> bool:
        """Whether it was a regular file: no link, device, pipe or socket."""
        return self.kind == stat.S_IFREG

    def now(self) -> "DroppedFile | None":
        """Return the entry of that name as it is now; None when there is none."""
        try:
            with opened(self.landing, self.folder) as folder:
                return self._now(folder)
        except OSError as error:
            if error.errno in _GONE:
                return None
            raise

    def _now(self, folder: int) -> "DroppedFile":
        status = os.stat(self.name, dir_fd=folder, follow_symlinks=False)
        return DroppedFile.of(self.landing, self.folder, self.name, status)

    def unchanged(self) -> bool:
        """Return whether the same version is still there."""
        return self.now() == self

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the regular file of that name for reading. Raises OSError when there is none."""
        with opened(self.landing, self.folder) as folder, reading(folder, self.name) as file:
            yield file

    def fingerprint(self) -> str:
        """Return what takes the place of a digest for a link, a device or a pipe."""
        target = ""
        if self.kind == stat.S_IFLNK:
            with opened(self.landing, self.folder) as folder:
                target = os.readlink(self.name, dir_fd=folder)
        return sha256(os.fsencode(f"{self.name}\0{self.kind}\0{target}")).hexdigest()

    def remove(self) -> None:
        """Remove the version that was read; a newer file of the same name stays.

        It is moved into a folder that only this user can enter before it is compared for the last
        time, so that a file that takes its place in that moment is not the one removed.
        """
        for _ in range(_ATTEMPTS):
            try:
                with opened(self.landing, self.folder) as folder:
                    if exists(folder, self.name):
                        with _aside(folder) as aside:
                            self._remove(folder, aside)
                return
            except OSError as error:
                # It is gone; or the folder for it was taken away: tried again. A file that stays
                # is known to the next intake.
                if error.errno not in _GONE:
                    raise

    def _remove(self, folder: int, aside: int) -> None:
        os.rename(self.name, self.name, src_dir_fd=folder, dst_dir_fd=aside)
        if self._now(aside) == self:
            os.unlink(self.name, dir_fd=aside)
        else:
            _move_back(aside, folder, self.name)


@contextmanager
def _aside(folder: int) -> Iterator[int]:
    """Yield a new folder for an entry that is removed; it is gone afterwards if it is empty."""
    name = f".{secrets.token_hex(8)}.taken"
    os.mkdir(name, 0o700, dir_fd=folder)
    try:
        descriptor = enter(folder, name)
        try:
            if os.fstat(descriptor).st_uid != os.geteuid():
                raise FileNotFoundError(errno.ENOENT, "it was replaced", name)
            yield descriptor
        finally:
            os.close(descriptor)
    finally:
        with suppress(OSError):
            os.rmdir(name, dir_fd=folder)


def _move_back(aside: int, folder: int, name: str) -> None:
    """Move an entry back to its folder, under another name if its own has a newer file."""
    if exists(folder, name):
        renamed = set_aside(aside, name) or name
        os.rename(renamed, renamed, src_dir_fd=aside, dst_dir_fd=folder)
    else:
        os.rename(name, name, src_dir_fd=aside, dst_dir_fd=folder)


def is_leftover(entry: "os.DirEntry[str]") -> bool:
    """Return whether an entry of landing may be the leftover of an interrupted removal."""
    if not entry.name.endswith(".taken"):
        return False
    if entry.is_dir(follow_symlinks=False):
        ours = entry.stat(follow_symlinks=False).st_uid == os.geteuid()
        return ours and _ASIDE.fullmatch(entry.name) is not None
    return _RENAMED.fullmatch(entry.name) is not None


def undo_removals(landing: Path, leftovers: Iterable[tuple[str, ...]]) -> None:
    """Undo interrupted removals; the intent records, which still exist, repeat them.

    `leftovers` are the names from landing down to each entry of which `is_leftover` holds.
    """
    for *parents, name in leftovers:
        with suppress(OSError), opened(landing, parents) as folder:  # one does not stop others
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                _undo(folder, name)
            elif found := _RENAMED.fullmatch(name):
                target = found["name"]
                if exists(folder, target):
                    target += f".{secrets.token_hex(4)}"
                os.rename(name, target, src_dir_fd=folder, dst_dir_fd=folder)


def _undo(folder: int, name: str) -> None:
    aside = enter(folder, name)
    try:
        for moved in os.listdir(aside):
            _move_back(aside, folder, moved)
    finally:
        os.close(aside)
    os.rmdir(name, dir_fd=folder)


def settled_files(files: list[DroppedFile], settle_seconds: float) -> list[DroppedFile]:
    """Return the files that are complete; wait once for those that changed a moment ago."""
    settled_before = time.time() - settle_seconds
    recent = {file for file in files if file.modified_ns / 1e9 > settled_before}
    if recent:
        time.sleep(settle_seconds)
    settled = (file for file in files if file not in recent or file.unchanged())
    return [file for file in settled if not open_for_writing(file)]


def open_for_writing(file: DroppedFile) -> bool:
    """Return whether a program of this machine has a file open for writing.

    A slow upload may pause for longer than any waiting time, and what it writes after its file was
    taken in would be lost. The system grants a read lease only on a file that no program has open
    for writing. Where it grants none for another reason (a network share, another owner), the
    result is False and the waiting time alone decides.
    """
    if not file.is_regular:
        return False
    try:
        with file.open() as stream:
            return not _grants_lease(stream.fileno())
    except OSError:
        return False  # removed or not readable: the intake reports that


def _grants_lease(descriptor: int) -> bool:
    try:
        # The signal that another program opens the file meanwhile must not end this process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno != errno.EAGAIN
    return True
