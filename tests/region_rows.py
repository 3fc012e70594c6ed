"""Comparing the marts of a region with what its counties publish."""

import duckdb

from warehouse.home.sql import identifier, literal
from warehouse.region.members import Member, Region


def differences(region: Region) -> list[str]:
    """Return the counties' marts whose rows or types in the region are not those of the county."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(region.database)} as region_file (read_only)")
        for member in region.members:
            database = region.home_of(member).database
            connection.execute(f"attach {literal(database)} as county (read_only)")
            found += [
                f"{member.code}: {mart}"
                for mart, columns in _columns(connection, "county").items()
                if not _is_equal(connection, member, mart, columns)
            ]
            connection.execute("detach county")
    return found


def _columns(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for mart, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = 'marts' order by table_name, column_index",
        [catalog],
    ).fetchall():
        found.setdefault(mart, {})[column] = kind
    return found


def _is_equal(
    connection: duckdb.DuckDBPyConnection, member: Member, mart: str, columns: dict[str, str]
) -> bool:
    here = _columns(connection, "region_file").get(mart, {})
    first, *own = here.items()
    if first != ("county_code", "VARCHAR") or not columns.items() <= dict(own).items():
        return False
    listed = ", ".join(map(identifier, columns))
    county = f"select {listed} from county.marts.{identifier(mart)}"
    region = (
        f"select {listed} from region_file.marts.{identifier(mart)} "
        f"where county_code = {literal(member.code)}"
    )
    [(count,)] = connection.execute(
        f"select (select count(*) from ({county} except all {region})) "
        f"+ (select count(*) from ({region} except all {county}))"
    ).fetchall()
    return count == 0
