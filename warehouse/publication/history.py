"""The earlier publication that a build is compared with, and the tables of it that a build reads.

A build of the present follows the last publication of the present; one as of a past moment follows
the one that a load of that moment would have followed, so that both give the same marts.
Publications as of a past moment (`--as-of`) answer a question and have no successors.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.home.layout import Home
from warehouse.home.sql import identifier, literal
from warehouse.publication.current import MANIFEST, read_manifest
from warehouse.publication.manifest import STAMP_FORMAT, VisibleData, stamp_time

SCHEMA = "last_publication"
# Tables that a build is to find in that schema, as {table: {column: SQL type}}.
TableColumns = Mapping[str, Mapping[str, str]]


def build_visible_data(build: Path) -> VisibleData:
    """Return the county's day and the numbers of submissions of a finished build."""
    with duckdb.connect(str(build), read_only=True) as connection:
        row = connection.execute(
            "select today, (select count(*) from intake.submissions), "
            "(select count(*) from intake.holds) from intake.build"
        ).fetchone()
    if row is None:
        raise ValueError(f"{build} has no row in intake.build; run the load again")
    return VisibleData.of(*row)


def build_moment(build: Path) -> datetime:
    """Return the moment (UTC) as of which a finished build sees everything."""
    with duckdb.connect(str(build), read_only=True) as connection:
        (built_at,) = connection.execute("select built_at from intake.build").fetchone() or (None,)
    if built_at is None:
        raise ValueError(f"{build} has no row in intake.build; run the load again")
    return built_at.replace(tzinfo=UTC)


def publication_moment(home: Home, stamp: str) -> datetime:
    """Return the moment (UTC) as of which a publication was built.

    A build as of that moment gives the same marts. The stamp itself is the time at which the
    publication was put together, a little later: files taken in between are not in it. It is
    returned where the manifest is no longer kept. Raises ValueError when `stamp` is no name of a
    publication.
    """
    assembled = stamp_time(stamp)
    path = home.snapshots / stamp / MANIFEST
    moment = read_manifest(path).build.moment if path.is_file() else None
    return datetime.fromisoformat(moment) if moment else assembled


def predecessor(home: Home, moment: datetime, visible: VisibleData) -> Path | None:
    """Return the published file that a build of `moment` (aware) is compared with, or None.

    It is the latest snapshot of the present that was made before that moment from other data than
    `visible`: the same load done twice has one predecessor.
    """
    if not home.snapshots.is_dir():
        return None
    last = moment.strftime(STAMP_FORMAT)
    for folder in sorted(home.snapshots.iterdir(), reverse=True):
        path, database = folder / MANIFEST, folder / home.database.name
        if folder.name > last or not path.is_file() or not database.is_file():
            continue
        build = read_manifest(path).build
        if not build.as_of and build.seen != visible:
            return database
    return None


def copy_tables(
    connection: duckdb.DuckDBPyConnection, database: Path | None, tables: TableColumns
) -> None:
    """Copy tables of a publication into the build's schema `last_publication`, typed as given.

    A table that the publication lacks is empty, a column is null.
    """
    connection.execute(f"create schema {SCHEMA}")
    present: set[str] = set()
    if database is not None:
        connection.execute(f"attach {literal(database)} as earlier (read_only)")
        present = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() "
                "where database_name = 'earlier' and schema_name = 'marts'"
            ).fetchall()
        }
    for table, columns in tables.items():
        names = ", ".join(identifier(column) for column in columns)
        typed = ", ".join(
            f"cast(null as {sql_type}) as {identifier(column)}"
            for column, sql_type in columns.items()
        )
        rows = f"select {typed} where false"
        if table in present:
            rows += f" union all by name select * from earlier.marts.{identifier(table)}"
        connection.execute(
            f"create table {SCHEMA}.{identifier(table)} as select {names} from ({rows})"
        )
    if database is not None:
        connection.execute("detach earlier")
