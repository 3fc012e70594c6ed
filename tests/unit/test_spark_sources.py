"""What a load on Spark needs, and the statements by which Spark reads the lake; without Spark."""

import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.dbt_build.engines import DuckDBEngine, open_engine, require_engine
from sources.contracts import load_contracts
from warehouse.build import spark
from warehouse.build.spark import SparkError
from warehouse.home.layout import Home
from warehouse.home.settings import EngineSettings

VARIABLES = ("ECO_ENGINE", "ECO_SPARK_MASTER", "SPARK_REMOTE", "JAVA_HOME")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No variable is set, and the packages are there."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(spark, "_is_installed", lambda module: True)
    return monkeypatch


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in {"ECO_ENGINE": "spark", **variables}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SparkError) as error:
        require_engine()
    return str(error.value)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_without_the_setting_nothing_of_spark_is_imported(tmp_path: Path) -> None:
    before = set(sys.modules)
    require_engine()
    with open_engine(Home.at(tmp_path), load_contracts(), {}) as engine:
        assert type(engine) is DuckDBEngine
    assert not [m for m in set(sys.modules) - before if m.startswith(("pyspark", "dbt"))]


def test_missing_packages_are_named(environment: pytest.MonkeyPatch) -> None:
    environment.setattr(spark, "_is_installed", lambda module: module != "pyspark")
    found = refusal(environment, ECO_SPARK_MASTER="local[2]")
    assert "pyspark is not installed" in found and "requirements-cluster.lock" in found


def test_it_must_be_said_where_spark_is(environment: pytest.MonkeyPatch) -> None:
    assert "set SPARK_REMOTE" in refusal(environment)


def test_missing_java_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PATH", str(tmp_path))
    assert "there is no Java (java)" in refusal(environment, ECO_SPARK_MASTER="local[2]")


@pytest.mark.parametrize(
    ("variable", "scheme"), [("SPARK_REMOTE", "sc"), ("ECO_SPARK_MASTER", "spark")]
)
def test_an_address_where_nothing_answers_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, variable: str, scheme: str
) -> None:
    (tmp_path / "java").touch(mode=0o755)
    environment.setenv("PATH", str(tmp_path))
    address = f"{scheme}://127.0.0.1:{free_port()}"
    assert f"{variable} is '{address}', and nothing" in refusal(environment, **{variable: address})


def test_the_variable_of_other_software_keeps_its_name() -> None:
    assert EngineSettings.variable("spark_remote") == "SPARK_REMOTE"
    assert EngineSettings.variable("spark_master") == "ECO_SPARK_MASTER"


def test_a_table_of_the_lake_names_its_files_and_the_types_of_the_contract() -> None:
    contract = next(iter(load_contracts()))
    home = Home.at("/data/{a}'s home")
    statement = spark._lake_table(home, contract, ["lake/x/period_year=2020/a.parquet", "b,c"])
    assert statement.startswith(f'create table lake."{contract.dataset}" ("')
    assert '"submission_id" string, "row_number" bigint' in statement
    # A backslash is escaped once for the pattern and once for the literal.
    path = r"/data/\\{a\\}\'s home/{lake/x/period_year=2020/a.parquet,b\\,c}"
    assert statement.endswith(f"using parquet options (path '{path}')")


def test_a_dataset_without_files_is_an_empty_table() -> None:
    contract = next(iter(load_contracts()))
    assert spark._lake_table(Home.at("/data"), contract, []).endswith(") using parquet")


def test_a_catalogue_that_others_may_use_is_refused() -> None:
    session: Any = SimpleNamespace(conf={"spark.sql.catalogImplementation": "hive"})
    with pytest.raises(SparkError, match="is 'hive': start a server"):
        spark._require_own_catalogue(session)


def test_an_error_of_spark_is_its_first_sentence() -> None:
    message = (
        "Runtime Error in model m\n  [DATATYPE_MISMATCH] Cannot cast. SQLSTATE: 42K09; line 1\n"
        "'CreateTable\n+- 'Union\n\nJVM stacktrace:\n\tat org.apache.spark.X"
    )
    assert spark.first_sentence(message) == (
        "Runtime Error in model m\n  [DATATYPE_MISMATCH] Cannot cast. SQLSTATE: 42K09; line 1"
    )
    assert spark.first_sentence("lost\nJVM stacktrace:\nx") == "lost"
