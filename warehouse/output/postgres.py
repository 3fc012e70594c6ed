"""The serving copy in PostgreSQL: marts and their Chinese views, replaced in one transaction.

Rows go through DuckDB's postgres extension; tables, keys, comments and rights through psycopg. The
tables stay where they are: DELETE and INSERT of all marts commit together, so that a reader sees
one publication or the next, never parts of both, and is never refused. Only a publication whose
columns differ makes the tables anew; readers then wait for a moment.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from warehouse.home import clock
from warehouse.home.sql import identifier, literal
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import SCHEMA, VIEWS, Mart
from warehouse.publication.titles import public_columns

READER_ROLE = "eco_reader"
_TYPES = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
_LAYOUT = "meta.serving"
_LOCK_SECONDS = 5
_TRIES = 6


class ServingError(RuntimeError):
    """The serving copy could not be brought up to date; the message says why."""


@dataclass(frozen=True)
class Served:
    """A serving copy that was brought up to date: of which publication, with how many rows."""

    stamp: str
    tables: Mapping[str, int]
    seconds: float


def serve(
    database: Path, dsn: str, *, manifest: PublicationManifest, marts: Mapping[str, Mart]
) -> Served:
    """Copy the marts of a published DuckDB file into PostgreSQL. Raises ServingError.

    `dsn` is postgresql://user:password@host/database; the user must be allowed to create schemas.
    """
    began = time.monotonic()
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(database)} as published (read_only)")
            columns = public_columns(connection, "published", marts)
            _prepare(dsn, columns, marts)
            counts = _copy(connection, dsn, columns, marts, manifest)
        _finish(dsn)
    except (psycopg.Error, duckdb.Error) as error:
        raise ServingError(_sentence(error, dsn)) from error
    return Served(manifest.stamp, counts, round(time.monotonic() - began, 1))


def _sentence(error: Exception, dsn: str) -> str:
    """Return an error without the password that a driver may repeat."""
    text = " ".join(str(error).split())[:300]
    password = psycopg.conninfo.conninfo_to_dict(dsn).get("password")
    return text.replace(str(password), "***") if password else text


def _layout_of(columns: Mapping[str, Mapping[str, str]], marts: Mapping[str, Mart]) -> str:
    """Return all that the tables are made from, as text: when it differs, they are made anew."""
    keys = {name: list(marts[name].key) for name in columns if name in marts}
    return json.dumps({"columns": columns, "keys": keys}, sort_keys=True)


def _prepare(dsn: str, columns: Mapping[str, Mapping[str, str]], marts: Mapping[str, Mart]) -> None:
    """Make schemas, tables, views, comments and rights where they differ from what is wanted."""
    wanted = _layout_of(columns, marts)
    with psycopg.connect(dsn) as connection:
        for schema in (SCHEMA, VIEWS, "meta"):
            connection.execute(
                sql.SQL("create schema if not exists {}").format(sql.Identifier(schema))
            )
        connection.execute(
            f"create table if not exists {_LAYOUT} "
            "(layout text, stamp text, schema_version text, built_at text, copied_at timestamptz)"
        )
        row = connection.execute(f"select layout from {_LAYOUT}").fetchone()
        if row is not None and row[0] == wanted:
            return
    for attempt in range(1, _TRIES + 1):
        try:
            with psycopg.connect(dsn) as connection:
                connection.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
                _make_tables(connection, columns, marts)
                connection.execute(f"delete from {_LAYOUT}")
                connection.execute(f"insert into {_LAYOUT} (layout) values (%s)", [wanted])
            return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if attempt == _TRIES:
                raise
            time.sleep(attempt)


def _make_tables(
    connection: psycopg.Connection[tuple[object, ...]],
    columns: Mapping[str, Mapping[str, str]],
    marts: Mapping[str, Mart],
) -> None:
    for schema in (VIEWS, SCHEMA):
        connection.execute(
            sql.SQL("drop schema {} cascade; create schema {}").format(
                sql.Identifier(schema), sql.Identifier(schema)
            )
        )
    for table, types in columns.items():
        mart = marts.get(table)
        target = sql.Identifier(SCHEMA, table)
        parts = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_TYPES.get(kind, "text")))
            for name, kind in types.items()
        ]
        if mart is not None and mart.key:
            keys = sql.SQL(", ").join(map(sql.Identifier, mart.key))
            parts.append(sql.SQL("primary key ({})").format(keys))
        connection.execute(
            sql.SQL("create table {} ({})").format(target, sql.SQL(", ").join(parts))
        )
        if mart is None:
            continue
        view = sql.Identifier(VIEWS, mart.title_zh)
        named = [
            sql.SQL("{} as {}").format(sql.Identifier(c), sql.Identifier(mart.columns[c].title_zh))
            for c in types
        ]
        connection.execute(
            sql.SQL("create view {} as select {} from {}").format(
                view, sql.SQL(", ").join(named), target
            )
        )
        _comment(connection, mart, list(types), target, view)
    connection.execute(
        f"do $$ begin create role {READER_ROLE} nologin; "
        "exception when duplicate_object then null; end $$"
    )
    for schema in (SCHEMA, VIEWS, "meta"):
        connection.execute(
            sql.SQL(
                "grant usage on schema {0} to {1}; grant select on all tables in schema {0} to {1}"
            ).format(sql.Identifier(schema), sql.Identifier(READER_ROLE))
        )


def _comment(
    connection: psycopg.Connection[tuple[object, ...]],
    mart: Mart,
    names: list[str],
    table: sql.Identifier,
    view: sql.Identifier,
) -> None:
    statements = [
        sql.SQL("comment on table {} is {}").format(table, sql.Literal(mart.description)),
        sql.SQL("comment on view {} is {}").format(view, sql.Literal(mart.view_comment_zh)),
    ]
    for name in names:
        column = mart.columns[name]
        for relation, label, comment in (
            (table, name, column.comment),
            (view, column.title_zh, mart.comment_zh(column)),
        ):
            statements.append(
                sql.SQL("comment on column {}.{} is {}").format(
                    relation, sql.Identifier(label), sql.Literal(comment)
                )
            )
    connection.execute(sql.SQL("; ").join(statements))


def _copy(
    connection: duckdb.DuckDBPyConnection,
    dsn: str,
    columns: Mapping[str, Mapping[str, str]],
    marts: Mapping[str, Mart],
    manifest: PublicationManifest,
) -> dict[str, int]:
    """Replace the rows of all tables in one transaction; return how many each has."""
    import duckdb_extensions  # its wheel brings the extension: no extension server is asked

    duckdb_extensions.import_extension("postgres_scanner", con=connection)
    connection.execute(f"attach {literal(dsn)} as serving (type postgres)")
    counts: dict[str, int] = {}
    connection.execute("begin")
    try:
        for table, types in columns.items():
            names = ", ".join(map(identifier, types))
            rows = _rows_of(table, marts)
            target = f"serving.{SCHEMA}.{identifier(table)}"
            connection.execute(f"delete from {target}")
            connection.execute(
                f"insert into {target} ({names}) "
                f"select {names} from published.{SCHEMA}.{identifier(table)} where {rows}"
            )
            (count,) = connection.execute(
                f"select count(*) from published.{SCHEMA}.{identifier(table)} where {rows}"
            ).fetchone() or (0,)
            counts[table] = count
        connection.execute(
            f"update serving.{_LAYOUT} set stamp = {literal(manifest.stamp)}, "
            f"schema_version = {literal(manifest.schema_version)}, "
            f"built_at = {literal(manifest.built_at)}, "
            f"copied_at = {literal(clock.now().isoformat())}::timestamptz"
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("detach serving")
    return counts


def _rows_of(table: str, marts: Mapping[str, Mart]) -> str:
    return marts[table].public_rows if table in marts else "true"


def _finish(dsn: str) -> None:
    """Let PostgreSQL reuse the space of the rows that were replaced, and plan by the new ones."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def differences(database: Path, dsn: str, marts: Mapping[str, Mart]) -> list[str]:
    """Compare the serving copy with the published file; return a line for each difference.

    Compared are the stamp and, for each column, how many values it has and a sum over them: of
    numbers rounded to six decimals, of texts by their length, of dates by day.
    """
    found = []
    with duckdb.connect(str(database), read_only=True) as connection:
        (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
        columns = public_columns(connection, catalog, marts)
        (stamp,) = connection.execute("select stamp from meta.publication").fetchone() or ("",)
        with psycopg.connect(dsn) as serving:
            row = serving.execute(f"select stamp from {_LAYOUT}").fetchone()
            if row is None or row[0] != stamp:
                return [f"the copy is of {row[0] if row else 'no publication'}, not of {stamp}"]
            present = {
                name
                for (name,) in serving.execute(
                    "select table_name from information_schema.tables where table_schema = %s",
                    [SCHEMA],
                )
            }
            for table, types in columns.items():
                if table not in present:
                    continue
                sums = f"{_sums(table, types, 'duckdb')} where {_rows_of(table, marts)}"
                ours = connection.execute(sums).fetchone()
                theirs = serving.execute(_sums(table, types, "postgres").encode()).fetchone()
                if not _same(ours, theirs):
                    found.append(f"{table}: the file has {ours}, the copy {theirs}")
    return found


def _same(ours: tuple[object, ...] | None, theirs: tuple[object, ...] | None) -> bool:
    if ours is None or theirs is None or len(ours) != len(theirs):
        return ours == theirs
    return all(
        abs(float(str(a)) - float(str(b))) <= 1e-6 * max(1.0, abs(float(str(a))))
        for a, b in zip(ours, theirs, strict=True)
    )


def _sums(table: str, types: Mapping[str, str], engine: str) -> str:
    parts = ["count(*)"]
    for name, kind in types.items():
        column = identifier(name)
        if kind in ("BIGINT", "INTEGER", "DOUBLE"):
            value = f"cast({column} as double precision)" if engine == "postgres" else column
        elif kind == "BOOLEAN":
            value = f"cast({column} as int)"
        elif kind == "VARCHAR":
            value = f"length({column})"
        elif kind in ("DATE", "TIMESTAMP"):
            days = f"extract(epoch from cast({column} as timestamp))"
            value = days
        else:
            continue
        parts += [f"count({column})", f"coalesce(sum({value}), 0)"]
    return f"select {', '.join(parts)} from {SCHEMA}.{identifier(table)}"
