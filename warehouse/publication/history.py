"""Which publication a build is compared with, and what of it the build may read.

A build of the present follows the last publication of the present; one as of a past moment follows
the one that a load of that moment would have followed, so that both say the same. Publications as
of a past moment (`--as-of`) are an answer to a question and have no successors.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.home.layout import Home
from warehouse.home.sql import identifier, literal

STAMP_FORMAT = "%Y%m%dT%H%M%S%fZ"
SCHEMA = "last_publication"
# Columns by table, as {name: SQL type}: what a build is to find in that schema.
Remembered = Mapping[str, Mapping[str, str]]


def seen(today: date, submissions: int) -> dict[str, Any]:
    """What a publication notes of what it saw; two that saw the same are one for its successors."""
    return {"today": today.isoformat(), "submissions": submissions}


def seen_by(build: Path) -> dict[str, Any]:
    """The same, asked of a finished build."""
    with duckdb.connect(str(build), read_only=True) as connection:
        row = connection.execute(
            "select today, (select count(*) from intake.submissions) from intake.build"
        ).fetchone()
    if row is None:
        raise ValueError(f"{build} does not say of which moment it is; run the load again")
    return seen(*row)


def moment_of(build: Path) -> datetime:
    """The moment (UTC) that a finished build sees everything as of."""
    with duckdb.connect(str(build), read_only=True) as connection:
        (built_at,) = connection.execute("select built_at from intake.build").fetchone() or (None,)
    if built_at is None:
        raise ValueError(f"{build} does not say of which moment it is; run the load again")
    return built_at.replace(tzinfo=UTC)


def moment_seen(home: Home, stamp: str) -> datetime:
    """The moment as of which a publication was built: a build as of it makes the same again.

    A publication is named by when it was put together, a little later: what was taken in between
    is not in it. Where its manifest is no longer kept, the name is all there is. Raises ValueError
    when `stamp` is no name of a publication.
    """
    named = datetime.strptime(stamp, STAMP_FORMAT).replace(tzinfo=UTC)
    manifest = home.snapshots / stamp / "manifest.json"
    if not manifest.is_file():
        return named
    said = json.loads(manifest.read_text(encoding="utf-8")).get("moment")
    return datetime.fromisoformat(said) if said else named


def predecessor(home: Home, moment: datetime, sees: Mapping[str, Any]) -> Path | None:
    """The published file that a build of `moment` (aware) is compared with, or None.

    It is the latest snapshot of the present that was made before that moment and saw something
    else than this build: the same load done twice has one predecessor.
    """
    if not home.snapshots.is_dir():
        return None
    last = moment.strftime(STAMP_FORMAT)
    for folder in sorted(home.snapshots.iterdir(), reverse=True):
        manifest, database = folder / "manifest.json", folder / home.database.name
        if folder.name > last or not manifest.is_file() or not database.is_file():
            continue
        said = json.loads(manifest.read_text(encoding="utf-8"))
        if not said.get("as_of") and said.get("seen") != sees:
            return database
    return None


def remember(
    connection: duckdb.DuckDBPyConnection, database: Path | None, tables: Remembered
) -> None:
    """Copy the tables of a publication into the build's schema `last_publication`, typed as asked.

    A table or column that the publication lacks is empty or null.
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
