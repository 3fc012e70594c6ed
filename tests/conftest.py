"""What tests share: a home loaded with the samples, and ways to run `eco` as people do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from sources.contracts import load_contracts
from tests import second_night
from warehouse.home.layout import Home
from warehouse.home.locks import file_lock
from warehouse.home.software import collect_garbage_rarely

collect_garbage_rarely()  # as `eco`: some tests run dbt and Dagster in their own process
ECO = Path(sys.executable).with_name("eco")


class Eco:
    """The command line over one home."""

    def __init__(self, root: Path) -> None:
        self.home = Home.at(root)
        # Variables of the product that its processes are to see; no others are handed on.
        self.keep_environment: tuple[str, ...] = ()

    def __call__(self, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; fail the test when it ends with another exit code."""
        done = self.start(*arguments)
        out, err = done.communicate(timeout=600)
        assert done.returncode == exit_code, f"eco {' '.join(arguments)}\n{out}\n{err}"
        return subprocess.CompletedProcess(arguments, done.returncode, out, err)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in self.keep_environment or not name.startswith(("ECO_", "DAGSTER"))
        }
        return subprocess.Popen(
            [ECO, *arguments, "--home", self.home.root],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )

    def sql(self, query: str) -> list[tuple]:
        """Ask the published file."""
        with duckdb.connect(str(self.home.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def drop(self, department: str, name: str, content: str | bytes) -> Path:
        """Put a file into a department's landing folder, as old as if it had been there."""
        target = self.home.department(department) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.utime(target, (1_700_000_000, 1_700_000_000))
        return target


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let processes that share a run begin with the long tests: the last would be waited for alone.

    Each process is given a stretch of the list and takes from the others' ends when it is done.
    """
    count = getattr(config, "workerinput", {}).get("workercount", 1)
    if count > 1:
        long = [item for item in items if "whole_loads" in item.keywords]
        # Nobody has to wait for the shared home at once.
        long.sort(key=lambda item: "loaded" in getattr(item, "fixturenames", ()))
        short = [item for item in items if "whole_loads" not in item.keywords]
        items[:] = [
            item
            for part in range(count)
            for item in (
                *long[part::count],
                *short[part * len(short) // count : (part + 1) * len(short) // count],
            )
        ]


def _shared(
    factory: pytest.TempPathFactory, worker_id: str, name: str, make: Callable[[Eco], None]
) -> Eco:
    """Return a home that the first of the processes that share a run's tests makes for all."""
    base = factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    eco, made = Eco(shared / name / "home"), shared / f"{name}.made"
    with file_lock(shared / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(eco.home.root, ignore_errors=True)
            make(eco)
            made.touch()
    return eco


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Eco:
    """A home with one nightly load of the samples. Read it only."""

    def make(eco: Eco) -> None:
        eco("init", "--demo")
        eco("nightly")

    return _shared(tmp_path_factory, worker_id, "loaded", make)


@pytest.fixture(scope="session")
def after_second_night(
    loaded: Eco, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Eco:
    """That home after a second night, with the files of `tests.second_night`. Read it only."""

    def make(eco: Eco) -> None:
        shutil.copytree(loaded.home.root, eco.home.root)
        second_night.run(eco)

    return _shared(tmp_path_factory, worker_id, "second_night", make)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Eco:
    """The demonstration, delivered and loaded. Read it only."""

    def make(eco: Eco) -> None:
        eco("init", "--demo", "full")
        eco("nightly")

    return _shared(tmp_path_factory, worker_id, "demo", make)


@pytest.fixture
def copy_after_second_night(after_second_night: Eco, tmp_path: Path) -> Eco:
    """A copy of that home, to be changed."""
    root = tmp_path / "home"
    shutil.copytree(after_second_night.home.root, root)
    return Eco(root)


@pytest.fixture
def copy_of_loaded(loaded: Eco, tmp_path: Path) -> Eco:
    """A copy of that home, to be changed."""
    root = tmp_path / "home"
    shutil.copytree(loaded.home.root, root)
    return Eco(root)


@pytest.fixture
def empty_home(tmp_path: Path) -> Home:
    """A home without any file."""
    home = Home.at(tmp_path / "home")
    home.create(load_contracts().departments)
    return home


@pytest.fixture
def running() -> Iterator[Callable[["subprocess.Popen[str]"], "subprocess.Popen[str]"]]:
    """Takes processes that must not outlive the test."""
    started: list[subprocess.Popen[str]] = []

    def take(process: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
        started.append(process)
        return process

    yield take
    for process in started:
        process.kill()
        process.communicate()
