"""From a finished build to the file that readers open.

A candidate holds the marts and their Chinese views alone. Once its checks have passed, one atomic
replace of published/eco.duckdb is the publication: all that goes with it (snapshot, manifest,
Data Docs) follows from the file itself and is completed by the next load if it was cut off.
Which checks there are is not known here.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.files import replace_folder, replacing, sha256_of, sweep, sync_file, sync_folder
from warehouse.home import Home
from warehouse.sql import identifier, literal

# Raised when a mart or a column is renamed or removed, or changes its meaning.
SCHEMA_VERSION = 1
PUBLISHED_SCHEMAS = ("marts", "bi")
KEEP_SNAPSHOTS = 30
_CANDIDATE = "candidate.json"
_STAMP = "%Y%m%dT%H%M%S%fZ"


class PublishError(RuntimeError):
    """The build cannot be published; the message says why."""


@dataclass(frozen=True)
class Candidate:
    """What is about to be published: a DuckDB file of its own."""

    stamp: str
    path: Path
    manifest: Mapping[str, Any]

    @property
    def data_docs(self) -> Path:
        """Where the pages of its checks belong."""
        return self.path.parent / "data_docs"


def new_stamp(now: datetime | None = None) -> str:
    """The name of a publication: its UTC time, so that names sort by time."""
    return (now or datetime.now(UTC)).strftime(_STAMP)


def stamp_time(stamp: str) -> datetime:
    """The time that a publication's name says."""
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def _copy_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, ddl: str) -> None:
    name = f"{identifier(schema)}.{identifier(table)}"
    connection.execute(ddl)
    connection.execute(f"insert into {name} from build.{name}")


def _copy_comments(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where database_name = 'build' "
        "and schema_name = ? and comment is not null",
        [schema],
    ).fetchall()
    for table, comment in tables:
        name = f"{identifier(schema)}.{identifier(table)}"
        connection.execute(f"comment on table {name} is {literal(comment)}")
    columns = connection.execute(
        "select c.table_name, c.column_name, c.comment from duckdb_columns() as c "
        "join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where c.database_name = 'build' and c.schema_name = ? and c.comment is not null",
        [schema],
    ).fetchall()
    for table, column, comment in columns:
        name = f"{identifier(schema)}.{identifier(table)}.{identifier(column)}"
        connection.execute(f"comment on column {name} is {literal(comment)}")


def _fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'marts' order by 1"
    ).fetchall()
    prints = {}
    for (table,) in tables:
        rows, total = connection.execute(
            f"select count(*), coalesce(sum(cast(hash(t) as hugeint)), 0) "
            f"from marts.{identifier(table)} as t"
        ).fetchone() or (0, 0)
        prints[table] = {"rows": rows, "fingerprint": str(total)}
    return prints


