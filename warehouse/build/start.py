"""Starting a build: a new DuckDB file with the sources of the dbt project.

Schema `lake` has a view per dataset over the Parquet files of the visible submissions (all, or
those received up to a moment) that are not held, schema `intake` the submissions, those held, their
rejected rows, the years of the lake (by which results may be reused from build to build) and the
moment of the build, schema `last_publication` tables of the previous publication. Which models dbt
makes of them is not known here.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import duckdb
import polars as pl

from sources.contracts import ROW_COLUMNS, Contract, Contracts
from warehouse.build.compact import Compaction, Part
from warehouse.care import verify
from warehouse.home import clock
from warehouse.home.clock import county_day
from warehouse.home.files import fresh_folder, remove
from warehouse.home.layout import Home
from warehouse.home.sql import identifier, literal
from warehouse.lake.holds import Decision, held
from warehouse.lake.index import submissions
from warehouse.lake.submissions import (
    REJECTED_COLUMNS,
    StoredFile,
    Submission,
    period_year,
)
from warehouse.publication import history
from warehouse.publication.manifest import VisibleData

# Columns of intake.submissions in order, as the dbt source declares them (a test compares).
SUBMISSION_COLUMNS: dict[str, type[pl.DataType] | pl.DataType] = {
    "submission_id": pl.String,
    "department": pl.String,
    "dataset": pl.String,
    "file_name": pl.String,
    "sheet": pl.String,
    "sha256": pl.String,
    "received_at": pl.Datetime("us"),
    "status": pl.String,
    "reason_code": pl.String,
    "reason_zh": pl.String,
    "encoding": pl.String,
    "rows_read": pl.Int64,
    "rows_accepted": pl.Int64,
    "rows_rejected": pl.Int64,
    "rows_duplicate": pl.Int64,
    "periods": pl.String,
    "software_version": pl.String,
}

# Columns of intake.holds, one row per submission that is held.
HOLD_COLUMNS: dict[str, type[pl.DataType] | pl.DataType] = {
    "submission_id": pl.String,
    "held_at": pl.Datetime("us"),
    "held_by": pl.String,
    "rule": pl.String,
    "indicator_ids": pl.String,
    "reason": pl.String,
    "rows_waiting": pl.Int64,
}

# Columns of intake.build, one row: the moment as of which the build sees everything.
BUILD_COLUMNS: dict[str, type[pl.DataType] | pl.DataType] = {
    "built_at": pl.Datetime("us"),
    "as_of": pl.Boolean,
    "today": pl.Date,
}

# Columns of intake.lake_years, the source of models whose results are reused by year of the lake.
LAKE_YEAR_COLUMNS: dict[str, type[pl.DataType] | pl.DataType] = {
    "dataset": pl.String,
    "period_year": pl.Int64,
    "rows_sql": pl.String,
    "keep_as": pl.String,
}
# Versions that are kept of each result: those of the last nights, and of builds as of a moment.
_KEPT_VERSIONS = 4
# Only this version of DuckDB reads a build: its newest storage of texts takes half the time.
_STORAGE: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "latest"
}


def _file_list(home: Home, relative_paths: Iterable[str]) -> str:
    return "[" + ", ".join(literal(home.root / path) for path in relative_paths) + "]"


def _nulls(types: Mapping[str, str]) -> str:
    """Return typed nulls as the columns of a query."""
    return ", ".join(
        f"cast(null as {sql_type}) as {identifier(column)}" for column, sql_type in types.items()
    )


def _rows_sql(home: Home, contract: Contract, files: Sequence[str]) -> str:
    """Return the query that reads files of a dataset, with the columns of its contract."""
    types = {f.field: f.sql_type for f in contract.fields} | ROW_COLUMNS
    empty = f"select {_nulls(types)} where false"
    if not files:
        return empty
    # The typed empty relation comes first: the union by name gives older files the columns that
    # the contract has gained since, and keeps the type of every column.
    columns = ", ".join(identifier(column) for column in types)
    return (
        f"select {columns} from ({empty} union all by name "
        f"select * from read_parquet({_file_list(home, files)}, union_by_name = true, "
        "hive_partitioning = false))"
    )


@dataclass(frozen=True)
class _Year:
    """The files of a dataset and period year that a build reads, and a key of their content."""

    year: int | None
    files: list[str]
    digest: str


def _rejected_sql(home: Home, files: Sequence[str]) -> str:
    """Return the query that reads files of rejected rows, with REJECTED_COLUMNS."""
    types = {n: "bigint" if t.is_integer() else "varchar" for n, t in REJECTED_COLUMNS.items()}
    empty = f"select {_nulls(types)} where false"
    if not files:
        return empty
    # The empty relation gives columns that files lack: those that quarantine gained since, and
    # those that only rows of converted tables have.
    columns = ", ".join(REJECTED_COLUMNS)
    return (
        f"select {columns} from ({empty} union all by name select * from "
        f"read_parquet({_file_list(home, files)}, union_by_name = true))"
    )


def _lake_years(
    home: Home,
    contract: Contract,
    delivered: Iterable[Submission],
    held: Collection[str],
    compaction: Compaction,
) -> Iterator[_Year]:
    """Yield the years of a dataset that have rows of submissions that are not held."""
    years: dict[int | None, list[tuple[Submission, StoredFile]]] = {}
    for submission in delivered:
        for file in submission.files:
            years.setdefault(period_year(file.path), []).append((submission, file))
    types = {f.field: f.sql_type for f in contract.fields}
    for year, stored in years.items():
        content = [
            (s.submission_id, s.received_at, file.sha256)
            for s, file in stored
            if s.submission_id not in held
        ]
        if content:
            files = compaction.files(
                f"{contract.dataset}/{year}",
                [Part(s.submission_id, file) for s, file in stored],
                partial(_rows_sql, home, contract),
                held,
            )
            digest = sha256(json.dumps([types, sorted(content)]).encode()).hexdigest()[:16]
            yield _Year(year, files, digest)


def _lake_years_table(home: Home, contract: Contract, years: Iterable[_Year]) -> list[dict]:
    """Return rows of intake.lake_years: the query of a year's rows, and a key of its content."""
    return [
        {
            "dataset": contract.dataset,
            "period_year": each.year,
            "rows_sql": f"({_rows_sql(home, contract, each.files)})",
            "keep_as": str(home.kept / contract.dataset / f"{each.year}-{each.digest}"),
        }
        for each in years
    ]


