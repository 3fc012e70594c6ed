"""Reading the current publication and earlier ones: manifests, snapshots, releases, rollbacks."""

import json
from pathlib import Path

import duckdb

from warehouse.home.layout import Home
from warehouse.publication.manifest import PublicationManifest, Release, Rollback, Snapshot

# Folders of a publication beside its database; published/<name> is a link into the snapshot.
FOLDERS = ("report", "open_data", "superset")
CANDIDATE = "candidate.json"
MANIFEST = "manifest.json"
CHANGES = "changes.json"
ROLLBACKS = "rollbacks.json"
RELEASES = "releases.jsonl"


class PublishError(RuntimeError):
    """Something cannot be published or read as a publication; the message gives the reason."""


def read_manifest(path: Path) -> PublicationManifest:
    """Return the manifest in a file. Raises PublishError when it cannot be read."""
    try:
        return PublicationManifest.from_json(path.read_bytes())
    except (ValueError, TypeError, AttributeError) as error:
        raise PublishError(
            f"{path} is not a publication's manifest: {error}. Restore the file from a backup, or "
            "move the folder of that publication away."
        ) from error


def current_manifest(home: Home) -> PublicationManifest | None:
    """Return the manifest of the current publication, read from the published file itself.

    Raises PublishError when that file cannot be read.
    """
    if not home.database.exists():
        return None
    try:
        with duckdb.connect(str(home.database), read_only=True) as connection:
            row = connection.execute("select manifest from meta.publication").fetchone()
        return PublicationManifest.from_json(row[0]) if row else None
    except (duckdb.Error, ValueError, TypeError, AttributeError) as error:
        raise PublishError(
            f"{home.database} cannot be read, nor can BI tools open it: "
            f"{' '.join(str(error).split())[:200]} Move it away and run: eco nightly --rebuild "
            "(all of its content is made again from the lake)"
        ) from None


def current_stamp(home: Home) -> str | None:
    """Return the stamp of the current publication, also where its database is damaged."""
    try:
        manifest = current_manifest(home)
    except PublishError:
        copy = home.published / MANIFEST
        manifest = read_manifest(copy) if copy.exists() else None
    return manifest.stamp if manifest else None


def releases(home: Home) -> list[Release]:
    """Return the log of releases, oldest first."""
    path = home.published / RELEASES
    if not path.exists():
        return []
    return [Release.from_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def snapshot_stamps(home: Home) -> list[str]:
    """Return the stamps of all snapshots, oldest first."""
    if not home.snapshots.is_dir():
        return []
    return sorted(p.name for p in home.snapshots.iterdir() if (p / MANIFEST).exists())


def snapshots(home: Home) -> list[Snapshot]:
    """Return all snapshots, oldest first."""
    current = current_stamp(home)
    return [
        Snapshot(
            manifest=read_manifest(home.snapshots / stamp / MANIFEST),
            current=stamp == current,
            whole=(home.snapshots / stamp / home.database.name).is_file(),
        )
        for stamp in snapshot_stamps(home)
    ]


def rollbacks(home: Home) -> list[Rollback]:
    """Return the records of all rollbacks, oldest first."""
    path = home.published / ROLLBACKS
    if not path.exists():
        return []
    return [Rollback.from_dict(each) for each in json.loads(path.read_text(encoding="utf-8"))]


def rollback_in_force(home: Home) -> Rollback | None:
    """Return the record of the rollback that made the current publication, or None."""
    records = rollbacks(home)
    manifest = current_manifest(home)
    if not records or manifest is None or records[-1].stamp != manifest.stamp:
        return None
    return records[-1]


def newest_manifest(home: Home) -> PublicationManifest | None:
    """Return the manifest of the newest state of the data that was published.

    It is that of the current publication; while a rollback is in force, that of the publication
    which was rolled back: a load with the same inputs would only publish that one again.
    """
    rollback = rollback_in_force(home)
    if rollback and rollback.instead_of:
        path = home.snapshots / rollback.instead_of / MANIFEST
        if path.exists():
            return read_manifest(path)
    return current_manifest(home)
