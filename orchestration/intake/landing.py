"""Files in the landing folders: listing them, waiting for complete ones, removing them."""

import errno
import fcntl
import os
import signal
import stat
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from warehouse.home.layout import RECEIPTS, Home

# Written by editors, copying programs and file managers; never a department's data.
IGNORED = ("~$*", ".*", "*.tmp", "*.part", "Thumbs.db", "desktop.ini")
SETTLE_SECONDS = 2.0
_TAKEN = ".taken"


@dataclass(frozen=True)
class DroppedFile:
    """A file in landing, with what identifies the version that was seen."""

    department: str
    path: Path
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def at(cls, department: str, path: Path) -> "DroppedFile | None":
        """Return the file at a path as it is now; None when there is none."""
        try:
            status = path.lstat()
        except FileNotFoundError:
            return None
        return cls(department, path, status.st_ino, status.st_size, status.st_mtime_ns)

    def unchanged(self) -> bool:
        """Return whether the same version is still there."""
        return DroppedFile.at(self.department, self.path) == self

    def is_regular(self) -> bool:
        """Return whether it is a regular file: no link, device or pipe."""
        return stat.S_ISREG(self.path.lstat().st_mode)

    def fingerprint(self) -> str:
        """Return what takes the place of a digest for a link, a device or a pipe."""
        kind = stat.S_IFMT(self.path.lstat().st_mode)
        target = os.readlink(self.path) if stat.S_ISLNK(kind) else ""
        return sha256(f"{self.path.name}\0{kind}\0{target}".encode()).hexdigest()


def _ignored(path: Path) -> bool:
    return any(path.match(pattern) for pattern in IGNORED)


def dropped_files(home: Home) -> list[DroppedFile]:
    """List the files in landing, in the order of their paths, without receipts.

    The department is the name of the first folder; it is empty for a file beside the folders.
    """
    found = []
    entries = [p for p in home.landing.iterdir() if p.name != RECEIPTS and not _ignored(p)]
    for stray in entries:  # belongs to no department, is refused with a receipt
        if not stray.is_dir() and (dropped := DroppedFile.at("", stray)):
            found.append(dropped)
    for folder in (p for p in entries if p.is_dir() and not p.is_symlink()):
        for parent, folders, names in os.walk(folder):
            at = Path(parent)
            folders[:] = [
                name
                for name in folders
                if not (at == folder and name == RECEIPTS) and not _ignored(at / name)
            ]
            links = [name for name in folders if (at / name).is_symlink()]
            for name in names + links:
                if not _ignored(at / name) and (dropped := DroppedFile.at(folder.name, at / name)):
                    found.append(dropped)
    return sorted(found, key=lambda d: d.path.as_posix())


def waiting_files(home: Home) -> dict[str, tuple[int, int]]:
    """Return the files that an intake would find now: {path below landing: (bytes, time in ns)}."""
    return {
        file.path.relative_to(home.landing).as_posix(): (file.size, file.modified_ns)
        for file in dropped_files(home)
    }


def settled_files(files: list[DroppedFile], settle_seconds: float) -> list[DroppedFile]:
    """Return the files that are complete; wait once for those that changed a moment ago."""
    settled_before = time.time() - settle_seconds
    recent = {file.path for file in files if file.modified_ns / 1e9 > settled_before}
    if recent:
        time.sleep(settle_seconds)
    settled = (file for file in files if file.path not in recent or file.unchanged())
    return [file for file in settled if not open_for_writing(file)]


def open_for_writing(file: DroppedFile) -> bool:
    """Return whether a program of this machine has a file open for writing.

    A slow upload may pause for longer than any waiting time, and what it writes after its file was
    taken in would be lost. The system grants a read lease only on a file that no program has open
    for writing. Where it grants none for another reason (a network share, another owner), the
    result is False and the waiting time alone decides.
    """
    try:
        if not file.is_regular():
            return False
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False  # removed or not readable: the intake reports that
    try:
        # The signal that another program opens the file meanwhile must not end this process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False


def remove_from_landing(dropped: DroppedFile) -> None:
    """Remove the file that was read; a newer file of the same name stays.

    It is renamed before it is compared for the last time, so that a file that takes its place in
    that moment is not the one removed.
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
    moved = DroppedFile.at(dropped.department, aside)
    same = moved is not None and (moved.inode, moved.size, moved.modified_ns) == (
        dropped.inode,
        dropped.size,
        dropped.modified_ns,
    )
    if same or dropped.path.exists():
        aside.unlink()
    else:
        os.rename(aside, dropped.path)


def restore_moved_aside(home: Home) -> None:
    """Undo interrupted removals; the intent records, which still exist, repeat them."""
    for aside in home.landing.rglob(f".*{_TAKEN}"):
        original = aside.with_name(aside.name[1 : -len(_TAKEN)])
        if original.exists():
            aside.unlink()
        else:
            os.rename(aside, original)