def _prepare_kept(home: Home, contracts: Contracts) -> None:
    """Create the folders of reusable results; remove older versions and incomplete files."""
    for contract in contracts:
        folder = home.kept / contract.dataset
        if not folder.is_dir():
            fresh_folder(folder)
        versions: dict[tuple[str, str], list[Path]] = {}
        for path in folder.iterdir():
            year, _, model, *_ = [*path.stem.split("-"), "", ""]
            whole = path.suffix == ".parquet" and not verify.find_damage(path, None, parquet=True)
            if whole and not path.name.startswith("tmp_"):
                versions.setdefault((year, model), []).append(path)
            else:
                remove(path)
        for paths in versions.values():
            newest = sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)
            for path in newest[_KEPT_VERSIONS:]:
                path.unlink()


def _submissions_frame(visible: Iterable[Submission]) -> pl.DataFrame:
    rows = [
        {
            **{name: getattr(s, name) for name in SUBMISSION_COLUMNS},
            "received_at": _naive(s.received),
            "periods": ";".join(s.periods),
        }
        for s in visible
    ]
    return pl.DataFrame(rows, schema=SUBMISSION_COLUMNS)


def _rows_waiting(
    connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, submission: Submission
) -> int:
    """Count the rows of a held submission whose keys none has delivered that came later."""
    if submission.dataset not in contracts.datasets:
        return 0
    contract = contracts[submission.dataset]
    rows = _rows_sql(home, contract, [file.path for file in submission.files])
    same_key = " and ".join(
        f"later.{identifier(f.field)} is not distinct from waiting.{identifier(f.field)}"
        for f in contract.key_fields
    )
    counted = connection.execute(
        f"select count(*) from ({rows}) as waiting where not exists ("
        f"select 1 from lake.{identifier(contract.dataset)} as later "
        "inner join intake.submissions as delivered "
        "on later.submission_id = delivered.submission_id "
        f"where delivered.received_at > ? and {same_key})",
        [_naive(submission.received)],
    ).fetchone()
    return counted[0] if counted else 0


