"""The published file of a region: the counties' marts with the county first, and roll-ups.

Schema `marts` has every mart that a county publishes, with the column `county_code` before its own
columns; a county's rows are those of its own published file, and columns that an older publication
lacks are null. Schema `bi` has the same with Chinese names, schema `region` the counties and the
queries of `queries/` over the marts. The file is made anew when a county has published, or the
result of its load has changed; otherwise the last one stands.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import duckdb

from sources.contracts import load_contracts
from warehouse.home import clock
from warehouse.home.files import replacing
from warehouse.home.software import software_version
from warehouse.home.sql import identifier, literal
from warehouse.publication.current import PublishError, current_manifest
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import SCHEMA, VIEWS
from warehouse.publication.titles import mart_columns, read_titles
from warehouse.region.members import Load, Member, Region, RegionError

COUNTY = "county_code"
COUNTY_ZH = "县区"
REGION = "region"  # schema of the layer's own tables
_QUERIES = Path(__file__).parent / "queries"
# Units whose amounts add up across counties; shares, concentrations and amounts per unit do not.
_SUMMED = {
    *("area", "count", "energy", "households", "mass", "money", "population", "power"),
    *("radioactive_sources", "standard_coal", "steam_capacity", "volume"),
}
_KEPT_ZH = "沿用上次发布"
STATES_ZH = {
    "published": "已更新",
    "unchanged": "无变化",
    "refused": "检查未通过",
    "failed": "装载失败",
    "not_loaded": "尚未装载",
}
_COUNTIES = """\
create table region.counties (
  county_code varchar primary key, name_zh varchar not null, result varchar not null,
  result_zh varchar not null, is_kept boolean not null, kept_since timestamp, stamp varchar,
  published_at timestamp, schema_version varchar, software_version varchar, demonstration varchar)
"""


@dataclass(frozen=True)
class CountyState:
    """A county as the layer sees it: how its last load ended, and what it has published."""

    code: str
    name_zh: str
    result: str
    is_kept: bool
    kept_since: str | None
    stamp: str | None
    published_at: str | None
    schema_version: str | None
    software_version: str | None
    demonstration: str | None

    @property
    def result_zh(self) -> str:
        """How the last load ended, in Chinese; that the publication before it stands."""
        words = STATES_ZH[self.result]
        if not self.is_kept:
            return words
        return f"{words}，{_KEPT_ZH}" if self.stamp else f"{words}，尚未发布"


@dataclass(frozen=True)
class Layer:
    """The published file of a region: when it was made, of what, and whether just now."""

    built_at: str
    counties: tuple[CountyState, ...]
    is_new: bool


def county_state(region: Region, member: Member, load: Load | None) -> CountyState:
    """Return a county's state. One whose published file cannot be read counts as not published."""
    manifest: PublicationManifest | None
    try:
        manifest = current_manifest(region.home_of(member))
    except PublishError:
        manifest = None
    return CountyState(
        code=member.code,
        name_zh=member.name_zh,
        result=load.result if load else "not_loaded",
        is_kept=load is not None and not load.is_good,
        kept_since=load.since if load else None,
        stamp=manifest.stamp if manifest else None,
        published_at=manifest.built_at if manifest else None,
        schema_version=manifest.schema_version if manifest else None,
        software_version=manifest.build.software_version if manifest else None,
        demonstration=manifest.build.demonstration if manifest else None,
    )


def county_states(region: Region) -> tuple[CountyState, ...]:
    """Return the states of all counties of a region, in the order of their codes."""
    loads = region.loads()
    return tuple(county_state(region, member, loads.get(member.code)) for member in region.members)


