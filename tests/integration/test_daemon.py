"""Left alone: the daemon's sensor takes in a dropped file, the run leaves receipt and health."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ECO
from warehouse.home.layout import Home

# The promise is a minute; a machine that does ten things at once may take longer.
PATIENCE_SECONDS = 600


@pytest.fixture
def daemon(empty_home: Home, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The daemon over an empty home; its code server and its runs end with it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ECO_", "DAGSTER"))}
    with (tmp_path / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [ECO, "dev", "--only", "daemon", "--home", empty_home.root],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def known(home: Home) -> int:
    """How many submissions the health file knows of: it is written after the intake, too."""
    file = home.health / "health.json"
    if not file.exists():
        return 0
    return sum(d["submissions"] for d in json.loads(file.read_text("utf-8"))["departments"])


@pytest.mark.slow
def test_a_dropped_file_is_taken_in_by_the_daemon(
    empty_home: Home, tmp_path: Path, daemon: "subprocess.Popen[bytes]"
) -> None:
    # It is there before the sensor looks for the first time, so that nobody waits for its next.
    (empty_home.department("forestry") / "f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (list(empty_home.receipts("forestry").glob("*f.csv*.html")) and known(empty_home)):
        said = (tmp_path / "daemon.log").read_text("utf-8")
        assert daemon.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    [manifest] = empty_home.manifests.glob("*.json")
    assert json.loads(manifest.read_text("utf-8"))["dataset"] == "forest_resources"
