"""What the tests of Spark share: whether they can run, loads, and marts compared row by row."""

import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars import selectors as cs

from tests.conftest import Eco
from warehouse.home.settings import DevelopmentSettings
from warehouse.publication.current import current_manifest

# What a publication changed for its readers is not a matter of the past (test_time_travel).
OF_THE_PUBLICATION = "publication_changes"
RELATIVE = 1e-9
_BEGUN_WITHIN = 900  # seconds
VARIABLES = ("ECO_ENGINE", "ECO_SPARK_MASTER", "ECO_SPARK_MEMORY", "SPARK_REMOTE")


def missing() -> str | None:
    """Return what a load on Spark needs and this environment lacks."""
    if not DevelopmentSettings.load().spark:
        return "loads on Spark take minutes: set ECO_SPARK=1 (make test-spark)"
    if find_spec("pyspark") is None:
        return "pyspark is not installed (requirements-cluster.lock)"
    if shutil.which("java") is None:
        return "there is no Java 17"
    return None


def copy_of(eco: Eco, root: Path) -> Eco:
    """Return a copy of a home whose processes see the variables of the engine."""
    shutil.copytree(eco.home.root, root)
    copy = Eco(root)
    copy.keep_environment = VARIABLES
    return copy


def start_load(eco: Eco, variables: dict[str, str], *options: str) -> "subprocess.Popen[str]":
    """Start a load of a home on Spark where the variables say."""
    with pytest.MonkeyPatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        for name, value in {"ECO_ENGINE": "spark", **variables}.items():
            patch.setenv(name, value)
        return eco.start("nightly", "--rebuild", *options)


def finish(load: "subprocess.Popen[str]", exit_code: int = 0) -> str:
    """Wait for the end of a load and return what it says; fail at another exit code."""
    out, err = load.communicate(timeout=1800)
    assert load.returncode == exit_code, f"{out}\n{err}"
    return out + err


def as_of_its_publication(eco: Eco) -> tuple[str, str]:
    """Return the options of a load as of the moment of a home's publication."""
    manifest = current_manifest(eco.home)
    assert manifest is not None
    return "--as-of", manifest.stamp


def await_build(eco: Eco, load: "subprocess.Popen[str]") -> None:
    """Return when Spark has written an intermediate table of a load, or the load has ended."""
    built = eco.home.build_database.parent / "spark" / "intermediate"
    deadline = time.monotonic() + _BEGUN_WITHIN
    while not (built.is_dir() and any(built.iterdir())) and load.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def java_below(pid: int) -> list[int]:
    """Return the processes of Java that a process has started."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(pid)], capture_output=True, text=True
    )
    found = [line.split() for line in listed.stdout.splitlines()]
    return [int(child) for child, command in found if command == "java"]


def tables(eco: Eco) -> dict[str, pl.DataFrame]:
    """Return the published marts by name."""
    with duckdb.connect(str(eco.home.database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall()
        return {name: connection.sql(f"select * from marts.{name}").pl() for (name,) in names}


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by all columns; floats by fewer digits than are compared."""
    floats = frame.select(cs.float()).columns
    exact = [column for column in frame.columns if column not in floats]
    keys = [*exact, *(pl.col(column).round_sig_figs(7) for column in floats)]
    return frame.sort(keys, nulls_last=True)


def _differences(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Return how two marts differ, floats beyond a relative difference of 1e-9."""
    if one.schema != other.schema:
        return [f"schema {one.schema} and {other.schema}"]
    if one.height != other.height:
        return [f"{one.height} and {other.height} rows"]
    one, other, found = _in_order(one), _in_order(other), []
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


def unlike_marts(one: Eco, other: Eco) -> dict[str, list[str]]:
    """Return how the marts of two homes differ, by the names of those that do."""
    expected, found = tables(one), tables(other)
    unlike = {
        name: [f"only in {'one' if name in expected else 'the other'}"]
        for name in expected.keys() ^ found.keys()
    }
    for name in expected.keys() & found.keys() - {OF_THE_PUBLICATION}:
        if unequal := _differences(expected[name], found[name]):
            unlike[name] = unequal
    return unlike
