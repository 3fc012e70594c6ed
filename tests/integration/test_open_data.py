"""What a load publishes for everybody: open data by its standards' own libraries, and drivers."""

import csv
import json
import shutil
from pathlib import Path

import adbc_driver_duckdb
import adbc_driver_manager.dbapi
import duckdb
import pytest
import sqlalchemy
from frictionless import validate
from pysdmx.io import get_datasets, read_sdmx

from sources.contracts import load_contracts
from tests.conftest import Eco
from warehouse.publication import published_schema

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published open data, carried away."""
    target = tmp_path_factory.mktemp("open") / "data"
    shutil.copytree(loaded.home.open_data, target)
    return target


def test_the_data_package_is_valid_and_damage_is_not(folder: Path, tmp_path: Path) -> None:
    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["name", "message"])[:3]
    harmed = tmp_path / "harmed"
    shutil.copytree(folder, harmed)
    # Only what is harmed is validated again: a whole package takes seconds.
    package = json.loads((harmed / "datapackage.json").read_text("utf-8"))
    named = ("findings-parquet", "indicator-values")
    package["resources"] = [r for r in package["resources"] if r["name"] in named]
    (harmed / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    parquet = harmed / "parquet" / "findings.parquet"
    parquet.write_bytes(parquet.read_bytes()[:-1] + b"x")
    text = harmed / "csv" / "indicator_values.csv"
    text.write_text(text.read_text("utf-8").replace(",2020,", ",zwei,", 1), encoding="utf-8")
    found = validate(str(harmed / "datapackage.json"))
    assert {task.name for task in found.tasks if not task.valid} == set(named)


def test_every_mart_is_there_in_both_forms_with_the_same_rows(loaded: Eco, folder: Path) -> None:
    tables = [
        t
        for (t,) in loaded.sql(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        )
    ]
    for form in ("csv", "parquet"):
        assert sorted(p.stem for p in (folder / form).iterdir()) == tables
    with duckdb.connect(str(loaded.home.database), read_only=True) as connection:
        for table in tables:
            parquet = f"from '{folder}/parquet/{table}.parquet'"
            # Columns that are not public are in the published file alone.
            columns = ", ".join(
                f'"{name}"' for name, *_ in connection.execute(f"describe {parquet}").fetchall()
            )
            mart = f"select {columns} from marts.{table}"
            parquet = f"select {columns} {parquet}"
            differing = connection.execute(
                f"select count(*) from (({mart} except all {parquet}) union all "
                f"({parquet} except all {mart}))"
            ).fetchone()
            assert differing == (0,), table
            count = connection.execute(f"select count(*) from ({mart})").fetchone()
            with (folder / "csv" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
                assert (sum(1 for _ in csv.reader(file)) - 1,) == count, table


def test_sdmx_reads_back_as_the_values_that_are_published(loaded: Eco, folder: Path) -> None:
    structure = folder / "sdmx" / "indicator_values_structure.xml"
    kinds = {type(found).__name__ for found in read_sdmx(structure).structures}
    assert {"Codelist", "ConceptScheme", "DataStructureDefinition", "Dataflow"} <= kinds
    [dataset] = get_datasets(folder / "sdmx" / "indicator_values.csv", structure)
    columns = ["INDICATOR", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE"]
    read = {
        (row[0], row[1], int(row[2]), float(row[3]), row[4])
        for row in dataset.data[columns].itertuples(index=False)
    }
    published = loaded.sql(
        "select indicator_id, area, year, value, unit from marts.indicator_values "
        "where value is not null"
    )
    assert len(dataset.data) == len(published) > 40
    assert read == set(published)


def test_sdmx_has_targets_and_statuses_too(loaded: Eco, folder: Path) -> None:
    """Also of years without a value; the list of indicators is the same in every structure."""
    lists = {}
    for mart in ("indicator_values", "indicator_annual"):
        for found in read_sdmx(folder / "sdmx" / f"{mart}_structure.xml").structures:
            if type(found).__name__ == "Codelist" and found.id == "CL_INDICATOR":
                lists[mart] = {code.id: code.name for code in found}
    assert lists["indicator_values"] == lists["indicator_annual"] and len(lists) == 2
    structure = folder / "sdmx" / "indicator_annual_structure.xml"
    [dataset] = get_datasets(folder / "sdmx" / "indicator_annual.csv", structure)
    columns = ["INDICATOR", "TIME_PERIOD", "TARGET", "STATUS"]
    read = {
        (row[0], int(row[1]), float(row[2]) if row[2] not in (None, "") else None, row[3])
        for row in dataset.data[columns].astype(object).itertuples(index=False)
        if row[2] == row[2]
    }
    published = loaded.sql(
        "select indicator_id, year, target_in_force, status from marts.indicator_annual "
        "where target_in_force is not null"
    )
    assert {row for row in read if row[2] is not None} == set(published)
    count = loaded.sql("select count(*) from marts.indicator_annual")
    assert [(len(dataset.data),)] == count
    [targets] = get_datasets(
        folder / "sdmx" / "plan_targets.csv", folder / "sdmx" / "plan_targets_structure.xml"
    )
    assert len(targets.data) == 163


def test_the_dictionary_explains_every_field_and_every_column(folder: Path) -> None:
    text = (folder / "data_dictionary.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    named = {value for row in rows for value in row.values()}
    for contract in load_contracts():
        assert contract.dataset in named
        assert {field.field for field in contract.fields} <= named
    for table, columns in published_schema.recorded_tables().items():
        assert table in named
        assert set(columns) <= named


def test_the_published_file_opens_through_sqlalchemy_and_db_api(loaded: Eco) -> None:
    engine = sqlalchemy.create_engine(
        f"duckdb:///{loaded.home.database}", connect_args={"read_only": True}
    )
    query = "select count(*) from marts.indicator_progress"
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text(query)).scalar() == 21 + 26 + 66
        assert "indicator_progress" in sqlalchemy.inspect(connection).get_table_names("marts")
        with pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"):
            connection.execute(sqlalchemy.text("create table marts.x (y int)"))
    engine.dispose()
    with duckdb.connect(str(loaded.home.database), read_only=True) as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        assert cursor.fetchone() == (21 + 26 + 66,)
        assert cursor.description[0][0] == "count_star()"


def test_the_published_file_opens_through_a_driver_manager(loaded: Eco) -> None:
    """Address, driver and options from outside, as ADBC, JDBC and ODBC have it."""
    with adbc_driver_manager.dbapi.connect(
        driver=adbc_driver_duckdb.driver_path(),
        entrypoint="duckdb_adbc_init",
        db_kwargs={"path": str(loaded.home.database), "access_mode": "READ_ONLY"},
        autocommit=True,
    ) as connection:
        tables = connection.adbc_get_objects(db_schema_filter="marts").read_all().to_pylist()
        assert "indicator_progress" in str(tables)
        with connection.cursor() as cursor:
            cursor.execute("select indicator_id, latest_value from marts.indicator_progress")
            found = cursor.fetch_arrow_table()
            assert found.num_rows == 21 + 26 + 66
            assert "double" in str(found.schema.field("latest_value").type)
            with pytest.raises(adbc_driver_manager.Error, match="read-only"):
                cursor.execute("create table marts.x (y int)")


def test_persons_are_in_the_published_file_alone(loaded: Eco, folder: Path) -> None:
    with duckdb.connect(str(loaded.home.database), read_only=True) as connection:
        query = "select responsible_person from marts.work_plan limit 0"
        assert connection.execute(query).description is not None
    for path in (folder / "parquet").glob("*.parquet"):
        with duckdb.connect() as connection:
            names = [row[0] for row in connection.execute(f"describe from '{path}'").fetchall()]
        assert "responsible_person" not in names, path.stem
