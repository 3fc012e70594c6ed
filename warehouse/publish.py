"""From a finished build to the file that readers open.

A candidate is a folder that holds all of a publication: the marts and their Chinese views as a
DuckDB file, the pages of its checks, its report, its open data, its manifest. Once its checks have
passed, one atomic replace of published/eco.duckdb is the publication. What follows, the folder
becoming a snapshot and published/report and published/open_data pointing into it, is one rename
each, and is completed by the next load if it was cut off. Which checks there are is not known here.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import changes, clock, retention
from warehouse.files import PART, sha256_of, sync_file, sync_folder, write_text
from warehouse.history import STAMP_FORMAT
from warehouse.home import Home
from warehouse.marts import SCHEMA, VIEWS, Mart
from warehouse.published_schema import schema_version
from warehouse.sql import identifier, literal

# What a publication has beside its database; each is a link into the snapshot that is published.
FOLDERS = ("report", "open_data")
# The manifest's key for the digest of all that a publication follows from.
INPUTS = "inputs"
_CANDIDATE = "candidate.json"
_MANIFEST = "manifest.json"
_CHANGES = "changes.json"
# What the log of releases takes from a publication's manifest.
_RELEASED = ("built_at", "software_version", "schema_version", "as_of", "year", "sha256")
ROLLBACKS = "rollbacks.json"
RELEASES = "releases.jsonl"


class PublishError(RuntimeError):
    """The build cannot be published; the message says why."""


@dataclass(frozen=True)
class Candidate:
    """What is about to be published: a DuckDB file of its own."""

    stamp: str
    path: Path
    manifest: Mapping[str, Any]

    @property
    def report(self) -> Path:
        """What becomes published/report."""
        return self.path.parent / "report"

    @property
    def data_docs(self) -> Path:
        """Where the pages of its checks belong."""
        return self.report / "data_docs"

    @property
    def open_data(self) -> Path:
        """What becomes published/open_data."""
        return self.path.parent / "open_data"


def new_stamp(now: datetime | None = None) -> str:
    """The name of a publication: its UTC time, so that names sort by time."""
    return (now or clock.now()).strftime(STAMP_FORMAT)


def stamp_time(stamp: str) -> datetime:
    """The time that a publication's name says."""
    return datetime.strptime(stamp, STAMP_FORMAT).replace(tzinfo=UTC)


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: str, ddl: str | None) -> None:
    name = f"{identifier(SCHEMA)}.{identifier(mart)}"
    if ddl is None:
        connection.execute(f"create table {name} as from build.{name}")
    else:
        connection.execute(ddl)
        connection.execute(f"insert into {name} from build.{name}")


def _describe(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> None:
    """Write the descriptions of marts and columns as comments, so that a BI tool shows them."""
    comments = []
    for mart in marts.values():
        name = f"{identifier(SCHEMA)}.{identifier(mart.name)}"
        comments.append(f"comment on table {name} is {literal(mart.description)}")
        for column in mart.columns.values():
            comments.append(
                f"comment on column {name}.{identifier(column.name)} "
                f"is {literal(column.description)}"
            )
    connection.execute(";".join(comments))


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


@contextmanager
def _last_publication(
    home: Home, connection: duckdb.DuckDBPyConnection
) -> Iterator[dict[str, Any] | None]:
    """The manifest of what is published, with its database attached as `changes.LAST`."""
    before = current_manifest(home)
    if before is None:
        yield None
        return
    connection.execute(f"attach {literal(home.database)} as {changes.LAST} (read_only)")
    try:
        yield before
    finally:
        connection.execute(f"detach {changes.LAST}")


def _note_changes(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    marts: Mapping[str, Mart],
    folder: Path,
) -> dict[str, Any]:
    """Compare the candidate with what is published now: mart, file and summary."""
    with _last_publication(home, connection) as before:
        summary = changes.compare(connection, marts, before, manifest)
        changes.store(connection, marts)
        content = {"stamp": manifest["stamp"], **summary, "rows": changes.rows(connection)}
    (folder / _CHANGES).write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return summary


def assemble(
    home: Home, *, details: Mapping[str, Any], marts: Mapping[str, Mart] | None = None
) -> Candidate:
    """Copy the marts of the build into a file of their own, and tell what they change.

    `details` goes into the manifest (software version, as_of, year ...); `marts` says what the
    marts are. Raises PublishError when the build has no marts.
    """
    complete(home)
    stamp = new_stamp()
    shutil.rmtree(home.candidates, ignore_errors=True)
    target = home.candidates / stamp / home.database.name
    target.parent.mkdir(parents=True)
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {literal(home.build_database)} as build (read_only)")
        for schema in (SCHEMA, VIEWS):
            connection.execute(f"create schema {identifier(schema)}")
        # A mart may be a view in the build, of a file that the build wrote; here all are tables.
        built = connection.execute(
            "select table_name, sql from duckdb_tables() "
            "where database_name = 'build' and schema_name = $1 union all "
            "select view_name, null from duckdb_views() "
            "where database_name = 'build' and schema_name = $1 order by all",
            [SCHEMA],
        ).fetchall()
        if not built:
            raise PublishError(f"{home.build_database} has no marts; run the load again")
        for mart, ddl in built:
            _copy_mart(connection, mart, ddl)
        views = connection.execute(
            "select sql from duckdb_views() where database_name = 'build' and not internal "
            "and schema_name = ? order by view_name",
            [VIEWS],
        ).fetchall()
        for (ddl,) in views:
            connection.execute(ddl)
        if marts:
            _describe(connection, marts)
        connection.execute("detach build")
        manifest = {
            "stamp": stamp,
            "built_at": stamp_time(stamp).isoformat(),
            "schema_version": schema_version(),
            **details,
            "tables": _fingerprints(connection),
        }
        manifest["changes"] = _note_changes(home, connection, manifest, marts or {}, target.parent)
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


def _current_stamp(home: Home) -> str | None:
    """The stamp of what is published; where that file is damaged, of what was put there."""
    try:
        return (current_manifest(home) or {}).get("stamp")
    except PublishError:
        said = home.published / _MANIFEST
        return json.loads(said.read_text(encoding="utf-8"))["stamp"] if said.exists() else None


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
            manifest["changes"] = _note_changes(home, connection, manifest, marts or {}, folder)
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
    _write_manifest(folder, {**manifest, "sha256": sha256_of(candidate.path)})
    home.published.mkdir(exist_ok=True)
    _put_in_place(home, candidate.path)
    complete(home)
    return manifest


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / _MANIFEST).write_text(text, encoding="utf-8")


