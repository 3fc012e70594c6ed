"""A load on Apache Spark publishes what a load on DuckDB publishes: all marts, row by row.

`make test-spark` runs it, in an environment of its own (requirements-cluster.lock). One load is
compared, which has all that there is: a home with a made-up county's years, the samples, and the
real measurements where they are; Spark Connect on a standalone cluster, which loses a worker; the
models' unit tests. It is a load as of the moment of that on DuckDB.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.commands.samples import drop_samples
from tests.cluster import real_measurements
from tests.cluster.loads import (
    as_of_its_publication,
    await_build,
    copy_of,
    finish,
    java_below,
    missing,
    start_load,
)
from tests.cluster.standalone import Standalone, standalone
from tests.conftest import Eco
from tests.tools.compare_publications import compare
from warehouse.publication.current import current_manifest

# What a publication changed for its readers is not a matter of the past (test_time_travel).
OF_THE_PUBLICATION = ("marts.publication_changes", "bi.发布变更")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "")]


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Eco:
    """A made-up county's seven years, the samples and real measurements, loaded on DuckDB."""
    eco = Eco(tmp_path_factory.mktemp("years") / "home")
    eco("init", "--demo", "full")
    drop_samples(eco.home)
    if real_measurements.REAL.is_dir():
        real_measurements.deliver(eco)
    finish(eco.start("nightly"))
    return eco


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    """A master, two workers and a Connect server."""
    with standalone(tmp_path_factory.mktemp("cluster"), workers=2) as running:
        running.start_server()
        yield running


@pytest.fixture(scope="module")
def on_spark(years: Eco, cluster: Standalone, tmp_path_factory: pytest.TempPathFactory) -> Eco:
    """A copy of that home with a load over Connect, during which a worker is killed."""
    eco = copy_of(years, tmp_path_factory.mktemp("on_spark") / "home")
    process = start_load(eco, {"SPARK_REMOTE": cluster.remote}, *as_of_its_publication(years))
    await_build(eco, process)
    assert java_below(process.pid) == []
    cluster.kill_worker()
    assert "UserWarning" not in finish(process)
    return eco


@pytest.mark.timeout(3600)  # of the setup: loads on DuckDB and on Spark
def test_all_marts_and_their_views_are_equal_row_by_row(years: Eco, on_spark: Eco) -> None:
    unlike = compare(
        years.home.database, on_spark.home.database, but=OF_THE_PUBLICATION, but_columns=()
    )
    assert unlike == []


@pytest.mark.skipif(
    not real_measurements.REAL.is_dir(), reason="../shared with the real measurements is not here"
)
def test_the_real_measurements_are_among_them(on_spark: Eco) -> None:
    """1,462 days of a station and 157 sections; the made-up county has five."""
    [(days,)] = on_spark.sql("select count(*) from marts.air_quality_daily where station = '昌平'")
    [(sections,)] = on_spark.sql(
        "select count(distinct section_name) from marts.water_section_monthly"
    )
    assert (days, sections) == (1462, 162)


def test_the_report_and_the_open_data_follow(on_spark: Eco) -> None:
    assert (on_spark.home.report / "index.html").is_file()
    assert (on_spark.home.open_data / "datapackage.json").is_file()


def test_a_job_that_dies_leaves_the_last_publication(years: Eco, tmp_path: Path) -> None:
    """The session is the load's own; its Java is killed in the middle of the build."""
    eco = copy_of(years, tmp_path / "home")
    before = current_manifest(eco.home)
    process = start_load(eco, {"ECO_SPARK_MASTER": "local[2]"})
    await_build(eco, process)
    for java in java_below(process.pid):
        os.kill(java, signal.SIGKILL)
    assert "Traceback" not in finish(process, exit_code=1)
    assert current_manifest(eco.home) == before
