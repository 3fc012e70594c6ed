"""What the tests of Spark share: whether they can run, and loads."""

import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import Eco
from warehouse.home.settings import DevelopmentSettings
from warehouse.publication.current import current_manifest

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
