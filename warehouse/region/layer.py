"""The published file of a region: the counties' marts with the county first, and roll-ups.

Schema `marts` has every mart that a county publishes, with the column `county_code` before its own
columns. A county's rows are those of its own published file; where that cannot be read, those of
the region's last file. Columns that an older publication lacks are null. Schema `bi` has the same
with Chinese names, schema `region` the counties and the roll-ups. The file is made anew when a
county has published, or its loads begin or cease to fail; otherwise the last one stands.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from warehouse.home import clock
from warehouse.home.files import replacing
from warehouse.home.software import software_version
from warehouse.home.sql import identifier, literal
from warehouse.publication.current import PublishError, current_manifest
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import SCHEMA, VIEWS
from warehouse.publication.titles import mart_columns, read_titles
from warehouse.region.members import Load, Member, Region, RegionError
from warehouse.region.roll_ups import QUERY, REGION, roll_up

COUNTY = "county_code"
COUNTY_ZH = "县区"
_KEPT_ZH = "沿用上次发布"
STATES_ZH = {
    "current": "已是最新",
    "refused": "检查未通过",
    "failed": "装载失败",
    "not_loaded": "尚未装载",
}
_COUNTIES = """\
create table region.counties (
  county_code varchar primary key, name_zh varchar not null, state varchar not null,
  state_zh varchar not null, is_kept boolean not null, kept_since timestamp, stamp varchar,
  published_at timestamp, schema_version varchar, software_version varchar, demonstration varchar)
