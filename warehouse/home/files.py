"""Atomic file operations: after a crash a file has its old content or its new one, never a part.

Belongs here: the few primitives that every commit in the data home is made of.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PART = ".part"
_CHUNK = 1 << 20


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def make_folders(folder: Path) -> None:
    """Make a folder and those above it where they are missing, durably."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path to write to; it replaces `target` atomically unless an error is raised."""
    make_folders(target.parent)
    part = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    try:
        yield part
        sync_file(part)
        os.replace(part, target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a text file atomically (UTF-8)."""
    with replacing(target) as part:
        part.write_text(text, encoding="utf-8")


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file atomically."""
    with replacing(target) as part:
        part.write_bytes(content)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_hashing(source: BinaryIO, target: Path, most_bytes: int | None = None) -> tuple[str, int]:
    """Copy a stream to `target`, durably; return its SHA-256 (hex) and size in bytes.

    `most_bytes` are copied at most; the whole stream without it.
    """
    digest, size = hashlib.sha256(), 0
    left = sys.maxsize if most_bytes is None else most_bytes
    with target.open("wb") as out:
        while chunk := source.read(min(_CHUNK, left - size)):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def keep(part: Path, target: Path) -> None:
    """Rename a finished `part` to `target` and make it read-only, for content-addressed files."""
    make_folders(target.parent)
    part.chmod(0o444)
    os.replace(part, target)
    sync_folder(target.parent)


def replace_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a new folder and replace `target` by it; readers see the old folder or the new one.

    Where the target exists this takes two renames: a reader that opens a file between them may not
    find it.
    """
    make_folders(target.parent)
    fresh = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    old = target.with_name(f".{target.name}.{os.getpid()}.old{PART}")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir()
    fill(fresh)
    if target.exists():
        os.replace(target, old)
    os.replace(fresh, target)
    shutil.rmtree(old, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder; nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def fresh_folder(folder: Path) -> Path:
    """Make an empty folder in place of whatever is there; return it."""
    remove(folder)
    folder.mkdir(parents=True)
    return folder


def sweep(folder: Path) -> None:
    """Remove the leftovers of interrupted writes below a folder; no write may be under way."""
    for leftover in folder.rglob(f".*{PART}"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
