"""Bringing snapshot, manifest, report and open data in line with the published file; retention."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warehouse.home import clock
from warehouse.home.files import PART, sha256_of, sync_file, sync_folder, write_text
from warehouse.home.layout import Home
from warehouse.publication import retention
from warehouse.publication.current import (
    CANDIDATE,
    CHANGES,
    FOLDERS,
    MANIFEST,
    RELEASES,
    current_manifest,
    releases,
    rollback_in_force,
    snapshot_stamps,
    stamp_time,
)

# What the log of releases takes from a publication's manifest.
_RELEASED = ("built_at", "software_version", "schema_version", "as_of", "year", "sha256")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def copy_or_link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
        sync_file(target)


def _keep_snapshot(home: Home, manifest: Mapping[str, Any]) -> Path:
    """The snapshot of what is published: what its candidate held, by one rename."""
    snapshot = home.snapshots / manifest["stamp"]
    candidate = home.candidates / manifest["stamp"]
    if snapshot.exists():
        return snapshot
    home.snapshots.mkdir(exist_ok=True)
    if not (candidate / MANIFEST).exists():  # somebody removed it: what can be is made again
        shutil.rmtree(candidate, ignore_errors=True)
        candidate.mkdir(parents=True)
        copy_or_link(home.database, candidate / home.database.name)
        write_manifest(candidate, {**manifest, "sha256": sha256_of(home.database)})
    (candidate / CANDIDATE).unlink(missing_ok=True)
    os.replace(candidate, snapshot)
    sync_folder(home.snapshots)
    return snapshot


def _point(link: Path, folder: Path) -> None:
    """Let `link` lead to `folder`: readers see the old content or the new, whole."""
    goal = os.path.relpath(folder, link.parent)
    if link.is_symlink() and os.readlink(link) == goal:
        return
    part = link.with_name(f".{link.name}{PART}")
    part.unlink(missing_ok=True)
    os.symlink(goal, part)
    aside = link.with_name(f".{link.name}.old{PART}")
    if link.is_dir() and not link.is_symlink():  # made by hand, or by copying a home
        os.replace(link, aside)
    os.replace(part, link)
    shutil.rmtree(aside, ignore_errors=True)


def complete(home: Home) -> None:
    """Bring snapshot, manifest, report and open data in line with the published file; prune.

    Changes nothing when they are. Call it with no other load under way.
    """
    manifest = current_manifest(home)
    if manifest is None:
        return
    _sweep(home)
    snapshot = _keep_snapshot(home, manifest)
    for name in FOLDERS:
        if (snapshot / name).is_dir():
            _point(home.published / name, snapshot / name)
    full = json.loads((snapshot / MANIFEST).read_text(encoding="utf-8"))
    if taken_back := rollback_in_force(home):
        full["rollback"] = taken_back
    texts = {MANIFEST: json.dumps(full, ensure_ascii=False, indent=1) + "\n"}
    if (snapshot / CHANGES).exists():
        texts[CHANGES] = (snapshot / CHANGES).read_text(encoding="utf-8")
    for name, text in texts.items():
        target = home.published / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            write_text(target, text)
    _log_release(home, full)
    _prune(home, {manifest["stamp"], (taken_back or {}).get("instead_of", "")})


def _log_release(home: Home, manifest: Mapping[str, Any]) -> None:
    """Note what readers were given and when, for good: snapshots are pruned, this log is not.

    A line per publication and per rollback (plan B 八(四): each release is on record).
    """
    taken_back = manifest.get("rollback") or {}
    log = releases(home)
    identity = {"stamp": manifest["stamp"], "rolled_back_at": taken_back.get("at")}
    if log and identity == {key: log[-1].get(key) for key in identity}:
        return
    line = {
        **identity,
        "released_at": clock.now().isoformat(timespec="seconds"),
        "reason": taken_back.get("reason"),
        **{key: manifest.get(key) for key in _RELEASED},
        "tables": {name: table["rows"] for name, table in manifest["tables"].items()},
        "checks_passed": bool(manifest.get("checks", {}).get("success")),
    }
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in [*log, line])
    write_text(home.published / RELEASES, text)


def _sweep(home: Home) -> None:
    """Remove what was left half-made; below the snapshots nothing but whole folders is made."""
    for folder in (home.published, home.snapshots):
        for leftover in folder.glob(f".*{PART}"):
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _prune(home: Home, keep: set[str]) -> None:
    moments = {stamp_time(stamp): stamp for stamp in snapshot_stamps(home)}
    keep = keep | {moments[moment] for moment in retention.settings().kept(moments)}
    for stamp in moments.values():
        if stamp not in keep:
            going = home.snapshots / f".{stamp}{PART}"
            os.replace(home.snapshots / stamp, going)
            shutil.rmtree(going)
