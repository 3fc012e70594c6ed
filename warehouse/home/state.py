"""The files under `state/`: what each is, what is lost with it, and how a damaged one is set aside.

Nothing there is the only copy of a row, a receipt or a publication: every file may be lost. One
that is damaged, or has a folder in its place, is moved to `state/damaged/<time>/`, so that the next
command begins without it, and a warning says what was lost.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from warehouse.home import clock

DAMAGED = "damaged"
_log = logging.getLogger(__name__)
_Content = TypeVar("_Content")


@dataclass(frozen=True)
class StateEntry:
    """Files under `state/`: a pattern of names, or a folder (`path` ends in /) with all below it.

    `content` says what they are, `loss` what is lost with them.
    """

    path: str
    content: str
    loss: str

    @property
    def is_folder(self) -> bool:
        """Whether the entry is a folder with all below it."""
        return self.path.endswith("/")

    def holds(self, relative: str) -> bool:
        """Return whether a file, named by its path below `state/`, belongs to this entry."""
        if self.is_folder:
            return relative.startswith(self.path)
        return relative.count("/") == self.path.count("/") and fnmatchcase(relative, self.path)


_NOTHING = "nothing: the next load makes it again"
_RUNS = "the history of Dagster's runs; schedules and sensors run on"
ENTRIES: tuple[StateEntry, ...] = (
    StateEntry(
        "alerts.json",
        "active alerts, and the channels that received each",
        "which alerts were sent: all active ones are sent once more",
    ),
    StateEntry("last_load.json", "result of the last load", "the result, until the next load ends"),
    StateEntry(
        "last_backup.json",
        "when and where the last backup was taken",
        "the time of the last backup, until the next one",
    ),
    StateEntry(
        "serving.json",
        "result of the last copy to PostgreSQL",
        "the result, until the next publication",
    ),
    StateEntry(
        "department_files.json",
        "of which contracts the templates in the departments' folders are",
        "nothing: they are written again",
    ),
    StateEntry(
        "intake/*.json",
        "one per file whose intake has begun and not finished",
        "nothing while the file is in landing: it is taken in again; else its receipt may be "
        "missing, its rows are not",
    ),
    StateEntry(
        "*.lock",
        "locks of loads, intakes and alerts; their content has no meaning",
        "nothing, but never remove one while a command is at work",
    ),
    StateEntry("health/*", "health.json and eco.prom, for monitoring", "nothing: written again"),
    StateEntry(
        "logs/*",
        "eco-<year>-<month>.log: what all processes logged; alerts.log: every alert, one line each",
        "the lines",
    ),
    StateEntry(
        "kept/",
        "results that builds reuse, by year of the lake",
        "nothing: the next load computes them again, which takes longer",
    ),
    StateEntry(
        "compact/",
        "small files of lake and quarantine joined into larger ones, which builds read",
        "nothing: the next load joins them again",
    ),
    StateEntry(
        "submissions.index",
        "what the manifests of the lake say, in one file",
        "nothing: it is made anew from the manifests",
    ),
    StateEntry(
        "disk_use.json",
        "bytes of the files of each folder of archive, lake and quarantine",
        "nothing: they are counted anew",
    ),
    StateEntry("build/", "the file that dbt builds into", _NOTHING),
    StateEntry("dbt/", "dbt's compiled models and log", _NOTHING),
    StateEntry("checks/", "work files of the checks", _NOTHING),
    StateEntry(
        "candidates/",
        "what the last load built and could not publish",
        "the candidate; `eco nightly --rebuild` makes it again",
    ),
    StateEntry("reread/", "work files of `eco restore --lake-from-archive`", "nothing"),
    StateEntry(
        "dagster/dagster.yaml",
        "Dagster's settings",
        "changes of your own; the software's settings are written again",
    ),
    StateEntry("dagster/history/", "databases of runs and events, one per run", _RUNS),
    StateEntry(
        "dagster/schedules/",
        "database of schedules and sensors",
        f"{_RUNS}; one that was switched off by hand is on again",
    ),
    StateEntry("dagster/storage/", "output of runs, for the web UI", "that output"),
    StateEntry("dagster/.*", "marks of Dagster's own", "nothing"),
    StateEntry(f"{DAMAGED}/", "what was set aside, by time", "nothing: remove it when looked at"),
)


def entry_of(relative: str) -> StateEntry | None:
    """Return the entry that a file below `state/` belongs to, None for one of nobody's."""
    return next((entry for entry in ENTRIES if entry.holds(relative)), None)