def publish(region: Region) -> Layer:
    """Make the region's file where something has changed since the last one, by an atomic replace.

    Readers that have the old file open go on reading it. Raises RegionError when no county has
    published anything.
    """
    states = county_states(region)
    if not any(state.stamp for state in states):
        raise RegionError(
            f"no county of {region.name_zh} has published anything yet; {region.logs} has the "
            "output of their loads"
        )
    inputs = _digest(region, states)
    before = _published(region)
    if before is not None and before[1] == inputs:
        return Layer(before[0], states, is_new=False)
    built_at = clock.now().isoformat()
    with replacing(region.database) as part:
        part.unlink(missing_ok=True)
        with duckdb.connect(str(part)) as connection:
            _fill(connection, region, states)
            _describe_publication(connection, region, built_at, inputs)
        # A leftover log beside the old file would be replayed into the new one.
        region.database.with_name(region.database.name + ".wal").unlink(missing_ok=True)
    return Layer(built_at, states, is_new=True)


def _digest(region: Region, states: Sequence[CountyState]) -> str:
    """Return a digest of all that the layer follows from: publications, results, code."""
    found = sha256(json.dumps([region.name_zh, *map(asdict, states)], sort_keys=True).encode())
    found.update(str(software_version()).encode())
    for path in sorted([*_QUERIES.glob("*.sql"), *Path(__file__).parent.glob("*.py")]):
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def _published(region: Region) -> tuple[str, str] | None:
    """Return moment and inputs of the region's file, None where there is none that can be read."""
    if not region.database.exists():
        return None
    try:
        with duckdb.connect(str(region.database), read_only=True) as connection:
            row = connection.execute("select built_at, inputs from meta.region").fetchone()
    except duckdb.Error:
        return None
    return (row[0], row[1]) if row else None


def _fill(
    connection: duckdb.DuckDBPyConnection, region: Region, states: Sequence[CountyState]
) -> None:
    for schema in (SCHEMA, VIEWS, REGION):
        connection.execute(f"create schema {identifier(schema)}")
    _write_counties(connection, states)
    members = {member.code: member for member in region.members}
    published = {s.code: region.home_of(members[s.code]).database for s in states if s.stamp}
    # The newest publication comes first: tables have the order and types of its columns.
    newest_first = sorted((s for s in states if s.stamp), key=lambda s: str(s.stamp), reverse=True)
    files = {state.code: published[state.code] for state in newest_first}
    with _attached(connection, files) as catalogs:
        for state in newest_first:
            _require_stamp(connection, catalogs[state.code], state)
        for mart, owners in _marts(connection, catalogs).items():
            _copy_mart(connection, mart, owners)
        _copy_comments(connection, catalogs)
    _create_views(connection, next(iter(files.values())))
    _roll_up(connection)


def _write_counties(connection: duckdb.DuckDBPyConnection, states: Sequence[CountyState]) -> None:
    connection.execute(_COUNTIES)
    connection.executemany(
        "insert into region.counties values "
        "(?, ?, ?, ?, ?, cast(? as timestamptz) at time zone 'UTC', ?, "
        "cast(? as timestamptz) at time zone 'UTC', ?, ?, ?)",
        [
            (
                *(s.code, s.name_zh, s.result, s.result_zh, s.is_kept, s.kept_since, s.stamp),
                *(s.published_at, s.schema_version, s.software_version, s.demonstration),
            )
            for s in states
        ],
    )


@contextmanager
def _attached(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path]
) -> Iterator[dict[str, str]]:
    """Attach the counties' published files; yield their catalogs by the counties' codes."""
    catalogs = {code: f"county_{code}" for code in files}
    for code, path in files.items():
        connection.execute(f"attach {literal(path)} as {identifier(catalogs[code])} (read_only)")
    yield catalogs
    for catalog in catalogs.values():
        connection.execute(f"detach {identifier(catalog)}")


def _require_stamp(connection: duckdb.DuckDBPyConnection, catalog: str, state: CountyState) -> None:
    """Raise RegionError when a county has published since its state was read."""
    row = connection.execute(f"select stamp from {identifier(catalog)}.meta.publication").fetchone()
    if row != (state.stamp,):
        raise RegionError(
            f"{state.name_zh} published while the region was being made; run eco region nightly "
            "again"
        )


