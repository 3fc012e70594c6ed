"""From a finished build to the file that readers open.

A candidate is a folder that holds all of a publication: the marts and their Chinese views as a
DuckDB file, the pages of its checks, its report, its open data, its manifest. Once its checks have
passed, one atomic replace of published/eco.duckdb is the publication. What follows, the folder
becoming a snapshot and published/report and published/open_data pointing into it, is one rename
each, and is completed by the next load if it was cut off. Which checks there are is not known here.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from warehouse.home import clock
from warehouse.home.files import PART, sha256_of, sync_file, sync_folder, write_text
from warehouse.home.layout import Home
from warehouse.publication.candidate import Candidate, record_changes
from warehouse.publication.complete import complete, copy_or_link, write_manifest
from warehouse.publication.current import (
    INPUTS,
    MANIFEST,
    ROLLBACKS,
    PublishError,
    current_manifest,
    newest_manifest,
    rollbacks,
    snapshot_stamps,
)
from warehouse.publication.marts import Mart


def publish(
    home: Home,
    candidate: Candidate,
    *,
    marts: Mapping[str, Mart] | None = None,
    make: Iterable[Callable[[Candidate], None]] = (),
) -> dict[str, Any]:
    """Put the candidate in the place of the published file; return its manifest.

    Readers that hold the old file go on reading it. `marts` as for `assemble`; `make` are given
    the finished candidate and put into its `report` and `open_data` what is published with it.
    Raises PublishError when the candidate was not checked or a critical check failed.
    """
    if not candidate.manifest.get("checks", {}).get("success"):
        raise PublishError(f"candidate {candidate.stamp} was not checked, or its checks failed")
    manifest = dict(candidate.manifest)
    current = current_manifest(home)
    folder = candidate.path.parent
    with duckdb.connect(str(candidate.path)) as connection:
        if manifest["changes"]["against"] != (current["stamp"] if current else None):
            # Something else was published, or a publication taken back, since it was assembled.
            manifest["changes"] = record_changes(home, connection, manifest, marts or {}, folder)
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.publication "
            "(stamp varchar, schema_version varchar, manifest json)"
        )
        connection.execute(
            "insert into meta.publication values (?, ?, ?)",
            [
                candidate.stamp,
                manifest["schema_version"],
                json.dumps(manifest, ensure_ascii=False),
            ],
        )
    sync_file(candidate.path)
    finished = replace(candidate, manifest=manifest)
    for step in make:
        step(finished)
    write_manifest(folder, {**manifest, "sha256": sha256_of(candidate.path)})
    home.published.mkdir(exist_ok=True)
    _put_in_place(home, candidate.path)
    complete(home)
    return manifest


def _put_in_place(home: Home, database: Path) -> None:
    """The commit of a publication and of a rollback. `database` stays where it is, too."""
    part = home.database.with_name(f".{home.database.name}{PART}")
    part.unlink(missing_ok=True)
    copy_or_link(database, part)
    # A leftover log beside the old file would be replayed into the new one.
    home.database.with_name(home.database.name + ".wal").unlink(missing_ok=True)
    os.replace(part, home.database)
    sync_folder(home.published)


def standing(home: Home, inputs: str) -> str | None:
    """The stamp that a load need not make again: the newest state of the data, if of these inputs.

    What a crash cut off after its swap is completed here, as a new publication would do. After a
    rollback the publication that was taken back counts, so that the rollback holds until there is
    something new.
    """
    newest = newest_manifest(home)
    if newest is None or newest.get(INPUTS) != inputs:
        return None
    complete(home)
    return str(newest["stamp"])


def rollback(home: Home, stamp: str, *, reason: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Publish a snapshot again, with its report, Data Docs and open data; return the record of it.

    The record (in rollbacks.json and, while it is in force, in manifest.json) holds the stamp, the
    publication it stands `instead_of`, the moment, the reason and `details`. Raises PublishError
    when there is no such snapshot, it is what is published, or its bytes are not those that were.
    """
    complete(home)
    known = snapshot_stamps(home)
    if stamp not in known:
        newest = ", ".join(reversed(known[-5:])) or "none"
        raise PublishError(f"there is no snapshot {stamp}; the newest are: {newest}")
    current = current_manifest(home)
    if current is not None and current["stamp"] == stamp:
        raise PublishError(f"{stamp} is what is published")
    snapshot = home.snapshots / stamp
    manifest = json.loads((snapshot / MANIFEST).read_text(encoding="utf-8"))
    database = snapshot / home.database.name
    if not database.is_file() or sha256_of(database) != manifest["sha256"]:
        raise PublishError(f"{database} is missing or not what was published then; take another")
    newest = newest_manifest(home)
    record = {
        "stamp": stamp,
        "instead_of": newest["stamp"] if newest else None,
        "from": current["stamp"] if current else None,
        "at": clock.now().isoformat(),
        "reason": reason,
        **details,
    }
    # The record first: without the replace that follows it says nothing about what is published.
    text = json.dumps([*rollbacks(home), record], ensure_ascii=False, indent=1) + "\n"
    write_text(home.published / ROLLBACKS, text)
    _put_in_place(home, database)
    complete(home)
    return record
