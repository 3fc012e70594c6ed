"""The `eco` command as a process: exit codes, and error messages without a traceback."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestration.intake.service import Intake
from orchestration.monitoring.loads import record_load
from orchestration.monitoring.model import LoadOutcome
from sources.contracts import load_contracts
from tests.conftest import ECO, Eco
from tests.unit.test_alerts import publish_rows
from warehouse.home.layout import Home


def test_help_fits_each_command_on_one_line() -> None:
    done = subprocess.run([ECO, "--help"], capture_output=True, text=True, check=True)
    assert "..." not in done.stdout.partition("Commands:")[2]


def test_an_unwritable_path_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output = Eco(tmp_path)("templates", "--out", str(tmp_path / "file" / "x"), exit_code=1).stderr
    assert output.startswith(f"Error: {tmp_path}/file/x")
    assert "Traceback" not in output


def test_every_command_reports_a_damaged_published_file(empty_home: Home) -> None:
    eco = Eco(empty_home.root)
    empty_home.database.write_bytes(b"no database")
    status = json.loads(eco("status", "--json", exit_code=2).stdout)
    assert [r["code"] for r in status["reasons"] if r["level"] == "critical"] == [
        "publication_unreadable"
    ]
    for command in (["trace", "A02", "--year", "2020"], ["report"], ["publish"]):
        output = eco(*command, exit_code=1).stderr
        assert str(empty_home.database) in output
        assert "eco nightly --rebuild" in output
        assert "Traceback" not in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "yesterday"], "is no moment; write 2025-12-31"),
        (["--as-of", "2120-01-01"], "has not come yet"),
        (["--as-of", "2010-01-01"], "nothing had been received by 2010-01-01"),
        (["--year", "20203"], "20203 is not in the range"),
    ],
)
def test_an_invalid_moment_is_refused_before_the_load_begins(
    empty_home: Home, arguments: list[str], words: str
) -> None:
    (empty_home.department("forestry") / "f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    output = Eco(empty_home.root)("nightly", *arguments, exit_code=1).stderr
    assert words in output
    assert "Traceback" not in output
    assert not empty_home.last_load.exists()


def test_a_port_in_use_is_reported(empty_home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        output = Eco(empty_home.root)("dev", "--port", port, exit_code=1).stderr
    assert f"127.0.0.1:{port}" in output
    assert "--port" in output


def test_a_truncated_state_file_stops_no_command(empty_home: Home) -> None:
    eco = Eco(empty_home.root)
    for file in (empty_home.alerts, empty_home.last_load):
        file.write_text("{", encoding="utf-8")
    assert "nothing is published yet" in eco("status").stdout
    assert "0 alert(s) on" in eco("alerts").stdout


def test_a_command_that_waits_for_a_lock_says_so(
    empty_home: Home, running: Callable[["subprocess.Popen[str]"], "subprocess.Popen[str]"]
) -> None:
    with empty_home.lock("intake"):
        process = running(
            subprocess.Popen(
                [ECO, "ingest", "--home", empty_home.root], stderr=subprocess.PIPE, text=True
            )
        )
        assert process.stderr is not None
        assert "another process is at work" in process.stderr.readline()
    assert process.wait(timeout=120) == 0


def test_watch_keeps_the_health_files_current(
    empty_home: Home, running: Callable[["subprocess.Popen[str]"], "subprocess.Popen[str]"]
) -> None:
    """Both files exist from the start, follow each intake, and are never half written."""
    process = running(subprocess.Popen([ECO, "ingest", "--watch", "--home", empty_home.root]))

    def accepted() -> float | None:
        file = empty_home.health / "eco.prom"
        if not file.exists():
            return None
        json.loads((empty_home.health / "health.json").read_text("utf-8"))
        return sum(
            sample.value
            for family in text_string_to_metric_families(file.read_text("utf-8"))
            for sample in family.samples
            if sample.name == "eco_submission_rows_total" and sample.labels["outcome"] == "accepted"
        )

    def until(rows: float) -> None:
        deadline = time.monotonic() + 120
        while accepted() != rows:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    until(0)
    (empty_home.department("forestry") / "f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    until(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0


IMPORTS = """
import sys
from orchestration.cli import main
sys.argv = ["eco", "status", "--home", sys.argv[1]]
try:
    main()
except SystemExit:
    print(" ".join({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def test_status_loads_no_slow_libraries(empty_home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, str(empty_home.root)], capture_output=True, text=True
    )
    loaded = set(done.stderr.split())
    assert "orchestration" in loaded, done.stderr
    assert not {"dagster", "dbt", "great_expectations", "pandera", "pydantic_settings"} & loaded


def test_watch_logs_as_a_service_with_the_reason_of_a_refusal(
    empty_home: Home, running: Callable[["subprocess.Popen[str]"], "subprocess.Popen[str]"]
) -> None:
    process = running(
        subprocess.Popen(
            [ECO, "ingest", "--watch", "--home", empty_home.root], stderr=subprocess.PIPE, text=True
        )
    )
    (empty_home.department("forestry") / "letter.csv").write_text("您好，\n附件请查收。\n", "utf-8")
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(2)]
    assert " INFO orchestration.commands.ingest: watching " in lines[0]
    assert "forestry/letter.csv: refused, unknown dataset, " in lines[1]
    assert " WARNING " in lines[1]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_status_exits_with_2_when_action_is_needed(empty_home: Home) -> None:
    eco = Eco(empty_home.root)
    at = "2026-11-25T00:01:00+00:00"
    failed = LoadOutcome("run", "nightly", "failed", at, at, 40.0, "test", ("why",))
    publish_rows(empty_home, findings=[], late=[])
    record_load(empty_home, failed)
    output = json.loads(eco("status", "--json", exit_code=2).stdout)
    assert output["state"] == "critical"
    assert output["last_load"]["problems"] == ["why"]
    assert "failed" in eco("status", exit_code=2).stdout