def _marts(
    connection: duckdb.DuckDBPyConnection, catalogs: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return the catalogs of the counties that have a mart, by mart and county."""
    found: dict[str, dict[str, str]] = {}
    for code, catalog in catalogs.items():
        for mart in mart_columns(connection, catalog):
            found.setdefault(mart, {})[code] = catalog
    return dict(sorted(found.items()))


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: str, owners: Mapping[str, str]) -> None:
    rows = " union all by name ".join(
        f"select {literal(code)} as {COUNTY}, * "
        f"from {identifier(catalog)}.{SCHEMA}.{identifier(mart)}"
        for code, catalog in owners.items()
    )
    connection.execute(f"create table {SCHEMA}.{identifier(mart)} as {rows}")


def _copy_comments(connection: duckdb.DuckDBPyConnection, catalogs: Mapping[str, str]) -> None:
    """Describe tables and columns as the counties' files do; the newest one's words count."""
    described: dict[str, str] = {}
    for catalog in reversed(list(catalogs.values())):
        for mart, comment in connection.execute(
            "select table_name, comment from duckdb_tables() "
            "where database_name = ? and schema_name = ? and comment is not null",
            [catalog, SCHEMA],
        ).fetchall():
            described[f"table {SCHEMA}.{identifier(mart)}"] = comment
        for mart, column, comment in connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where database_name = ? and schema_name = ? and comment is not null",
            [catalog, SCHEMA],
        ).fetchall():
            described[f"column {SCHEMA}.{identifier(mart)}.{identifier(column)}"] = comment
    for (mart,) in connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = ?",
        [SCHEMA],
    ).fetchall():
        described[f"column {SCHEMA}.{identifier(mart)}.{COUNTY}"] = (
            "code of the county whose row it is (region.counties)"
        )
    statements = [f"comment on {what} is {literal(text)}" for what, text in described.items()]
    connection.execute(";".join(statements))


def _create_views(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Create the Chinese views as the newest county's file has them, the county's name first."""
    titles = read_titles(database)
    for mart, columns in mart_columns(connection, _catalog(connection)).items():
        if mart not in titles or not titles[mart].columns_zh:
            continue
        named = titles[mart].columns_zh
        listed = [f"counties.name_zh as {identifier(COUNTY_ZH)}"]
        listed += [
            f"rows.{identifier(column)} as {identifier(named[column])}"
            for column in columns
            if column in named
        ]
        connection.execute(
            f"create view {VIEWS}.{identifier(titles[mart].title_zh)} as "
            f"select {', '.join(listed)} from {SCHEMA}.{identifier(mart)} as rows "
            f"inner join {REGION}.counties as counties on rows.{COUNTY} = counties.{COUNTY}"
        )


def _catalog(connection: duckdb.DuckDBPyConnection) -> str:
    [(name,)] = connection.execute("select current_database()").fetchall()
    return name


def _roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Create a table of schema region for each query."""
    connection.execute("create temp table summed_units (unit varchar)")
    units = [unit.unit for unit in load_contracts().units if unit.dimension in _SUMMED]
    connection.execute("insert into summed_units select unnest(?)", [units])
    for path in sorted(_QUERIES.glob("*.sql")):
        query = path.read_text(encoding="utf-8")
        connection.execute(f"create table {REGION}.{identifier(path.stem)} as {query}")
    connection.execute("drop table summed_units")


def _describe_publication(
    connection: duckdb.DuckDBPyConnection, region: Region, built_at: str, inputs: str
) -> None:
    connection.execute("create schema meta")
    connection.execute(
        "create table meta.region "
        "(name_zh varchar, built_at varchar, software_version varchar, inputs varchar)"
    )
    connection.execute(
        "insert into meta.region values (?, ?, ?, ?)",
        [region.name_zh, built_at, software_version(), inputs],
    )