"""


_NOT_PUBLISHED: dict[str, str | None] = dict.fromkeys(
    ("stamp", "published_at", "schema_version", "software_version", "demonstration")
)
_LAST = "last_region"  # catalog of the region's last file


@dataclass(frozen=True)
class CountyState:
    """A county as the layer sees it: the state that its last load left, and what it has published.

    `state` is one of STATES_ZH, `current` where the publication is the county's present.
    `is_readable` is whether its own published file can be read.
    """

    code: str
    name_zh: str
    state: str
    is_kept: bool
    kept_since: str | None
    stamp: str | None
    published_at: str | None
    schema_version: str | None
    software_version: str | None
    demonstration: str | None
    is_readable: bool

    @property
    def state_zh(self) -> str:
        """The state in Chinese; that the publication before it stands."""
        words = STATES_ZH[self.state]
        if not self.is_kept:
            return words
        return f"{words}，{_KEPT_ZH}" if self.stamp else f"{words}，尚未发布"


@dataclass(frozen=True)
class _Source:
    """A file that rows come from: a county's own, or the region's last one for some counties."""

    catalog: str
    path: Path
    counties: tuple[CountyState, ...]

    def rows(self, mart: str) -> str:
        """Return the query of a mart's rows, the county's code first."""
        table = f"{identifier(self.catalog)}.{SCHEMA}.{identifier(mart)}"
        codes = [literal(state.code) for state in self.counties]
        if self.catalog == _LAST:
            return f"select * from {table} where {COUNTY} in ({', '.join(codes)})"
        return f"select {codes[0]} as {COUNTY}, * from {table}"


@dataclass(frozen=True)
class Layer:
    """The published file of a region: when it was made, of what, and whether just now."""

    built_at: str
    counties: tuple[CountyState, ...]
    is_new: bool


def _publication(manifest: PublicationManifest) -> dict[str, str | None]:
    return {
        "stamp": manifest.stamp,
        "published_at": manifest.built_at,
        "schema_version": manifest.schema_version,
        "software_version": manifest.build.software_version,
        "demonstration": manifest.build.demonstration,
    }


def _state(load: Load | None) -> str:
    if load is None:
        return "not_loaded"
    return "current" if load.is_good else load.result


def _county_state(
    region: Region, member: Member, load: Load | None, before: Mapping[str, Any]
) -> CountyState:
    """Return a county's state; `before` are the publications in the region's last file."""
    try:
        manifest = current_manifest(region.home_of(member))
    except PublishError:
        manifest = None
    known = _publication(manifest) if manifest else before.get(member.code, _NOT_PUBLISHED)
    return CountyState(
        code=member.code,
        name_zh=member.name_zh,
        state=_state(load),
        is_kept=load is not None and not load.is_good,
        kept_since=load.since if load else None,
        is_readable=manifest is not None,
        **known,
    )


def county_states(region: Region) -> tuple[CountyState, ...]:
    """Return the states of all counties of a region, in the order of their codes."""
    loads, before = region.loads(), _publications_before(region)
    return tuple(
        _county_state(region, member, loads.get(member.code), before) for member in region.members
    )


def _publications_before(region: Region) -> dict[str, dict[str, str | None]]:
    """Return the publications in the region's last file, by the counties' codes."""
    if not region.database.exists():
        return {}
    columns = ["county_code", *_NOT_PUBLISHED]
    try:
        with duckdb.connect(str(region.database), read_only=True) as connection:
            rows = connection.execute(
                "select county_code, stamp, strftime(published_at, '%Y-%m-%dT%H:%M:%S.%f+00:00'), "
                "schema_version, software_version, demonstration from region.counties "
                "where stamp is not null"
            ).fetchall()
    except duckdb.Error:
        return {}
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return {row.pop("county_code"): row for row in found}


def publish(region: Region) -> Layer:
    """Make the region's file where something has changed since the last one, by an atomic replace.

    Readers that have the old file open go on reading it. Raises RegionError when no county has
    published anything.
    """
    states = county_states(region)
    if not any(state.is_readable for state in states):
        raise RegionError(
            f"no county of {region.name_zh} has a published file that can be read; {region.logs} "
            "has the output of their loads"
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
    """Return a digest of all that the layer follows from: publications, states, code."""
    found = sha256(json.dumps([region.name_zh, *map(asdict, states)], sort_keys=True).encode())
    found.update(str(software_version()).encode())
    for path in [QUERY, *sorted(Path(__file__).parent.glob("*.py"))]:
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
    sources = _sources(region, states)
    with _attached(connection, sources):
        _require_stamps(connection, sources)
        rows: dict[str, list[str]] = {}
        for source in sources:
            for mart in mart_columns(connection, source.catalog):
                rows.setdefault(mart, []).append(source.rows(mart))
        for mart, selects in sorted(rows.items()):
            union = " union all by name ".join(selects)
            connection.execute(f"create table {SCHEMA}.{identifier(mart)} as {union}")
        _copy_comments(connection, sources)
    _create_views(connection, sources[0].path)
    roll_up(connection, region)


def _sources(region: Region, states: Sequence[CountyState]) -> list[_Source]:
    """Return the files that rows come from; the first has the order and types of the columns."""
    homes = {member.code: region.home_of(member) for member in region.members}
    readable = [state for state in states if state.is_readable]
    newest_first = sorted(readable, key=lambda state: str(state.stamp), reverse=True)
    found = [
        _Source(f"county_{state.code}", homes[state.code].database, (state,))
        for state in newest_first
    ]
    kept = tuple(state for state in states if state.stamp and not state.is_readable)
    if kept:
        found.append(_Source(_LAST, region.database, kept))
    return found


def _write_counties(connection: duckdb.DuckDBPyConnection, states: Sequence[CountyState]) -> None:
    connection.execute(_COUNTIES)
    connection.executemany(
        "insert into region.counties values "
        "(?, ?, ?, ?, ?, cast(? as timestamptz) at time zone 'UTC', ?, "
        "cast(? as timestamptz) at time zone 'UTC', ?, ?, ?)",
        [
            (
                *(s.code, s.name_zh, s.state, s.state_zh, s.is_kept, s.kept_since, s.stamp),
                *(s.published_at, s.schema_version, s.software_version, s.demonstration),
            )
            for s in states
        ],
    )


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, sources: Sequence[_Source]) -> Iterator[None]:
    for source in sources:
        name = identifier(source.catalog)
        try:
            connection.execute(f"attach {literal(source.path)} as {name} (read_only)")
        except duckdb.Error as error:
            raise RegionError(
                f"{source.path} could be read a moment ago and cannot be opened: "
                f"{' '.join(str(error).split())[:200]} Run eco region nightly again"
            ) from None
    yield
    for source in sources:
        connection.execute(f"detach {identifier(source.catalog)}")


def _require_stamps(connection: duckdb.DuckDBPyConnection, sources: Sequence[_Source]) -> None:
    """Raise RegionError when a county has published since its state was read."""
    for source in sources:
        if source.catalog == _LAST:
            continue
        [state] = source.counties
        publication = f"{identifier(source.catalog)}.meta.publication"
        if connection.execute(f"select stamp from {publication}").fetchone() != (state.stamp,):
            raise RegionError(
                f"{state.name_zh} published while the region was being made; run eco region "
                "nightly again"
            )


def _copy_comments(connection: duckdb.DuckDBPyConnection, sources: Sequence[_Source]) -> None:
    """Describe tables and columns as the sources do; the newest one's words count."""
    described: dict[str, str] = {}
    for catalog in (source.catalog for source in reversed(sources)):
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