def set_aside(state: Path, paths: Iterable[Path], reason: str) -> None:
    """Move damaged files or folders below `state` to `state/damaged/<time>/`; warn of each.

    What cannot be moved stays, with a warning that says why.
    """
    target = state / DAMAGED / f"{clock.now():%Y%m%dT%H%M%S%fZ}"
    for path in paths:
        relative = path.relative_to(state)
        entry = entry_of(relative.as_posix()) or entry_of(f"{relative.as_posix()}/")
        lost = f"; lost with it: {entry.loss}" if entry else ""
        try:
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target / relative)
        except FileNotFoundError:  # another process was faster
            continue
        except OSError as error:
            _log.warning("%s is damaged (%s) and cannot be moved: %s", path, reason, error)
            continue
        _log.warning("%s is damaged (%s): moved to %s%s", path, reason, target / relative, lost)


def was_set_aside(state: Path) -> list[str]:
    """Return the folders of `state/damaged`, which stay until somebody removes them."""
    folder = state / DAMAGED
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def read_json(state: Path, path: Path, parse: Callable[[Any], _Content]) -> _Content | None:
    """Return the parsed content of a JSON file below `state`, None where there is none.

    A file that is no JSON, or that `parse` cannot read, is set aside.
    """
    try:
        return parse(json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        set_aside(state, [path], "a folder in its place")
    except OSError:  # the disk or the rights: the file itself may be whole
        raise
    except Exception as error:  # whatever damage makes of a parser
        set_aside(state, [path], f"{type(error).__name__}: {error}"[:200])
    return None


def mend(state: Path) -> None:
    """Set aside what is a file where a folder belongs below `state`, or the reverse.

    The folders are made by those who write into them.
    """
    _make_folder(state)
    _make_folder(state / DAMAGED)
    for path, is_folder in _expected(state):
        if path.is_dir() != is_folder:
            set_aside(state, [path], f"a {'file' if is_folder else 'folder'} in its place")


def _make_folder(folder: Path) -> None:
    """Make sure that `state` or `state/damaged` is a folder; what it was goes into it."""
    if folder.is_dir() or not os.path.lexists(folder):
        return
    aside = folder.with_name(f"{folder.name}.{clock.now():%Y%m%dT%H%M%S%fZ}")
    os.replace(folder, aside)
    _log.warning("%s is damaged (no folder): moved to %s", folder, aside)


def _expected(state: Path) -> Iterator[tuple[Path, bool]]:
    """Yield what there is of the entries below `state`, outer folders first: (path, is a folder).

    A link counts as what it leads to.
    """
    folders = {
        folder
        for entry in ENTRIES
        for folder in (Path(entry.path), *Path(entry.path).parents)
        if folder.name and (entry.is_folder or folder != Path(entry.path))
    }
    for folder in sorted(folders, key=lambda folder: len(folder.parts)):
        if os.path.lexists(state / folder):
            yield state / folder, True
    for entry in ENTRIES:
        if not entry.is_folder:
            yield from ((path, False) for path in state.glob(entry.path))


def table() -> str:
    """Return the table of docs/operations.md."""
    rows = [f"| `state/{e.path}` | {e.content} | {e.loss} |" for e in ENTRIES]
    return "\n".join(["| file | what it is | lost with it |", "|---|---|---|", *rows]) + "\n"
