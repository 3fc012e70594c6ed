"""What lies in landing: the files to take in, and what cannot be taken in where it lies.

The walk is iterative and goes by descriptors, never through a link. Depth, entries of a folder and
of a department are bounded, so that its time and memory grow with the number of entries at most,
and no department's folder costs another department its turn.
"""

import fnmatch
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.landing import DroppedFile, is_leftover
from orchestration.intake.own_files import OWN_FOLDERS, is_own
from warehouse.home.folders import enter, opened, shown_name, shown_path
from warehouse.home.layout import Home

# Written by editors, copying programs and file managers; never a department's data.
IGNORED = ("~$*", ".*", "*.tmp", "*.part", "Thumbs.db", "desktop.ini")
_IGNORED = re.compile("|".join(fnmatch.translate(pattern) for pattern in IGNORED))
MOST_LEVELS = 32
MOST_ENTRIES = 50_000
MOST_OF_DEPARTMENT = 200_000
MOST_BYTES = 16 << 30
"""A larger file is not even copied into the archive."""
_LISTED = 20
_SHOWN = 160

# Why an entry is left where it is: for the log, and for clerk and data team.
_TEXTS = {
    "too_deep": (
        f"it lies more than {MOST_LEVELS} folders deep",
        f"文件夹嵌套超过 {MOST_LEVELS} 层，里面的文件没有读取；请移到上层文件夹",
    ),
    "too_many_entries": (
        "the folder has more entries than one intake reads; the others follow",
        "文件夹里的文件过多，一次读不完；其余的将在以后几次入库时读取",
    ),
    "too_large": (
        f"it is larger than {MOST_BYTES >> 30} GiB",
        f"文件超过 {MOST_BYTES >> 30} GB，没有读取；请删去，拆分后重新报送",
    ),
    "no_rights": (
        "the intake may not read it, or not take files out of it; change its rights",
        "系统没有读取或移走的权限，没有读取；请检查权限",
    ),
    "unreadable": (
        "the disk or the share failed when it was read",
        "读取时磁盘或网络出错，没有读取；下次入库时再试",
    ),
    "reserved_name": (
        "its name is one that the intake uses for files that it removes",
        "名称与系统的临时文件相同，没有读取；请改名",
    ),
    "linked_folder": (
        "it is a link to a folder, which is not followed; mount the folder there instead",
        "这是指向其他文件夹的链接，不会读取；请由管理员改为挂载",
    ),
}


@dataclass(frozen=True)
class Obstacle:
    """An entry that is left where it is: department (empty: none), path below landing, reason."""

    department: str
    path: str
    code: str

    @property
    def text(self) -> str:
        """Why it is left, in English."""
        return _TEXTS[self.code][0]

    @property
    def text_zh(self) -> str:
        """Why it is left, in Chinese."""
        return _TEXTS[self.code][1]


@dataclass(frozen=True)
class Survey:
    """The content of landing, without the warehouse's own files and what programs leave behind.

    `files` are in the order of their paths. `obstacles` are the first of each department's, all of
    which `obstacle_count` counts. `leftovers` are the names down to each leftover of an interrupted
    removal, `departments` the names of the folders directly in landing.
    """

    files: list[DroppedFile]
    obstacles: tuple[Obstacle, ...]
    obstacle_count: int
    leftovers: tuple[tuple[str, ...], ...]
    departments: tuple[str, ...]


def survey(home: Home) -> Survey:
    """Return what lies in landing now. Raises OSError when landing itself cannot be read."""
    walk = _Walk(home.landing)
    walk.run()
    return Survey(
        files=sorted(walk.files, key=lambda file: "/".join(file.parts)),
        obstacles=tuple(sorted(walk.obstacles, key=lambda o: (o.department, o.path, o.code))),
        obstacle_count=sum(walk.counts.values()),
        leftovers=tuple(walk.leftovers),
        departments=tuple(walk.departments),
    )


def waiting_files(found: Survey) -> dict[str, tuple[int, int]]:
    """Return the files of a survey: {path below landing: (bytes, time in ns)}."""
    return {"/".join(file.parts): (file.size, file.modified_ns) for file in found.files}


def is_ignored(name: str) -> bool:
    """Return whether a name is one that programs leave behind."""
    return _IGNORED.match(name) is not None


