"""The serving copy in PostgreSQL: equal to the published file, whole for every reader."""

import json
import shutil
import subprocess
import threading
import time
from pathlib import Path

import duckdb
import psycopg
import pytest
import sqlalchemy
from psycopg.conninfo import conninfo_to_dict

from orchestration.dbt_build.runner import manifest_path
from tests.conftest import Eco
from tests.postgres_server import server  # noqa: F401 - a fixture
from warehouse.output import postgres
from warehouse.output.serving import last_record
from warehouse.publication.current import current_manifest
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Mart, read_marts

pytestmark = pytest.mark.slow
READERS = 8
REPUBLICATIONS = 10


@pytest.fixture(scope="module")
def marts() -> dict[str, Mart]:
    return read_marts(json.loads(manifest_path().read_text("utf-8")))


@pytest.fixture(scope="module")
def manifest(loaded: Eco) -> PublicationManifest:
    found = current_manifest(loaded.home)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def served(
    loaded: Eco,
    server: str,  # noqa: F811
    marts: dict[str, Mart],
    manifest: PublicationManifest,
) -> str:
    postgres.serve(loaded.home.database, server, manifest=manifest, marts=marts)
    return server


def test_the_copy_equals_the_published_file(
    loaded: Eco, served: str, marts: dict[str, Mart]
) -> None:
    assert postgres.differences(loaded.home.database, served, marts) == []
    rows = loaded.sql("select * from marts.indicator_progress order by indicator_id")
    with psycopg.connect(served) as connection:
        found = connection.execute("select * from marts.indicator_progress order by indicator_id")
        assert found.fetchall() == rows


def test_a_difference_is_found_and_mended(
    loaded: Eco, served: str, marts: dict[str, Mart], manifest: PublicationManifest
) -> None:
    change = "update marts.indicator_values set value = value + 1 where indicator_id = 'A01'"
    with psycopg.connect(served) as connection:
        connection.execute(change)
    found = postgres.differences(loaded.home.database, served, marts)
    assert [line.partition(":")[0] for line in found] == ["indicator_values"]
    # What should be there already is not sent again, unless asked for.
    for everything in (False, True):
        postgres.serve(
            loaded.home.database, served, manifest=manifest, marts=marts, everything=everything
        )
        found = postgres.differences(loaded.home.database, served, marts)
        assert bool(found) is not everything


def test_rows_of_changed_months_alone_are_sent(
    loaded: Eco, served: str, marts: dict[str, Mart], manifest: PublicationManifest, tmp_path: Path
) -> None:
    """`xmin` is the transaction that wrote a row: of other months it stays."""
    path = tmp_path / "changed.duckdb"
    shutil.copyfile(loaded.home.database, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update marts.dim_date set year = 1 where day = date '2023-05-17'")
    written = "select day, cast(cast(xmin as text) as bigint) from marts.dim_date"
    with psycopg.connect(served) as connection:
        before = dict(connection.execute(written).fetchall())
    postgres.serve(path, served, manifest=manifest, marts=marts)
    with psycopg.connect(served) as connection:
        after = dict(connection.execute(written).fetchall())
    assert {f"{day:%Y-%m}" for day in after if after[day] != before[day]} == {"2023-05"}
    postgres.serve(loaded.home.database, served, manifest=manifest, marts=marts)
    assert postgres.differences(loaded.home.database, served, marts) == []


def test_chinese_views_comments_and_keys(served: str, marts: dict[str, Mart]) -> None:
    with psycopg.connect(served) as connection:
        (count,) = connection.execute('select count(*) from bi."指标进展"').fetchone() or (0,)
        assert count > 47
        bare = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where table_schema in ('marts', 'bi') and col_description("
            "format('%I.%I', table_schema, table_name)::regclass::oid, ordinal_position) is null"
        ).fetchall()
        assert bare == []
        keyed = {
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.table_constraints "
                "where constraint_type = 'PRIMARY KEY' and table_schema = 'marts'"
            )
        }
    assert keyed == {name for name, mart in marts.items() if mart.key}


def test_the_reader_role_reads_and_writes_nothing(served: str) -> None:
    with psycopg.connect(served) as connection:
        connection.execute(f"set role {postgres.READER_ROLE}")
        connection.execute("select count(*) from marts.findings")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from marts.findings")


