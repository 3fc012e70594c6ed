"""How much disk the folders of a data home use.

Folders whose files are never changed in place are counted anew only when an entry came or went:
their sums are kept in `state/disk_use.json`. Belongs here: counting, not what a number means.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress

from warehouse.home import state
from warehouse.home.files import write_text
from warehouse.home.layout import Home

FOLDERS = ("landing", "archive", "lake", "quarantine", "published", "state")
_UNCHANGING = ("archive", "lake", "quarantine")
# An entry may have come in the moment in which the folder was counted.
_SETTLED_NS = 2_000_000_000
_BLOCK = 512

# Path of a folder below the home -> time of its last change, bytes of its own files, its folders.
_Sums = Mapping[str, tuple[int, int, list[str]]]


def used_bytes(home: Home) -> dict[str, int]:
    """Return the disk blocks below each of FOLDERS in bytes.

    A file with several names in one of them counts once, as `du` counts.
    """
    kept: _Sums = state.read_json(home.state, home.disk_use, _parse) or {}
    counted = _Unchanging(home, kept)
    found = {
        name: counted.bytes_of(name) if name in _UNCHANGING else _bytes(str(home.root / name))
        for name in FOLDERS
    }
    if counted.sums != kept:
        with suppress(OSError):  # a full disk, or a user who may only read the home
            write_text(home.disk_use, json.dumps(counted.sums))
    return found


def _parse(content: dict[str, list]) -> _Sums:
    return {
        str(path): (int(changed), int(used), [str(f) for f in folders])
        for path, (changed, used, folders) in content.items()
    }


class _Unchanging:
    """Counting folders of which earlier sums are known."""

    def __init__(self, home: Home, known: _Sums) -> None:
        self._root = home.root
        self._known = known
        self._now = time.time_ns()
        self.sums: dict[str, tuple[int, int, list[str]]] = {}

    def bytes_of(self, path: str) -> int:
        """Return the bytes of the files in a folder and in all folders below it."""
        total, folders = 0, [path]
        while folders:
            path = folders.pop()
            with suppress(OSError):  # work files and their folders come and go
                _, used, inner = self._folder(path)
                total += used
                folders += [f"{path}/{name}" for name in inner]
        return total

    def _folder(self, path: str) -> tuple[int, int, list[str]]:
        changed = (self._root / path).stat().st_mtime_ns
        found = self._known.get(path)
        if found is None or found[0] != changed:
            found = (changed, *_count(str(self._root / path)))
        if changed < self._now - _SETTLED_NS:
            self.sums[path] = found
        return found


def _count(folder: str) -> tuple[int, list[str]]:
    """Return the bytes of the files of a folder and the names of the folders in it."""
    used, folders = 0, []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
                continue
            with suppress(OSError):
                used += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
    return used, folders


def _bytes(root: str) -> int:
    seen: set[tuple[int, int]] = set()
    total = 0
    folders = [root]
    while folders:
        # Landing may have folders that cannot be read or reached by path.
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                    continue
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if status.st_nlink > 1:
                        identity = status.st_dev, status.st_ino
                        if identity in seen:
                            continue
                        seen.add(identity)
                    total += status.st_blocks * _BLOCK
    return total
