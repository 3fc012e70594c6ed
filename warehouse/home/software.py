"""The running software: its folder, its version, settings of its process."""

import gc
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "yangcheng-eco-warehouse"
PROJECT = Path(__file__).resolve().parents[2]


@cache
def software_version() -> str:
    """Return the version, followed by the git commit in a checkout, such as 0.1.0+g1a2b3c4."""
    try:
        number = version(DISTRIBUTION)
    except PackageNotFoundError:
        number = "0"
    try:
        commit = subprocess.run(
            ["git", "-C", str(PROJECT), "rev-parse", "--short=10", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return number
    return f"{number}+g{commit}"


def collect_garbage_rarely() -> None:
    """Raise the threshold of Python's garbage collector.

    dbt and Dagster create millions of objects that live until the end: traversing them at the
    default threshold took an eighth of a load's time.
    """
    gc.set_threshold(50_000)