def _create_holds(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    contracts: Contracts,
    holds: Mapping[str, tuple[Submission, Decision]],
) -> None:
    rows = [
        {
            "submission_id": submission.submission_id,
            "held_at": _naive(decision.moment),
            "held_by": decision.by,
            "rule": decision.rule,
            "indicator_ids": ";".join(decision.indicator_ids) or None,
            "reason": decision.reason,
            "rows_waiting": _rows_waiting(connection, home, contracts, submission),
        }
        for submission, decision in holds.values()
    ]
    _create_intake_tables(connection, home, {"holds": pl.DataFrame(rows, schema=HOLD_COLUMNS)})


def _naive(moment: datetime) -> datetime:
    """Return an aware moment as the tables of a build have it: in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _by_dataset(contracts: Contracts, visible: Iterable[Submission]) -> dict[str, list[Submission]]:
    found: dict[str, list[Submission]] = {dataset: [] for dataset in contracts.datasets}
    for submission in visible:
        if submission.dataset in found:
            found[submission.dataset].append(submission)
    return found


def _create_lake_views(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    contracts: Contracts,
    years: Mapping[str, Sequence[_Year]],
) -> None:
    connection.execute("create schema lake")
    for contract in contracts:
        files = [file for year in years[contract.dataset] for file in year.files]
        rows = _rows_sql(home, contract, files)
        connection.execute(f"create view lake.{identifier(contract.dataset)} as {rows}")


def _create_intake_tables(
    connection: duckdb.DuckDBPyConnection, home: Home, tables: Mapping[str, pl.DataFrame]
) -> None:
    connection.execute("create schema if not exists intake")
    # Each through a file: to read a frame, DuckDB imports pyarrow and pandas, 0.3 s.
    for name, frame in tables.items():
        path = home.build_database.with_name(f"{name}.parquet")
        frame.write_parquet(path)
        connection.execute(f"create table intake.{name} as from read_parquet({literal(path)})")
        path.unlink()


def start_build(
    home: Home,
    contracts: Contracts,
    *,
    as_of: datetime | None = None,
    previous_tables: history.TableColumns | None = None,
    also_held: Mapping[str, Decision] = MappingProxyType({}),
) -> Path:
    """Create the build file anew; return its path.

    `as_of` is an aware moment; without one the build sees the present. `previous_tables` are the
    tables of the previous publication that the build may read, with their columns. The rows of held
    submissions are left out: those on record, and `also_held`. Raises LakeError when a file that a
    manifest names is missing or truncated.
    """
    moment = as_of or clock.now()
    today = county_day(moment)
    visible = submissions(home, as_of)
    verify.require_whole(home, visible)
    decided = {**held(home, as_of), **also_held}
    holds = {
        s.submission_id: (s, decided[s.submission_id])
        for s in visible
        if s.submission_id in decided
    }
    target = home.build_database
    fresh_folder(target.parent)
    _prepare_kept(home, contracts)
    compaction = Compaction(home)
    delivered = _by_dataset(contracts, visible)
    years = {
        c.dataset: list(_lake_years(home, c, delivered[c.dataset], holds, compaction))
        for c in contracts
    }
    lake_years = [row for c in contracts for row in _lake_years_table(home, c, years[c.dataset])]
    build = {
        "built_at": _naive(moment),
        "as_of": as_of is not None,
        "today": today,
    }
    tables = {
        "lake_years": pl.DataFrame(lake_years, schema=LAKE_YEAR_COLUMNS),
        "submissions": _submissions_frame(visible),
        "build": pl.DataFrame([build], schema=BUILD_COLUMNS),
        "rejected_rows": pl.DataFrame(schema=REJECTED_COLUMNS),
    }
    with duckdb.connect(str(target), config=_STORAGE) as connection:
        _create_lake_views(connection, home, contracts, years)
        _create_intake_tables(connection, home, tables)
        _create_holds(connection, home, contracts, holds)
        seen = VisibleData.of(today, len(visible), len(holds))
        previous = history.predecessor(home, moment, seen)
        history.copy_tables(connection, previous, previous_tables or {})
        quarantined = [Part(s.submission_id, s.quarantine) for s in visible if s.quarantine]
        rejected_sql = partial(_rejected_sql, home)
        files = compaction.files("rejected_rows/all", quarantined, rejected_sql)
        connection.execute(f"insert into intake.rejected_rows {rejected_sql(files)}")
    if as_of is None:
        compaction.remove_others()
    return target
