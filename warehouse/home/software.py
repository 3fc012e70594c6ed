"""What is running: where the project lies, the software's version, how its process is set."""

import gc
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "yangcheng-eco-warehouse"
PROJECT = Path(__file__).resolve().parents[2]


@cache
def software_version() -> str:
    """The version, with the git commit behind it where the code is a checkout: 0.1.0+g1a2b3c4."""
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
    """Look for unreachable objects less often than Python does by itself.

    dbt and Dagster make objects by the million that stay: looking through them all again and again
    was an eighth of a load's time.
    """
    gc.set_threshold(50_000)
