"""A load on Apache Spark publishes what a load on DuckDB publishes: all marts, row by row.

`make test-spark` runs it, in an environment of its own (requirements-cluster.lock). The load on
Spark is one as of the moment of the other, and it runs the models' unit tests as well.
"""

import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars import selectors as cs

from tests.conftest import Eco
from warehouse.home.settings import DevelopmentSettings, EngineSettings
from warehouse.publication.current import current_manifest

# What a publication changed for its readers is not a matter of the past (test_time_travel).
OF_THE_PUBLICATION = "publication_changes"
RELATIVE = 1e-9


def missing() -> str | None:
    """Return what a load on Spark needs and this environment lacks."""
    if not DevelopmentSettings.load().spark:
        return "loads on Spark take minutes: set ECO_SPARK=1 (make test-spark)"
    if find_spec("pyspark") is None:
        return "pyspark is not installed (requirements-cluster.lock)"
    if shutil.which("java") is None:
        return "there is no Java 17"
    return None


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "")]


@pytest.fixture(scope="module")
def on_spark(loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Eco:
    """A copy of the loaded home with a load on Spark as of the moment of its publication."""
    root = tmp_path_factory.mktemp("spark") / "home"
    shutil.copytree(loaded.home.root, root)
    manifest = current_manifest(loaded.home)
    assert manifest is not None
    eco = Eco(root)
    eco.keep_environment = ("ECO_ENGINE", "ECO_SPARK_MASTER", "ECO_SPARK_MEMORY")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECO_ENGINE", "spark")
        patch.setenv("ECO_SPARK_MASTER", EngineSettings.load().spark_master or "local[2]")
        process = eco.start("nightly", "--as-of", manifest.stamp, "--rebuild")
        out, err = process.communicate(timeout=1800)
    assert process.returncode == 0, f"{out}\n{err}"
    return eco


def tables(eco: Eco) -> dict[str, pl.DataFrame]:
    with duckdb.connect(str(eco.home.database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall()
        return {name: connection.sql(f"select * from marts.{name}").pl() for (name,) in names}


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by all columns; floats by fewer digits than are compared."""
    floats = frame.select(cs.float()).columns
    exact = [column for column in frame.columns if column not in floats]
    keys = [*exact, *(pl.col(column).round_sig_figs(7) for column in floats)]
    return frame.sort(keys, nulls_last=True)


def differences(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Return how two marts differ, floats beyond a relative difference of 1e-9."""
    if one.schema != other.schema:
        return [f"schema {one.schema} and {other.schema}"]
    if one.height != other.height:
        return [f"{one.height} and {other.height} rows"]
    one, other, found = in_order(one), in_order(other), []
    for column in one.columns:
        left, right = one[column], other[column]
        unlike = left.ne_missing(right)
        if left.dtype.is_float():
            larger = pl.select(pl.max_horizontal(left.abs(), right.abs())).to_series()
            near = ((left - right).abs() <= RELATIVE * larger).fill_null(False)
            unlike &= ~near
        if rows := unlike.arg_true().to_list():
            first = rows[0]
            found.append(f"{column}: {len(rows)} rows, first {left[first]!r} and {right[first]!r}")
    return found


def test_all_marts_are_equal_row_by_row(loaded: Eco, on_spark: Eco) -> None:
    expected, found = tables(loaded), tables(on_spark)
    assert found.keys() == expected.keys()
    unlike = {
        name: unequal
        for name in expected
        if name != OF_THE_PUBLICATION and (unequal := differences(expected[name], found[name]))
    }
    assert not unlike


def test_the_views_with_chinese_names_are_there(loaded: Eco, on_spark: Eco) -> None:
    query = (
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'bi' order by table_name, column_index"
    )
    assert on_spark.sql(query) == loaded.sql(query)


def test_the_report_and_the_open_data_follow(on_spark: Eco) -> None:
    assert (on_spark.home.report / "index.html").is_file()
    assert (on_spark.home.open_data / "datapackage.json").is_file()


def children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(child) for child in listed.stdout.split()]


def test_a_job_that_dies_leaves_the_last_publication(
    on_spark: Eco, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Java is killed in the middle of the build."""
    shutil.copytree(on_spark.home.root, tmp_path / "home")
    eco = Eco(tmp_path / "home")
    before = current_manifest(eco.home)
    eco.keep_environment = ("ECO_ENGINE", "ECO_SPARK_MASTER")
    monkeypatch.setenv("ECO_ENGINE", "spark")
    monkeypatch.setenv("ECO_SPARK_MASTER", "local[2]")
    process = eco.start("nightly", "--rebuild")
    built = eco.home.build_database.parent / "spark" / "intermediate"
    deadline = time.monotonic() + 600
    while not (built.is_dir() and any(built.iterdir())) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    for java in children(process.pid):
        os.kill(java, signal.SIGKILL)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 1, f"{out}\n{err}"
    assert "Traceback" not in out + err
    assert current_manifest(eco.home) == before
