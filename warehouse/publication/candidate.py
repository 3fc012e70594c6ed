"""Candidates for publication: the marts of a build in a file of their own, with a manifest."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from warehouse.home.files import fresh_folder
from warehouse.home.layout import Home
from warehouse.home.sql import identifier, literal
from warehouse.publication import changes
from warehouse.publication.complete import complete
from warehouse.publication.current import (
    CANDIDATE,
    CHANGES,
    PublishError,
    current_manifest,
    read_manifest,
)
from warehouse.publication.manifest import (
    BuildInfo,
    Changes,
    Checks,
    PublicationManifest,
    TableFingerprint,
    new_stamp,
    stamp_time,
)
from warehouse.publication.marts import SCHEMA, VIEWS, Mart
from warehouse.publication.published_schema import schema_version


@dataclass(frozen=True)
class Candidate:
    """A DuckDB file that may be published: the folder around it becomes its snapshot."""

    stamp: str
    path: Path
    manifest: PublicationManifest

    @property
    def report(self) -> Path:
        """Folder that becomes published/report."""
        return self.path.parent / "report"

    @property
    def data_docs(self) -> Path:
        """Folder of the pages of its checks."""
        return self.report / "data_docs"

    @property
    def open_data(self) -> Path:
        """Folder that becomes published/open_data."""
        return self.path.parent / "open_data"

    @property
    def superset(self) -> Path:
        """Folder that becomes published/superset."""
        return self.path.parent / "superset"


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: str, ddl: str | None) -> None:
    name = f"{identifier(SCHEMA)}.{identifier(mart)}"
    if ddl is None:
        connection.execute(f"create table {name} as from build.{name}")
    else:
        connection.execute(ddl)
        connection.execute(f"insert into {name} from build.{name}")


def _describe(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> None:
    """Write what marts, views and columns are, and their units, as comments for BI tools."""
    views = {
        view
        for (view,) in connection.execute(
            "select view_name from duckdb_views() "
            "where database_name = current_database() and schema_name = ?",
            [VIEWS],
        ).fetchall()
    }
    comments = []
    for mart in marts.values():
        name = f"{identifier(SCHEMA)}.{identifier(mart.name)}"
        view = f"{identifier(VIEWS)}.{identifier(mart.title_zh)}"
        comments.append(f"comment on table {name} is {literal(mart.description)}")
        comments += [
            f"comment on column {name}.{identifier(column.name)} is {literal(column.comment)}"
            for column in mart.columns.values()
        ]
        if mart.title_zh in views:
            comments.append(f"comment on view {view} is {literal(mart.view_comment_zh)}")
            comments += [
                f"comment on column {view}.{identifier(column.title_zh)} "
                f"is {literal(mart.comment_zh(column))}"
                for column in mart.columns.values()
            ]
    connection.execute(";".join(comments))


def _fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, TableFingerprint]:
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
        prints[table] = TableFingerprint(rows, str(total))
    return prints


@contextmanager
def _last_publication(
    home: Home, connection: duckdb.DuckDBPyConnection
) -> Iterator[PublicationManifest | None]:
    """Attach the current publication's database as `changes.LAST`; yield its manifest."""
    before = current_manifest(home)
    if before is None:
        yield None
        return
    connection.execute(f"attach {literal(home.database)} as {changes.LAST} (read_only)")
    try:
        yield before
    finally:
        connection.execute(f"detach {changes.LAST}")


def record_changes(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    manifest: PublicationManifest,
    marts: Mapping[str, Mart],
    folder: Path,
) -> Changes:
    """Compare a candidate with the current publication; return the summary for its manifest.

    The changes are written into the mart that holds them and into `changes.json` in the folder.
    """
    with _last_publication(home, connection) as before:
        summary = changes.compare(connection, marts, before, manifest)
        changes.store(connection, marts)
        rows = changes.rows(connection)
    content = {"stamp": manifest.stamp, **summary.to_dict(), "rows": rows}
    (folder / CHANGES).write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return summary


def assemble(
    home: Home, *, build: BuildInfo | None = None, marts: Mapping[str, Mart] | None = None
) -> Candidate:
    """Copy the marts of the build into a new candidate, and record what they change.

    `build` says in the manifest how the build was made; `marts` are the declarations of the marts
    (descriptions, keys, compared columns). Raises PublishError when the build has no marts.
    """
    complete(home)
    stamp = new_stamp()
    fresh_folder(home.candidates)
    target = fresh_folder(home.candidates / stamp) / home.database.name
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {literal(home.build_database)} as build (read_only)")
        for schema in (SCHEMA, VIEWS):
            connection.execute(f"create schema {identifier(schema)}")
        # A mart may be a view in the build, over a file that the build wrote; here it is a table.
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
        manifest = PublicationManifest(
            stamp=stamp,
            built_at=stamp_time(stamp).isoformat(),
            schema_version=schema_version(),
            build=build or BuildInfo(),
            tables=_fingerprints(connection),
        )
        changed = record_changes(home, connection, manifest, marts or {}, target.parent)
    manifest = replace(manifest, changes=changed)
    _write_manifest(target.with_name(CANDIDATE), manifest)
    return Candidate(stamp, target, manifest)


def _write_manifest(path: Path, manifest: PublicationManifest) -> None:
    path.write_text(json.dumps(manifest.to_dict(), ensure_ascii=False), encoding="utf-8")


def pending_candidate(home: Home) -> Candidate:
    """Return the candidate that `assemble` made last. Raises PublishError when there is none."""
    for path in home.candidates.glob(f"*/{CANDIDATE}"):
        manifest = read_manifest(path)
        return Candidate(manifest.stamp, path.with_name(home.database.name), manifest)
    raise PublishError(f"{home.candidates} holds nothing to publish; run a nightly load first")


def record_checks(candidate: Candidate, checks: Checks) -> None:
    """Write the results of a candidate's checks into its manifest."""
    manifest = replace(candidate.manifest, checks=checks)
    _write_manifest(candidate.path.with_name(CANDIDATE), manifest)