def _put_in_place(home: Home, database: Path) -> None:
    """The commit of a publication and of a rollback. `database` stays where it is, too."""
    part = home.database.with_name(f".{home.database.name}{PART}")
    part.unlink(missing_ok=True)
    _copy_or_link(database, part)
    # A leftover log beside the old file would be replayed into the new one.
    home.database.with_name(home.database.name + ".wal").unlink(missing_ok=True)
    os.replace(part, home.database)
    sync_folder(home.published)


def _copy_or_link(source: Path, target: Path) -> None:
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
    if not (candidate / _MANIFEST).exists():  # somebody removed it: what can be is made again
        shutil.rmtree(candidate, ignore_errors=True)
        candidate.mkdir(parents=True)
        _copy_or_link(home.database, candidate / home.database.name)
        _write_manifest(candidate, {**manifest, "sha256": sha256_of(home.database)})
    (candidate / _CANDIDATE).unlink(missing_ok=True)
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
    full = json.loads((snapshot / _MANIFEST).read_text(encoding="utf-8"))
    if taken_back := rollback_in_force(home):
        full["rollback"] = taken_back
    texts = {_MANIFEST: json.dumps(full, ensure_ascii=False, indent=1) + "\n"}
    if (snapshot / _CHANGES).exists():
        texts[_CHANGES] = (snapshot / _CHANGES).read_text(encoding="utf-8")
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


def releases(home: Home) -> list[dict[str, Any]]:
    """What was released so far, oldest first."""
    path = home.published / RELEASES
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _sweep(home: Home) -> None:
    """Remove what was left half-made; below the snapshots nothing but whole folders is made."""
    for folder in (home.published, home.snapshots):
        for leftover in folder.glob(f".*{PART}"):
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _snapshot_stamps(home: Home) -> list[str]:
    if not home.snapshots.is_dir():
        return []
    return sorted(p.name for p in home.snapshots.iterdir() if (p / _MANIFEST).exists())


def _prune(home: Home, keep: set[str]) -> None:
    moments = {stamp_time(stamp): stamp for stamp in _snapshot_stamps(home)}
    keep = keep | {moments[moment] for moment in retention.settings().kept(moments)}
    for stamp in moments.values():
        if stamp not in keep:
            going = home.snapshots / f".{stamp}{PART}"
            os.replace(home.snapshots / stamp, going)
            shutil.rmtree(going)


def snapshots(home: Home) -> list[dict[str, Any]]:
    """The manifests of all snapshots, oldest first, with `current` and `whole` said of each.

    `whole` is whether its database is there; only `rollback` compares checksums.
    """
    now = _current_stamp(home)
    found = []
    for stamp in _snapshot_stamps(home):
        folder = home.snapshots / stamp
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        whole = (folder / home.database.name).is_file()
        found.append({**manifest, "current": stamp == now, "whole": whole})
    return found


def _rollbacks(home: Home) -> list[dict[str, Any]]:
    path = home.published / ROLLBACKS
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def rollback_in_force(home: Home) -> dict[str, Any] | None:
    """The record of the rollback that what is published now comes from, or None."""
    records = _rollbacks(home)
    manifest = current_manifest(home)
    if not records or manifest is None or records[-1]["stamp"] != manifest["stamp"]:
        return None
    return records[-1]


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


def newest_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of the newest state of the data that was published.

    It is that of what is published now; after a rollback, that of the publication that was
    taken back: a load with the same inputs would only publish that one again.
    """
    taken_back = rollback_in_force(home)
    if taken_back:
        path = home.snapshots / taken_back["instead_of"] / _MANIFEST
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    return current_manifest(home)


def rollback(home: Home, stamp: str, *, reason: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Publish a snapshot again, with its report, Data Docs and open data; return the record of it.

    The record (in rollbacks.json and, while it is in force, in manifest.json) holds the stamp, the
    publication it stands `instead_of`, the moment, the reason and `details`. Raises PublishError
    when there is no such snapshot, it is what is published, or its bytes are not those that were.
    """
    complete(home)
    known = _snapshot_stamps(home)
    if stamp not in known:
        newest = ", ".join(reversed(known[-5:])) or "none"
        raise PublishError(f"there is no snapshot {stamp}; the newest are: {newest}")
    current = current_manifest(home)
    if current is not None and current["stamp"] == stamp:
        raise PublishError(f"{stamp} is what is published")
    snapshot = home.snapshots / stamp
    manifest = json.loads((snapshot / _MANIFEST).read_text(encoding="utf-8"))
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
    text = json.dumps([*_rollbacks(home), record], ensure_ascii=False, indent=1) + "\n"
    write_text(home.published / ROLLBACKS, text)
    _put_in_place(home, database)
    complete(home)
    return record
