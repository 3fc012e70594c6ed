"""What the serving copy in PostgreSQL costs, beside DuckDB's own copy of the same rows.

    python -m tests.benchmarks.postgres_serving [--home DIR] [--rows 2000000] [--times 3]

Not a test. The published file of a home is served, and once more, as the next publication does.
Then `air_quality_daily` is filled with made-up rows, which are served into a new table, with one
day changed, and all anew in place of the rows there, each right after the floor: DuckDB's extension
writes the same rows into a table without key.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import duckdb
import psycopg

from orchestration.release.service import declared_marts
from tests.conftest import Eco
from tests.postgres_server import postgres_folder, running_server
from warehouse.home.sql import identifier, literal
from warehouse.output.postgres import serve
from warehouse.publication.current import current_manifest
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Mart

TABLE = "air_quality_daily"
NEW_TABLE = "into a new table"
_VALUES = {
    "VARCHAR": "'地' || i % 571",
    "DATE": "date '2015-01-01' + cast(i // 571 as integer)",
    "TIMESTAMP": "timestamp '2015-01-01' + to_days(cast(i // 571 as integer))",
    "DOUBLE": "round(random() * 100, 1)",
    "BOOLEAN": "i % 3 = 0",
}


def write_rows(published: Path, target: Path, mart: Mart, rows: int) -> None:
    """Write a file with that one mart: the published columns, a row per station and day."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {literal(published)} as published (read_only)")
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() where database_name = 'published' "
            "and schema_name = 'marts' and table_name = ? order by column_index",
            [TABLE],
        ).fetchall()
        values = ", ".join(
            f"cast({_VALUES.get(kind, 'i % 100')} as {kind}) as {identifier(name)}"
            for name, kind in columns
        )
        connection.execute("create schema marts")
        connection.execute(f"create table marts.{TABLE} as select {values} from range({rows}) t(i)")
        keys = ", ".join(map(identifier, mart.key))
        (distinct,) = connection.execute(
            f"select count(*) from (select distinct {keys} from marts.{TABLE})"
        ).fetchone() or (0,)
        assert distinct == rows, f"{mart.key} is no key of {rows:,} rows: {distinct:,}"


def bare_copy(database: Path, dsn: str) -> float:
    """The floor: DuckDB writes the rows into PostgreSQL, without key, comment or check."""
    import duckdb_extensions

    with duckdb.connect() as connection:
        duckdb_extensions.import_extension("postgres_scanner", con=connection)
        connection.execute(f"attach {literal(database)} as published (read_only)")
        connection.execute(f"attach {literal(dsn)} as serving (type postgres)")
        connection.execute("drop table if exists serving.public.floor")
        began = time.perf_counter()
        connection.execute(
            f"create table serving.public.floor as select * from published.marts.{TABLE}"
        )
        return time.perf_counter() - began


def change_a_day(database: Path) -> None:
    """Change the rows of one day, as a publication after a night does."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"update marts.{TABLE} set aqi = aqi + 1 "
            f"where day = (select max(day) from marts.{TABLE})"
        )


def drop_copy(dsn: str) -> None:
    """Drop the serving copy, so that the next one makes its tables."""
    with psycopg.connect(dsn) as connection:
        connection.execute("drop schema if exists marts, bi, meta cascade")


def measure(
    database: Path, dsn: str, marts: dict[str, Mart], manifest: PublicationManifest, times: int
) -> None:
    """Print how long each kind of copy takes beside the floor."""
    for label, repeated, everything in (
        (NEW_TABLE, times, False),
        ("one day changed", times, False),
        ("all rows anew", 1, True),
    ):
        pairs = []
        for _ in range(repeated):
            if label == NEW_TABLE:
                drop_copy(dsn)
            change_a_day(database)
            floor = bare_copy(database, dsn)
            served = serve(database, dsn, manifest=manifest, marts=marts, everything=everything)
            pairs.append((floor, served.seconds))
        shares = [copy / floor for floor, copy in pairs]
        print(
            f"  {label:<20} {median(c for _, c in pairs):.1f} s, floor "
            f"{median(f for f, _ in pairs):.1f} s: x{median(shares):.2f} "
            f"({' '.join(f'{share:.2f}' for share in shares)})",
            flush=True,
        )


def main() -> None:
    """Start a server, serve the home's publication, then the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--home", type=Path, help="with a publication; else one is loaded first")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--times", type=int, default=3, help="repetitions of the first two kinds")
    arguments = parser.parse_args()
    programs = postgres_folder()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    marts = declared_marts()
    with tempfile.TemporaryDirectory() as scratch, running_server(programs) as dsn:
        eco = Eco(arguments.home or Path(scratch) / "home")
        if arguments.home is None:
            eco("init", "--demo")
            eco("nightly")
        published, manifest = eco.home.database, current_manifest(eco.home)
        assert manifest is not None
        for label in ("first", "again"):
            served = serve(published, dsn, manifest=manifest, marts=marts)
            print(
                f"sample home, {label}: {len(served.tables)} tables, "
                f"{sum(served.tables.values()):,} rows in {served.seconds} s",
                flush=True,
            )
        database = Path(scratch) / "rows.duckdb"
        write_rows(published, database, marts[TABLE], arguments.rows)
        print(f"{TABLE}: {arguments.rows:,} rows", flush=True)
        one = {TABLE: replace(marts[TABLE], public_rows="true")}
        measure(database, dsn, one, manifest, arguments.times)


if __name__ == "__main__":
    main()
