"""The serving copy in PostgreSQL: marts and their Chinese views, replaced in one transaction.

Rows go through DuckDB's postgres extension; tables, keys, comments and rights through psycopg. The
tables stay where they are: DELETE and INSERT of all marts commit together, so that a reader sees
one publication or the next, never parts of both, and is never refused. Only rows of parts that
differ are sent: a part is a month of a mart, a fingerprint of each is kept beside the copy. Only a
publication whose columns differ makes the tables anew; readers then wait for a moment.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
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
_PARTS = "meta.serving_parts"
_KEY_MEMORY = "256MB"  # to sort the keys of millions of rows
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


@dataclass(frozen=True)
class _Copied:
    """What a copy did: rows by table, tables of which rows came, tables of which rows went."""

    rows: dict[str, int] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)


def serve(
    database: Path,
    dsn: str,
    *,
    manifest: PublicationManifest,
    marts: Mapping[str, Mart],
    everything: bool = False,
) -> Served:
    """Copy the marts of a published DuckDB file into PostgreSQL. Raises ServingError.

    `dsn` is postgresql://user:password@host/database; the user must be allowed to create schemas.
    `everything` sends also the rows that should be there already.
    """
    began = time.monotonic()
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(database)} as published (read_only)")
            columns = public_columns(connection, "published", marts)
            _prepare(dsn, columns, marts)
            known = {} if everything else _known_parts(dsn)
            copied = _copy(connection, dsn, columns, marts, manifest, known)
        _finish(dsn, marts, copied)
    except (psycopg.Error, duckdb.Error) as error:
        raise ServingError(_sentence(error, dsn)) from error
    return Served(manifest.stamp, copied.rows, round(time.monotonic() - began, 1))


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
        connection.execute(
            f"create table if not exists {_PARTS} "
            "(mart text, part bigint, rows bigint, fingerprint text, primary key (mart, part))"
        )
        row = connection.execute(f"select layout from {_LAYOUT}").fetchone()
        if row is not None and row[0] == wanted:
            return

    def make(connection: psycopg.Connection[tuple[object, ...]]) -> None:
        _make_tables(connection, columns, marts)
        connection.execute(f"delete from {_PARTS}")
        connection.execute(f"delete from {_LAYOUT}")
        connection.execute(f"insert into {_LAYOUT} (layout) values (%s)", [wanted])

    _alone(dsn, make)


def _alone(dsn: str, work: Callable[[psycopg.Connection[tuple[object, ...]]], None]) -> None:
    """Do what needs tables for itself in one transaction; try again when readers are in the way."""
    for attempt in range(1, _TRIES + 1):
        try:
            with psycopg.connect(dsn) as connection:
                connection.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
                work(connection)
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
        key = mart.key if mart is not None else ()
        parts = [
            sql.SQL("{} {}{}").format(
                sql.Identifier(name),
                sql.SQL(_TYPES.get(kind, "text")),
                sql.SQL(" not null" if name in key else ""),
            )
            for name, kind in types.items()
        ]
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


def _part(types: Mapping[str, str]) -> str:
    """Return the part of a row as SQL for both engines: the month of its first date, or 0."""
    day = next((name for name, kind in types.items() if kind == "DATE"), None)
    if day is None:
        return "0"
    month = f"extract(year from {identifier(day)}) * 12 + extract(month from {identifier(day)})"
    return f"coalesce(cast({month} as bigint), 0)"


def _known_parts(dsn: str) -> dict[str, dict[int, tuple[int, str]]]:
    """Return rows and fingerprint of each part that the copy holds, by mart and part."""
    found: dict[str, dict[int, tuple[int, str]]] = {}
    with psycopg.connect(dsn) as connection:
        parts = connection.execute(f"select mart, part, rows, fingerprint from {_PARTS}")
        for mart, part, rows, fingerprint in parts:
            found.setdefault(mart, {})[part] = (rows, fingerprint)
    return found


def _copy(
    connection: duckdb.DuckDBPyConnection,
    dsn: str,
    columns: Mapping[str, Mapping[str, str]],
    marts: Mapping[str, Mart],
    manifest: PublicationManifest,
    known: Mapping[str, Mapping[int, tuple[int, str]]],
) -> _Copied:
    """Replace the rows of all parts that differ from `known` in one transaction."""
    import duckdb_extensions  # its wheel brings the extension: no extension server is asked

    duckdb_extensions.import_extension("postgres_scanner", con=connection)
    connection.execute(f"attach {literal(dsn)} as serving (type postgres)")
    copied = _Copied()
    connection.execute("begin")
    try:
        for table, types in columns.items():
            _copy_table(connection, table, types, marts, known.get(table), copied)
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
    return copied


def _copy_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    marts: Mapping[str, Mart],
    known: Mapping[int, tuple[int, str]] | None,
    copied: _Copied,
) -> None:
    """Replace the rows of the parts of one table that differ from the `known` ones; None: all."""
    names, part, rows = ", ".join(map(identifier, types)), _part(types), _rows_of(table, marts)
    # In the order of the key the server fills its index page by page, not all over.
    key = ", ".join(map(identifier, marts[table].key if table in marts else ()))
    order = f"order by {key}" if key else ""
    source = f"published.{SCHEMA}.{identifier(table)}"
    parts = {
        number: (count, fingerprint)
        for number, count, fingerprint in connection.execute(
            f"select {part}, count(*), cast(sum(hash({names})) as varchar) from {source} "
            f"where {rows} group by 1"
        ).fetchall()
    }
    copied.rows[table] = sum(count for count, _ in parts.values())
    there = known or {}
    changed = sorted(n for n in parts.keys() | there.keys() if parts.get(n) != there.get(n))
    if known is not None and not changed:
        return
    of_these = f"{part} in ({', '.join(map(str, changed))})" if changed else "false"
    target = f"{SCHEMA}.{identifier(table)}"
    _there(connection, f"delete from {target} where {'true' if known is None else of_these}")
    connection.execute(
        f"insert into serving.{target} ({names}) "
        f"select {names} from {source} where {rows} and {of_these} {order}"
    )
    _there(connection, f"delete from {_PARTS} where mart = {literal(table)}")
    if parts:
        values = ", ".join(
            f"({literal(table)}, {number}, {count}, {literal(fingerprint)})"
            for number, (count, fingerprint) in parts.items()
        )
        _there(connection, f"insert into {_PARTS} values {values}")
        copied.filled.add(table)
    if known is None or there.keys() & set(changed):
        copied.emptied.add(table)


def _there(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Run a statement in PostgreSQL itself, within the transaction of the connection."""
    connection.execute(f"call postgres_execute('serving', {literal(statement)})")