class _Walk:
    """One walk through landing."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.files: list[DroppedFile] = []
        self.obstacles: list[Obstacle] = []
        self.counts: Counter[str] = Counter()
        self.leftovers: list[tuple[str, ...]] = []
        self.departments: list[str] = []
        self._department = ""
        self._left = MOST_OF_DEPARTMENT
        self._superuser = os.geteuid() == 0

    def run(self) -> None:
        """Visit every folder, at most MOST_LEVELS of which are open at a time."""
        with opened(self.landing) as root:
            self.departments = self._list(root, ())
            for name in self.departments:
                self._department, self._left = shown_name(name), MOST_OF_DEPARTMENT
                self._walk(root, name)

    def _walk(self, root: int, name: str) -> None:
        """Visit a department's folder and all folders below it."""
        stack: list[tuple[int, tuple[str, ...], Iterator[str]]] = []
        try:
            self._visit(root, (name,), stack)
            while stack:
                folder, parts, folders = stack[-1]
                inner = next(folders, None)
                if inner is None:
                    os.close(stack.pop()[0])
                else:
                    self._visit(folder, (*parts, inner), stack)
        finally:
            for folder, *_ in stack:
                os.close(folder)

    def _visit(
        self,
        parent: int,
        parts: tuple[str, ...],
        stack: list[tuple[int, tuple[str, ...], Iterator[str]]],
    ) -> None:
        """Open a folder, note its entries and put it on the stack."""
        if len(parts) > MOST_LEVELS + 1:
            self._leave(parts, "too_deep")
            return
        with self._errors_noted(parts):
            folder = enter(parent, parts[-1])
            stack.append((folder, parts, iter(())))
            stack[-1] = (folder, parts, iter(self._list(folder, parts)))

    @contextmanager
    def _errors_noted(self, parts: tuple[str, ...]) -> Iterator[None]:
        """Keep an entry's error to itself; what was replaced meanwhile is for the next walk."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):
            pass
        except PermissionError:
            self._leave(parts, "no_rights")
        except OSError:
            self._leave(parts, "unreadable")

    def _list(self, folder: int, parts: tuple[str, ...]) -> list[str]:
        """Note the entries of an open folder; return the names of the folders in it, sorted."""
        if parts and not self._may(folder, ".", os.R_OK | os.W_OK | os.X_OK):
            self._leave(parts, "no_rights")
            return []
        folders: list[str] = []
        room = min(MOST_ENTRIES, self._left)
        with os.scandir(folder) as entries:
            for entry in entries:
                with self._errors_noted((*parts, entry.name)):
                    if not self._counts(folder, entry, parts):
                        continue
                    ours = len(parts) == 1 and entry.name in OWN_FOLDERS
                    if room == 0 and not ours:
                        self._leave(parts, "too_many_entries")
                        break
                    room -= not ours
                    folders += self._note(folder, parts, entry)
        self._left -= min(MOST_ENTRIES, self._left) - room
        return sorted(folders)

    def _counts(self, folder: int, entry: "os.DirEntry[str]", parts: tuple[str, ...]) -> bool:
        """Return whether an entry is to be looked at."""
        if entry.name.endswith(".taken") and entry.name.startswith("."):
            if is_leftover(entry):
                self.leftovers.append((*parts, entry.name))
            else:
                self._leave((*parts, entry.name), "reserved_name")
            return False
        if is_ignored(entry.name):
            return False
        return not is_own(folder, parts, entry)

    def _note(
        self, folder: int, parts: tuple[str, ...], entry: "os.DirEntry[str]"
    ) -> Iterator[str]:
        """Note a file, or why it is left; yield the name of a folder."""
        status = entry.stat(follow_symlinks=False)
        here = (*parts, entry.name)
        if stat.S_ISDIR(status.st_mode):
            yield entry.name
        elif not parts and stat.S_ISLNK(status.st_mode) and _leads_to_folder(entry):
            self._leave(here, "linked_folder")
        elif not stat.S_ISREG(status.st_mode):
            self.files.append(DroppedFile.of(self.landing, parts, entry.name, status))
        elif status.st_size > MOST_BYTES:
            self._leave(here, "too_large")
        elif not self._may(folder, entry.name, os.R_OK):
            self._leave(here, "no_rights")
        else:
            self.files.append(DroppedFile.of(self.landing, parts, entry.name, status))

    def _leave(self, parts: tuple[str, ...], code: str) -> None:
        self.counts[self._department] += 1
        if self.counts[self._department] <= _LISTED:
            path = shown_path(parts)
            if len(path) > _SHOWN:
                path = f"{path[:_SHOWN]}…"
            self.obstacles.append(Obstacle(self._department, path, code))

    def _may(self, folder: int, name: str, rights: int) -> bool:
        # The superuser may do everything, and need not ask for each file.
        return self._superuser or os.access(name, rights, dir_fd=folder, effective_ids=True)


def _leads_to_folder(link: "os.DirEntry[str]") -> bool:
    try:
        return link.is_dir()
    except OSError:  # a loop
        return False
