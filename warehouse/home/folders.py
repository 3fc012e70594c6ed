"""Folders that other people can write into: landing, and the receipts in it.

Belongs here: opening such a folder, and reading, writing and moving in it, by descriptor and never
through a link. Whoever may write into a folder may also replace any entry of it between two calls;
a descriptor keeps to what was opened. Names are the file system's bytes (as `str` with surrogate
escapes); `shown_name` gives the text that people and manifests see.
"""

import errno
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from warehouse.home.files import PART

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# How often an operation is repeated whose folder or name somebody replaces meanwhile.
_ATTEMPTS = 8
_NAME_BYTES = 200
# Control and format characters, line separators, bytes that are no text.
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown_name(name: str) -> str:
    r"""Return a file name as text that can be printed, stored and used in another file's name.

    A name that is not UTF-8 is read as GB18030, which old shares write, if all of it is that.
    Bytes that are neither, control characters and signs that change the direction of text are
    shown as escapes (`\xff`, `\n`, `\u202e`).
    """
    if not name.isascii():
        raw = os.fsencode(name)
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            name = _gb18030(raw) or raw.decode(errors="backslashreplace")
    if name.isprintable():
        return name
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) in _NOT_SHOWN else sign
        for sign in name
    )


def _gb18030(raw: bytes) -> str | None:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def shown_path(parts: Sequence[str]) -> str:
    """Return the names of a path as text, joined by slashes."""
    return "/".join(map(shown_name, parts))


def enter(folder: int, name: str) -> int:
    """Open a folder in an open one. Raises NotADirectoryError for anything else, also a link."""
    if name in ("", ".", "..") or "/" in name:
        raise NotADirectoryError(errno.ENOTDIR, "is not the name of a folder", name)
    return os.open(name, _FOLDER, dir_fd=folder)


@contextmanager
def opened(root: Path, parts: Sequence[str] = (), *, create: bool = False) -> Iterator[int]:
    """Yield the descriptor of the folder at `parts` below `root`; no part may be a link.

    With `create` missing folders are made. `root` itself is trusted.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=descriptor)
            inner = enter(descriptor, part)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def own_folder(root: Path, parts: Sequence[str]) -> Iterator[int]:
    """Yield the descriptor of a folder that is the system's own in a folder of other people.

    It is made where it is missing. What stands in its place and is no folder is renamed
    (`set_aside`).
    """
    with opened(root, parts[:-1], create=True) as parent:
        descriptor = _own(parent, parts[-1])
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _own(parent: int, name: str) -> int:
    for attempt in range(_ATTEMPTS):
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
        try:
            return enter(parent, name)
        except NotADirectoryError:
            set_aside(parent, name)
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise NotADirectoryError(errno.ENOTDIR, "is replaced again and again", shown_name(name))


def set_aside(folder: int, name: str) -> str | None:
    """Rename an entry within its folder to a free name that says so; return it.

    None when the entry is gone.
    """
    short = shown_name(name).encode()[:_NAME_BYTES].decode(errors="ignore")
    numbers = (str(number) for number in range(1, 100))
    free = (n for n in numbers if not exists(folder, f"{short}（已改名{n}）"))
    renamed = f"{short}（已改名{next(free, None) or secrets.token_hex(8)}）"
    try:
        os.rename(name, renamed, src_dir_fd=folder, dst_dir_fd=folder)
    except FileNotFoundError:
        return None
    return renamed


def exists(folder: int, name: str) -> bool:
    """Return whether a folder has an entry of that name, of any kind."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def reading(folder: int, name: str) -> Iterator[BinaryIO]:
    """Yield the regular file of that name, open for reading.

    Raises FileNotFoundError when there is none; a link is not followed, a pipe not waited for.
    """
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise
        raise _no_file(name) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file(name)
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _no_file(name: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "is not a regular file", shown_name(name))


def regular_files(folder: int) -> list[str]:
    """Return the names of the regular files of a folder, sorted, without hidden ones."""
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)
        )


def write_in(folder: int, name: str, content: bytes, modified: float | None = None) -> None:
    """Write a file into an open folder, atomically and durably.

    `modified` is the time that it gets (seconds since 1970), by default that of writing. A folder
    that stands in its place is renamed. One process at a time may write a name.
    """
    part = f".{sha256(os.fsencode(name)).hexdigest()[:16]}{PART}"
    for attempt in range(_ATTEMPTS):
        try:
            _write_new(folder, part, content, modified)
            os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
            break
        except IsADirectoryError:
            set_aside(folder, name)
            if attempt == _ATTEMPTS - 1:
                raise
        except (FileExistsError, FileNotFoundError):
            if attempt == _ATTEMPTS - 1:
                raise
        finally:
            with suppress(FileNotFoundError, IsADirectoryError):
                os.unlink(part, dir_fd=folder)
    os.fsync(folder)


def _write_new(folder: int, name: str, content: bytes, modified: float | None) -> None:
    """Write a new file; what an interrupted writing left under its name is removed."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    except IsADirectoryError:
        set_aside(folder, name)
    with os.fdopen(os.open(name, _NEW, 0o666, dir_fd=folder), "wb") as file:
        file.write(content)
        file.flush()
        if modified is not None:
            os.utime(file.fileno(), (modified, modified))
        os.fsync(file.fileno())