def _rows_of(table: str, marts: Mapping[str, Mart]) -> str:
    return marts[table].public_rows if table in marts else "true"


def _finish(dsn: str, marts: Mapping[str, Mart], copied: _Copied) -> None:
    """Add the keys that are missing, then let PostgreSQL plan by the rows that came.

    A key is added when its table has rows: it is then made at once, not row by row. The server's
    autovacuum analyzes a table that was empty within a minute.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        keyed = {
            name
            for (name,) in connection.execute(
                "select t.relname from pg_constraint c join pg_class t on t.oid = c.conrelid "
                "join pg_namespace n on n.oid = t.relnamespace "
                "where c.contype = 'p' and n.nspname = %s",
                [SCHEMA],
            )
        }
    new = {name for name in copied.rows if name in marts and marts[name].key} - keyed
    for table in sorted(new):
        _alone(dsn, partial(_add_key, mart=marts[table]))
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in sorted((copied.filled | copied.emptied) - new):
            # The space of rows that went is used again.
            work = "vacuum analyze {}" if table in copied.emptied else "analyze {}"
            connection.execute(sql.SQL(work).format(sql.Identifier(SCHEMA, table)))


def _add_key(connection: psycopg.Connection[tuple[object, ...]], mart: Mart) -> None:
    connection.execute(f"set local maintenance_work_mem = '{_KEY_MEMORY}'")
    connection.execute(
        sql.SQL("alter table {} add primary key ({})").format(
            sql.Identifier(SCHEMA, mart.name),
            sql.SQL(", ").join(map(sql.Identifier, mart.key)),
        )
    )


def differences(database: Path, dsn: str, marts: Mapping[str, Mart]) -> list[str]:
    """Compare the serving copy with the published file; return a line for each difference.

    Raises ServingError when the server cannot be asked.

    Compared are the stamp and, for each column, how many values it has and a sum over them: of
    numbers rounded to six decimals, of texts by their length, of dates by day.
    """
    try:
        return _differences(database, dsn, marts)
    except psycopg.Error as error:
        raise ServingError(_sentence(error, dsn)) from error


def _differences(database: Path, dsn: str, marts: Mapping[str, Mart]) -> list[str]:
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
                    found.append(f"{table}: the copy has no such table")
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
