"""Bringing snapshot, manifest, report, open data and feed in line with the published file.

These are the steps that follow the commit of a publication or a rollback; a load repeats them
where a crash interrupted them. Snapshots are pruned here, too (`retention`).
"""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

from warehouse.home import clock
from warehouse.home.files import PART, sha256_of, sync_file, sync_folder, write_text
from warehouse.home.layout import Home
from warehouse.publication import feed, retention
from warehouse.publication.current import (
    CANDIDATE,
    CHANGES,
    FOLDERS,
    MANIFEST,
    RELEASES,
    current_manifest,
    read_manifest,
    releases,
    rollback_in_force,
    snapshot_stamps,
)
from warehouse.publication.manifest import PublicationManifest, Release, stamp_time


def write_manifest(folder: Path, manifest: PublicationManifest) -> None:
    """Write the manifest of a candidate, which becomes that of its snapshot."""
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")


def copy_or_link(source: Path, target: Path) -> None:
    """Make `target` a hard link to `source`, or a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        sync_file(target)


def _keep_snapshot(home: Home, manifest: PublicationManifest) -> Path:
    """Make the candidate of the current publication its snapshot, by one rename; return it."""
    snapshot = home.snapshots / manifest.stamp
    candidate = home.candidates / manifest.stamp
    if snapshot.exists():
        return snapshot
    home.snapshots.mkdir(exist_ok=True)
    # Where somebody removed the candidate, the snapshot has the database and the manifest only.
    if not (candidate / MANIFEST).exists():
        shutil.rmtree(candidate, ignore_errors=True)
        candidate.mkdir(parents=True)
        copy_or_link(home.database, candidate / home.database.name)
        write_manifest(candidate, replace(manifest, sha256=sha256_of(home.database)))
    (candidate / CANDIDATE).unlink(missing_ok=True)
    os.replace(candidate, snapshot)
    sync_folder(home.snapshots)
    return snapshot


def _point(link: Path, folder: Path) -> None:
    """Make `link` a link to `folder`, atomically."""
    goal = os.path.relpath(folder, link.parent)
    if link.is_symlink() and os.readlink(link) == goal:
        return
    part = link.with_name(f".{link.name}{PART}")
    part.unlink(missing_ok=True)
    os.symlink(goal, part)
    aside = link.with_name(f".{link.name}.old{PART}")
    if link.is_dir() and not link.is_symlink():  # copying a home may have resolved the link
        os.replace(link, aside)
    os.replace(part, link)
    shutil.rmtree(aside, ignore_errors=True)


def complete(home: Home) -> None:
    """Bring snapshot, manifest, report and open data in line with the published file; prune.

    Changes nothing where they are in line already. The caller holds the home's lock `load`.
    """
    manifest = current_manifest(home)
    if manifest is None:
        return
    _sweep(home)
    snapshot = _keep_snapshot(home, manifest)
    for name in FOLDERS:
        if (snapshot / name).is_dir():
            _point(home.published / name, snapshot / name)
    rollback = rollback_in_force(home)
    with_rollback = replace(read_manifest(snapshot / MANIFEST), rollback=rollback)
    texts = {MANIFEST: with_rollback.to_json()}
    if (snapshot / CHANGES).exists():
        texts[CHANGES] = (snapshot / CHANGES).read_text(encoding="utf-8")
    for name, text in texts.items():
        target = home.published / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            write_text(target, text)
    _log_release(home, with_rollback)
    _write_feed(home)
    _prune(home, {manifest.stamp, rollback.instead_of if rollback else None})


def _log_release(home: Home, manifest: PublicationManifest) -> None:
    """Append what readers see from now on to the log of releases, which is never pruned.

    A line per publication and per rollback (plan B 八(四): each release is on record).
    """
    rollback = manifest.rollback
    rolled_back_at = rollback.at if rollback else None
    log = releases(home)
    if log and (log[-1].stamp, log[-1].rolled_back_at) == (manifest.stamp, rolled_back_at):
        return
    release = Release(
        stamp=manifest.stamp,
        rolled_back_at=rolled_back_at,
        released_at=clock.now().isoformat(timespec="seconds"),
        reason=rollback.reason if rollback else None,
        built_at=manifest.built_at,
        software_version=manifest.build.software_version,
        schema_version=manifest.schema_version,
        as_of=manifest.build.as_of,
        year=manifest.build.year,
        sha256=manifest.sha256,
        tables={name: table.rows for name, table in manifest.tables.items()},
        checks_passed=bool(manifest.checks and manifest.checks.success),
    )
    lines = [json.dumps(each.to_dict(), ensure_ascii=False) for each in (*log, release)]
    write_text(home.published / RELEASES, "\n".join(lines) + "\n")


def _write_feed(home: Home) -> None:
    """Write the feed of releases where its first entry is not the last release."""
    log, target = releases(home), home.published / feed.NAME
    if target.exists() and feed.identity(log[-1]) in target.read_text(encoding="utf-8"):
        return
    package = home.open_data / "datapackage.json"
    publisher = "指标数据仓库"
    if package.exists():
        publisher = json.loads(package.read_text("utf-8"))["contributors"][0]["title"]
    changes = {stamp: home.snapshots / stamp / CHANGES for stamp in snapshot_stamps(home)}
    write_text(target, feed.text(log, target, changes, publisher=publisher))


def _sweep(home: Home) -> None:
    """Remove the leftovers of interrupted writes; among the snapshots these are whole folders."""
    for folder in (home.published, home.snapshots):
        for leftover in folder.glob(f".*{PART}"):
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _prune(home: Home, keep: set[str | None]) -> None:
    """Remove the snapshots that are neither to be kept nor within the retention settings."""
    moments = {stamp_time(stamp): stamp for stamp in snapshot_stamps(home)}
    keep = keep | {moments[moment] for moment in retention.settings().kept(moments)}
    for stamp in moments.values():
        if stamp not in keep:
            removed = home.snapshots / f".{stamp}{PART}"
            os.replace(home.snapshots / stamp, removed)
            shutil.rmtree(removed)
