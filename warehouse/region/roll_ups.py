"""The roll-ups of a region: the query `roll_up.sql.j2` over the counties' marts, a table each.

They are worked out by DuckDB in the region's file, or by Spark where ECO_ENGINE says so: then the
marts that they read go to Spark as Parquet, and the results come back as Parquet. The query is the
same, in SQL that both understand.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sources.contracts import load_contracts
from warehouse.build import spark
from warehouse.home.files import fresh_folder, remove
from warehouse.home.layout import Home
from warehouse.home.settings import EngineSettings
from warehouse.home.sql import identifier, literal
from warehouse.publication.marts import SCHEMA
from warehouse.region.members import Region

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REGION = "region"  # schema of the layer's own tables
QUERY = Path(__file__).parent / "roll_up.sql.j2"
TABLES = {"indicators": {"by_year": False}, "indicator_years": {"by_year": True}}
# Units whose amounts add up across counties; shares, concentrations and amounts per unit do not.
_SUMMED = {
    *("area", "count", "energy", "households", "mass", "money", "population", "power"),
    *("radioactive_sources", "standard_coal", "steam_capacity", "volume"),
}
_MART = re.compile(rf"\b{SCHEMA}\.(\w+)")


def roll_up(connection: duckdb.DuckDBPyConnection, region: Region) -> None:
    """Create the tables of roll-ups in schema region, on the engine of the environment.

    Raises SparkError, SettingsError.
    """
    queries = _queries()
    settings = EngineSettings.load()
    if settings.engine == "spark":
        _on_spark(connection, region, settings, queries)
    else:
        _on_duckdb(connection, queries)


def _queries() -> dict[str, str]:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(QUERY.read_text(encoding="utf-8"))
    return {name: template.render(variables) for name, variables in TABLES.items()}


def _summed_units() -> list[str]:
    return [unit.unit for unit in load_contracts().units if unit.dimension in _SUMMED]


def _on_duckdb(connection: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> None:
    connection.execute("create temp table summed_units (unit varchar)")
    connection.execute("insert into summed_units select unnest(?)", [_summed_units()])
    for name, query in sorted(queries.items()):
        connection.execute(f"create table {REGION}.{identifier(name)} as {query}")
    connection.execute("drop table summed_units")


def _on_spark(
    connection: duckdb.DuckDBPyConnection,
    region: Region,
    settings: EngineSettings,
    queries: dict[str, str],
) -> None:
    with _folder(region) as folder, spark.session(Home(region.root), settings) as session:
        session.conf.set("spark.sql.shuffle.partitions", str(settings.spark_partitions))
        units = session.createDataFrame([(unit,) for unit in _summed_units()], "unit string")
        units.createOrReplaceTempView("summed_units")
        marts = sorted({mart for query in queries.values() for mart in _MART.findall(query)})
        _register(connection, session, folder, marts)
        for name, query in sorted(queries.items()):
            target = folder / REGION / name
            session.sql(query).write.parquet(str(target))
            connection.execute(
                f"create table {REGION}.{identifier(name)} as "
                f"from read_parquet({literal(target / '*.parquet')})"
            )
        session.sql(f"drop schema {SCHEMA} cascade")


@contextmanager
def _folder(region: Region) -> Iterator[Path]:
    """Yield an empty folder for what goes to Spark and comes back, and remove it."""
    folder = fresh_folder(region.state / "spark")
    try:
        yield folder
    finally:
        remove(folder)


def _register(
    connection: duckdb.DuckDBPyConnection,
    session: "SparkSession",
    folder: Path,
    marts: list[str],
) -> None:
    """Make tables of Spark of marts of the region's file."""
    session.sql(f"drop schema if exists {SCHEMA} cascade")
    session.sql(f"create schema {SCHEMA}")
    for mart in marts:
        path = folder / f"{mart}.parquet"
        name = f"{SCHEMA}.{identifier(mart)}"
        connection.execute(f"copy {name} to {literal(path)} (format parquet)")
        spark.create_parquet_table(session, name, path)
