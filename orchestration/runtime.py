"""What is running: where the project lies, the software's version."""

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "yangcheng-eco-warehouse"
PROJECT = Path(__file__).resolve().parents[1]


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
