"""What is published now and what was before: manifests, snapshots, releases, rollbacks."""

import json
from datetime import UTC, datetime
from typing import Any

import duckdb

from warehouse.home import clock
from warehouse.home.layout import Home
from warehouse.publication.history import STAMP_FORMAT

# What a publication has beside its database; each is a link into the snapshot that is published.
FOLDERS = ("report", "open_data")
# The manifest's key for the digest of all that a publication follows from.
INPUTS = "inputs"
CANDIDATE = "candidate.json"
MANIFEST = "manifest.json"
CHANGES = "changes.json"
ROLLBACKS = "rollbacks.json"
RELEASES = "releases.jsonl"


class PublishError(RuntimeError):
    """The build cannot be published; the message says why."""


def new_stamp(now: datetime | None = None) -> str:
    """The name of a publication: its UTC time, so that names sort by time."""
    return (now or clock.now()).strftime(STAMP_FORMAT)


def stamp_time(stamp: str) -> datetime:
    """The time that a publication's name says."""
    return datetime.strptime(stamp, STAMP_FORMAT).replace(tzinfo=UTC)


def current_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of what is published now, read from the published file itself.

    Raises PublishError when that file cannot be read.
    """
    if not home.database.exists():
        return None
    try:
        with duckdb.connect(str(home.database), read_only=True) as connection:
            row = connection.execute("select manifest from meta.publication").fetchone()
    except duckdb.Error as error:
        raise PublishError(
            f"{home.database} cannot be read, nor can BI tools open it: "
            f"{' '.join(str(error).split())[:200]} Move it away and run: eco nightly --rebuild "
            "(all that is in it is made again from the lake)"
        ) from None
    return json.loads(row[0]) if row else None


def current_stamp(home: Home) -> str | None:
    """The stamp of what is published; where that file is damaged, of what was put there."""
    try:
        return (current_manifest(home) or {}).get("stamp")
    except PublishError:
        said = home.published / MANIFEST
        return json.loads(said.read_text(encoding="utf-8"))["stamp"] if said.exists() else None


def releases(home: Home) -> list[dict[str, Any]]:
    """What was released so far, oldest first."""
    path = home.published / RELEASES
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def snapshot_stamps(home: Home) -> list[str]:
    if not home.snapshots.is_dir():
        return []
    return sorted(p.name for p in home.snapshots.iterdir() if (p / MANIFEST).exists())


def snapshots(home: Home) -> list[dict[str, Any]]:
    """The manifests of all snapshots, oldest first, with `current` and `whole` said of each.

    `whole` is whether its database is there; only `rollback` compares checksums.
    """
    now = current_stamp(home)
    found = []
    for stamp in snapshot_stamps(home):
        folder = home.snapshots / stamp
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        whole = (folder / home.database.name).is_file()
        found.append({**manifest, "current": stamp == now, "whole": whole})
    return found


def rollbacks(home: Home) -> list[dict[str, Any]]:
    path = home.published / ROLLBACKS
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def rollback_in_force(home: Home) -> dict[str, Any] | None:
    """The record of the rollback that what is published now comes from, or None."""
    records = rollbacks(home)
    manifest = current_manifest(home)
    if not records or manifest is None or records[-1]["stamp"] != manifest["stamp"]:
        return None
    return records[-1]


def newest_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of the newest state of the data that was published.

    It is that of what is published now; after a rollback, that of the publication that was
    taken back: a load with the same inputs would only publish that one again.
    """
    taken_back = rollback_in_force(home)
    if taken_back:
        path = home.snapshots / taken_back["instead_of"] / MANIFEST
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    return current_manifest(home)