def assemble(home: Home, *, details: Mapping[str, Any]) -> Candidate:
    """Copy the marts of the build into a file of their own.

    `details` goes into the manifest (software version, as_of, year ...). Raises PublishError when
    the build has no marts.
    """
    stamp = new_stamp()
    shutil.rmtree(home.candidates, ignore_errors=True)
    target = home.candidates / stamp / home.database.name
    target.parent.mkdir(parents=True)
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {literal(home.build_database)} as build (read_only)")
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema if not exists {identifier(schema)}")
        tables = connection.execute(
            "select schema_name, table_name, sql from duckdb_tables() "
            "where database_name = 'build' and list_contains(?, schema_name) order by all",
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        if not tables:
            raise PublishError(f"{home.build_database} has no marts; run the load again")
        for schema, table, ddl in tables:
            _copy_table(connection, schema, table, ddl)
        views = connection.execute(
            "select sql from duckdb_views() where database_name = 'build' and not internal "
            "and list_contains(?, schema_name) order by schema_name, view_name",
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        for (ddl,) in views:
            connection.execute(ddl)
        for schema in PUBLISHED_SCHEMAS:
            _copy_comments(connection, schema)
        connection.execute("detach build")
        marts = _fingerprints(connection)
    manifest = {
        "stamp": stamp,
        "built_at": stamp_time(stamp).isoformat(),
        "schema_version": SCHEMA_VERSION,
        **details,
        "tables": marts,
    }
    (target.parent / _CANDIDATE).write_text(json.dumps(manifest), encoding="utf-8")
    return Candidate(stamp, target, manifest)


def pending_candidate(home: Home) -> Candidate:
    """The candidate that `assemble` made last. Raises PublishError when there is none."""
    for path in home.candidates.glob(f"*/{_CANDIDATE}"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return Candidate(manifest["stamp"], path.with_name(home.database.name), manifest)
    raise PublishError(f"{home.candidates} holds nothing to publish; run a nightly load first")


def record_checks(candidate: Candidate, checks: Mapping[str, Any]) -> None:
    """Note the results of a candidate's checks; its publication carries them."""
    manifest = {**candidate.manifest, "checks": dict(checks)}
    path = candidate.path.with_name(_CANDIDATE)
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    old, new = before.get("tables", {}), after["tables"]
    return {
        "against": before.get("stamp"),
        "tables_added": sorted(new.keys() - old.keys()),
        "tables_removed": sorted(old.keys() - new.keys()),
        "tables_changed": {
            table: {"rows_before": old[table]["rows"], "rows_after": new[table]["rows"]}
            for table in sorted(old.keys() & new.keys())
            if old[table] != new[table]
        },
    }


def current_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of what is published now, read from the published file itself."""
    if not home.database.exists():
        return None
    with duckdb.connect(str(home.database), read_only=True) as connection:
        row = connection.execute("select manifest from meta.publication").fetchone()
    return json.loads(row[0]) if row else None


def publish(home: Home, candidate: Candidate) -> dict[str, Any]:
    """Put the candidate in the place of the published file; return its manifest.

    Readers that hold the old file go on reading it. Raises PublishError when the candidate was
    not checked or a critical check failed.
    """
    if not candidate.manifest.get("checks", {}).get("success"):
        raise PublishError(f"candidate {candidate.stamp} was not checked, or its checks failed")
    before = current_manifest(home) or {}
    manifest = dict(candidate.manifest)
    manifest["changes"] = _changes(before, manifest)
    with duckdb.connect(str(candidate.path)) as connection:
        connection.execute("create schema meta")
        connection.execute("create table meta.publication (stamp varchar, manifest json)")
        connection.execute(
            "insert into meta.publication values (?, ?)",
            [candidate.stamp, json.dumps(manifest, ensure_ascii=False)],
        )
    sync_file(candidate.path)
    # A leftover log beside the old file would be replayed into the new one.
    home.database.with_name(home.database.name + ".wal").unlink(missing_ok=True)
    home.published.mkdir(exist_ok=True)
    os.replace(candidate.path, home.database)
    sync_folder(home.published)
    complete(home)
    return manifest


def _copy_or_link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def complete(home: Home, *, keep: int = KEEP_SNAPSHOTS) -> None:
    """Bring snapshot, manifest and Data Docs in line with the published file; prune old snapshots.

    Changes nothing when they are. Call it with no other load under way.
    """
    sweep(home.published)
    manifest = current_manifest(home)
    if manifest is None:
        return
    stamp = manifest["stamp"]
    snapshot = home.snapshots / stamp
    if not snapshot.exists():
        full = {**manifest, "sha256": sha256_of(home.database)}
        text = json.dumps(full, ensure_ascii=False, indent=1) + "\n"

        def fill(folder: Path) -> None:
            _copy_or_link(home.database, folder / home.database.name)
            (folder / "manifest.json").write_text(text, encoding="utf-8")

        replace_folder(snapshot, fill)
    published_manifest = home.published / "manifest.json"
    text = (snapshot / "manifest.json").read_text(encoding="utf-8")
    if not published_manifest.exists() or published_manifest.read_text(encoding="utf-8") != text:
        with replacing(published_manifest) as part:
            part.write_text(text, encoding="utf-8")
    data_docs = home.candidates / stamp / "data_docs"
    if data_docs.is_dir():
        replace_folder(
            home.report / "data_docs",
            lambda folder: shutil.copytree(data_docs, folder, dirs_exist_ok=True) and None,
        )
        shutil.rmtree(data_docs.parent)
    stamps = sorted(path.name for path in home.snapshots.iterdir() if path.is_dir())
    for old in stamps[: max(0, len(stamps) - keep)]:
        if old != stamp:
            shutil.rmtree(home.snapshots / old)