def test_republications_never_fail_a_reader_nor_show_half(
    loaded: Eco, served: str, marts: dict[str, Mart], manifest: PublicationManifest, tmp_path: Path
) -> None:
    """Two publications that differ in two marts by turns: a reader sees both of one, always."""
    files = []
    for number in (1, 2):
        path = tmp_path / f"{number}.duckdb"
        shutil.copyfile(loaded.home.database, path)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"update marts.indicator_values set value = {number}")
            connection.execute(f"update marts.indicator_annual set value = {number}")
        files.append(path)
    stop = threading.Event()
    errors: list[str] = []
    rounds = [0] * READERS

    def read(reader: int) -> None:
        query = "select min(value), max(value) from marts.{}"
        while not stop.is_set():
            try:
                with psycopg.connect(served) as connection:
                    connection.execute("set transaction isolation level repeatable read")
                    one = connection.execute(query.format("indicator_values")).fetchone()
                    other = connection.execute(query.format("indicator_annual")).fetchone()
                    again = connection.execute(query.format("indicator_values")).fetchone()
                if not (one == other == again) or one is None or one[0] != one[1]:
                    errors.append(f"{one} {other} {again}")
            except psycopg.Error as error:
                errors.append(str(error))
            rounds[reader] += 1

    postgres.serve(files[0], served, manifest=manifest, marts=marts)
    readers = [threading.Thread(target=read, args=(n,)) for n in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for number in range(REPUBLICATIONS):
            postgres.serve(files[number % 2], served, manifest=manifest, marts=marts)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert min(rounds) > 0


def test_a_changed_layout_makes_the_tables_anew(
    loaded: Eco, served: str, marts: dict[str, Mart], manifest: PublicationManifest, tmp_path: Path
) -> None:
    path = tmp_path / "new.duckdb"
    shutil.copyfile(loaded.home.database, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop schema bi cascade")
        connection.execute("alter table marts.submissions drop column file_name")
    kept = {**marts, "submissions": marts["submissions"]}
    postgres.serve(path, served, manifest=manifest, marts=kept)
    with psycopg.connect(served) as connection, pytest.raises(psycopg.errors.UndefinedColumn):
        connection.execute("select file_name from marts.submissions")
    postgres.serve(loaded.home.database, served, manifest=manifest, marts=marts)
    assert postgres.differences(loaded.home.database, served, marts) == []


def test_psql_and_sqlalchemy_read_it(served: str) -> None:
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("psql is not installed (Debian: apt-get install postgresql-client)")
    query = 'select "指标名称", "状态" from bi."指标进展" order by 1 limit 3'
    done = subprocess.run(
        [psql, served, "-At", "-c", query], capture_output=True, text=True, check=True
    )
    assert len(done.stdout.splitlines()) == 3
    engine = sqlalchemy.create_engine(served.replace("postgresql://", "postgresql+psycopg://"))
    names = sqlalchemy.inspect(engine).get_table_names(schema="marts")
    assert "indicator_progress" in names
    engine.dispose()


def test_odbc_reads_rows_and_metadata(served: str) -> None:
    """The driver that Power BI, Tableau and FineReport take, through unixODBC's own client."""
    isql = shutil.which("isql")
    if isql is None or not any(Path("/usr/lib").glob("*/odbc/psqlodbcw.so")):
        pytest.skip("no ODBC driver (Debian: apt-get install unixodbc odbc-postgresql)")
    address = conninfo_to_dict(served)
    source = "".join(
        f"{key}={value};"
        for key, value in {
            "Driver": "PostgreSQL Unicode",
            "Server": address["host"],
            "Port": address["port"],
            "Database": address["dbname"],
            "Uid": address["user"],
            "ConnSettings": "{set search_path to marts}",
        }.items()
    )

    def ask(statement: str) -> list[list[str]]:
        done = subprocess.run(
            [isql, "-k", source, "-b"],
            input=f"{statement}\n",
            capture_output=True,
            text=True,
            check=True,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]

    query = 'select "指标编号", "2020年基准值原文" from bi."指标进展" where "指标编号" = \'A01\''
    assert ask(query) == [["指标编号", "2020年基准值原文"], ["A01", "12.2%"]]
    header, *columns = ask("help indicator_progress")
    named = [column[header.index("COLUMN_NAME")] for column in columns]
    assert named[:2] == ["indicator_id", "kind"]


def test_a_server_that_is_away_is_one_sentence_without_the_password(
    loaded: Eco, marts: dict[str, Mart], manifest: PublicationManifest
) -> None:
    dsn = "postgresql://eco:secret-word@127.0.0.1:1/none?connect_timeout=2"
    with pytest.raises(postgres.ServingError) as refused:
        postgres.serve(loaded.home.database, dsn, manifest=manifest, marts=marts)
    assert "secret-word" not in str(refused.value) and "\n" not in str(refused.value)


def test_a_nightly_load_serves_and_says_how_it_went(
    copy_of_loaded: Eco,
    served: str,
    marts: dict[str, Mart],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    eco = copy_of_loaded
    monkeypatch.setenv("ECO_SERVE_POSTGRES", served)
    eco.keep_environment = ("ECO_SERVE_POSTGRES",)
    began = time.monotonic()
    eco("nightly", "--rebuild")
    assert time.monotonic() - began < 300
    record = last_record(eco.home)
    assert record is not None and record["error"] is None
    assert postgres.differences(eco.home.database, served, marts) == []
