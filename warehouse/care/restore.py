"""Restoring a data home from a backup, and repairing its missing or damaged files from backups."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from warehouse.care import verify
from warehouse.care.store import BackupError, Entry, Progress, Record, Store, no_progress
from warehouse.home import clock
from warehouse.home.files import PART, sync_folder, write_text
from warehouse.home.folders import own_folder
from warehouse.home.layout import Home
from warehouse.publication.complete import complete
from warehouse.publication.manifest import STAMP_FORMAT

# Files that are never made anew, and the only ones that `repair` writes.
_TRUTH = ("archive", "lake", "quarantine")
# Folders that a restore replaces as a whole; receipts are added to the files in landing.
_REPLACED = (*_TRUTH, "published", "state/intake")


def _first_file(home: Home) -> str | None:
    """Return a file of the home that a restore would replace, or None."""
    for name in _REPLACED:
        for path in (home.root / name).rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                return path.relative_to(home.root).as_posix()
    return None


def _require_safe_paths(record: Record) -> None:
    """Raise BackupError when a path leads out of the folders of a data home."""
    allowed = tuple(f"{name}/" for name in (*_REPLACED, "landing"))
    for entry in record.files:
        path = PurePosixPath(entry.path)
        if path.is_absolute() or ".." in path.parts or not entry.path.startswith(allowed):
            raise BackupError(f"the backup names {entry.path}, which is no place of a data home")


def restore(
    home: Home,
    store: Store,
    *,
    departments: Iterable[str],
    stamp: str | None = None,
    overwrite: bool = False,
    on_progress: Progress = no_progress,
) -> tuple[Record, Path | None]:
    """Restore a backup into a home; return it, and the folder of the files that were moved aside.

    Every file is compared with its checksum before any is put in place. After an interruption the
    home cannot be used until the restore is run again. Files that wait in landing stay. Raises
    BackupError when the backup is incomplete, or the home holds files and `overwrite` is not set.
    """
    record = store.record(stamp)
    _require_safe_paths(record)
    repeated = home.restoring.exists()
    found = _first_file(home)
    if found and not overwrite and not repeated:
        raise BackupError(
            f"{home.root} is not empty ({found}). Restore into another home, or use --overwrite: "
            "its files are then moved aside, not removed."
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
        # From here on the home is neither the old one nor the new one.
        write_text(home.restoring, f"{store.root} {record.stamp}\n")
        aside = _move_aside(home)
        shutil.rmtree(home.candidates, ignore_errors=True)
        _put_in_place(home, fetched)
        home.create(departments)
        complete(home)
        shutil.rmtree(fetched)
        home.restoring.unlink()
        sync_folder(home.root)
    return record, aside


def _move_aside(home: Home) -> Path | None:
    """Move the folders that a restore replaces into a folder of their own; return it.

    None when they hold no file.
    """
    occupied = _first_file(home) is not None
    aside = home.root / f"before-restore-{clock.now().strftime(STAMP_FORMAT)}"
    for name in _REPLACED:
        folder = home.root / name
        if not folder.exists():
            continue
        if occupied:
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder, aside / name)
        else:
            shutil.rmtree(folder)
    return aside if occupied else None


def _put_in_place(home: Home, fetched: Path) -> None:
    for name in _REPLACED:
        (fetched / name).mkdir(parents=True, exist_ok=True)
        os.replace(fetched / name, home.root / name)
    for receipt in fetched.glob("landing/**/*"):
        if receipt.is_file():
            *folders, name = receipt.relative_to(fetched / "landing").parts
            with own_folder(home.landing, folders) as folder:
                os.replace(receipt, name, dst_dir_fd=folder)


def repair(
    home: Home, store: Store, *, on_progress: Progress = no_progress
) -> tuple[list[str], list[verify.Problem]]:
    """Restore missing and damaged files of archive, lake and quarantine.

    Returns the paths of the restored files and the problems that are left. Manifests that a backup
    has and the home has not are restored with their rows, and so are holds; no other file of the
    home is touched. Of
    several backups the newest that has a file is used.
    """
    known: dict[str, Entry] = {}
    for record in store.records():
        _require_safe_paths(record)
        known |= {e.path: e for e in record.files if e.path.split("/")[0] in _TRUTH}
    home.require()
    repaired: list[str] = []

    def fetch(paths: Iterable[str]) -> None:
        for path in paths:
            if path in known:
                store.fetch(known[path], home.root / path)
                repaired.append(path)

    with home.lock("load", wait_seconds=5), home.lock("intake", wait_seconds=5):
        manifests = home.manifests.relative_to(home.root).as_posix()
        holds = home.holds.relative_to(home.root).as_posix()
        fetch(
            path
            for path in known
            if path.startswith((manifests, holds)) and not (home.root / path).exists()
        )
        unreadable = verify.verify(home, full=False).problems
        fetch(p.path for p in unreadable if p.path.startswith((manifests, holds)))
        fetch(p.path for p in verify.verify(home, on_progress=on_progress).problems)
        left = list(verify.verify(home).problems) if repaired else list(unreadable)
    return repaired, left
