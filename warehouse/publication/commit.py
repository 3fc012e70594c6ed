"""Publishing a candidate, and publishing an earlier publication again.

A candidate is a folder that holds all of a publication: the marts and their Chinese views as a
DuckDB file, the pages of its checks, its report, its open data, its manifest. Once its checks have
passed, one atomic replace of published/eco.duckdb is the publication. The steps after it, the
folder becoming a snapshot and published/report and published/open_data pointing into it, are one
rename each, and are completed by the next load if a crash interrupted them (`complete`). Which
checks there are is not known here.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from warehouse.home import clock
from warehouse.home.files import PART, sha256_of, sync_file, sync_folder, write_text
from warehouse.home.layout import Home
from warehouse.publication.candidate import Candidate, record_changes
from warehouse.publication.complete import complete, copy_or_link, write_manifest
from warehouse.publication.current import (
    MANIFEST,
    ROLLBACKS,
    PublishError,
    current_manifest,
    newest_manifest,
    read_manifest,
    rollbacks,
    snapshot_stamps,
)
from warehouse.publication.manifest import PublicationManifest, Rollback
from warehouse.publication.marts import Mart


def publish(
    home: Home,
    candidate: Candidate,
    *,
    marts: Mapping[str, Mart] | None = None,
    writers: Iterable[Callable[[Candidate], None]] = (),
) -> PublicationManifest:
    """Replace the published file by the candidate; return the manifest.

    Readers that have the old file open keep reading it. `marts` as for `assemble`; `writers` are
    called with the finished candidate and write its `report` and `open_data`, which are published
    with it. Raises PublishError when the candidate was not checked or a critical check failed.
    """
    manifest = candidate.manifest
    if not (manifest.checks and manifest.checks.success):
        raise PublishError(f"candidate {candidate.stamp} was not checked, or its checks failed")
    current = current_manifest(home)
    folder = candidate.path.parent
    with duckdb.connect(str(candidate.path)) as connection:
        if manifest.changes.against != (current.stamp if current else None):
            # Since it was assembled there has been another publication, or a rollback.
            changes = record_changes(home, connection, manifest, marts or {}, folder)
            manifest = replace(manifest, changes=changes)
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.publication "
            "(stamp varchar, schema_version varchar, manifest json)"
        )
        connection.execute(
            "insert into meta.publication values (?, ?, ?)",
            [
                candidate.stamp,
                manifest.schema_version,
                json.dumps(manifest.to_dict(), ensure_ascii=False),
            ],
        )
    sync_file(candidate.path)
    finished = replace(candidate, manifest=manifest)
    for write in writers:
        write(finished)
    write_manifest(folder, replace(manifest, sha256=sha256_of(candidate.path)))
    home.published.mkdir(exist_ok=True)
    _replace_database(home, candidate.path)
    complete(home)
    return manifest


def _replace_database(home: Home, database: Path) -> None:
    """Replace the published file by a link to `database`: the commit of a publication."""
    part = home.database.with_name(f".{home.database.name}{PART}")
    part.unlink(missing_ok=True)
    copy_or_link(database, part)
    # A leftover log beside the old file would be replayed into the new one.
    home.database.with_name(home.database.name + ".wal").unlink(missing_ok=True)
    os.replace(part, home.database)
    sync_folder(home.published)


def find_unchanged(home: Home, inputs: str) -> str | None:
    """Return the stamp of the newest state of the data if it was built from these inputs.

    None means that a load has something to build. A publication that a crash interrupted is
    completed here. While a rollback is in force, the publication that was rolled back counts, so
    that the rollback holds until there is something new.
    """
    newest = newest_manifest(home)
    if newest is None or newest.build.inputs != inputs:
        return None
    complete(home)
    return newest.stamp


def rollback(
    home: Home, stamp: str, *, reason: str, software_version: str | None = None
) -> Rollback:
    """Publish a snapshot again, with its report, Data Docs and open data; return the record of it.

    The record is kept in rollbacks.json and, while it is in force, in manifest.json. Raises
    PublishError when there is no such snapshot, it is the current publication, or its bytes are
    not those that were published.
    """
    complete(home)
    known = snapshot_stamps(home)
    if stamp not in known:
        newest_stamps = ", ".join(reversed(known[-5:])) or "none"
        raise PublishError(f"there is no snapshot {stamp}; the newest are: {newest_stamps}")
    current = current_manifest(home)
    if current is not None and current.stamp == stamp:
        raise PublishError(f"{stamp} is what is published")
    snapshot = home.snapshots / stamp
    database = snapshot / home.database.name
    if not database.is_file() or sha256_of(database) != read_manifest(snapshot / MANIFEST).sha256:
        raise PublishError(f"{database} is missing or not what was published then; take another")
    newest = newest_manifest(home)
    record = Rollback(
        stamp=stamp,
        instead_of=newest.stamp if newest else None,
        replaced=current.stamp if current else None,
        at=clock.now().isoformat(),
        reason=reason,
        software_version=software_version,
    )
    # The record first: without the replace that follows it has no effect.
    records = [each.to_dict() for each in (*rollbacks(home), record)]
    text = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    write_text(home.published / ROLLBACKS, text)
    _replace_database(home, database)
    complete(home)
    return record
