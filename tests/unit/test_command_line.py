"""What a person sees of `eco` when something is not as it should be: a sentence, no traceback."""

import errno
import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestration.cli import eco, main
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from tests.conftest import ECO, Eco
from warehouse.home.layout import Home


def test_the_commands_and_what_they_do_fit_a_line_each() -> None:
    done = subprocess.run([ECO, "--help"], capture_output=True, text=True, check=True)
    assert "..." not in done.stdout.partition("Commands:")[2]


def test_a_place_that_cannot_be_written_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = Eco(tmp_path)("templates", "--out", str(tmp_path / "file" / "x"), exit_code=1).stderr
    assert said.startswith(f"Error: {tmp_path}/file/x")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "The disk is full: free"),
        (OSError(errno.EACCES, "Permission denied", "/data/x"), "/data/x: Permission denied. Run"),
        (ZeroDivisionError("division by zero"), "not your mistake: ZeroDivisionError: division"),
    ],
)
def test_what_nobody_expected_is_a_sentence_and_a_file_for_the_developer(
    error: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def breaks(**_: object) -> None:
        raise error

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(eco, "main", breaks)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert words in said
    assert "Traceback" not in said
    if file := re.search(r"The details are in (\S+);", said):
        assert "in breaks" in Path(file[1]).read_text("utf-8")
    else:
        assert isinstance(error, OSError)


def test_a_published_file_that_is_damaged_is_said_everywhere(empty_home: Home) -> None:
    eco = Eco(empty_home.root)
    empty_home.database.write_bytes(b"no database")
    told = json.loads(eco("status", "--json", exit_code=2).stdout)
    assert [r["code"] for r in told["reasons"] if r["level"] == "critical"] == [
        "publication_unreadable"
    ]
    for command in (["trace", "A02", "--year", "2020"], ["report"], ["publish"]):
        said = eco(*command, exit_code=1).stderr
        assert str(empty_home.database) in said
        assert "eco nightly --rebuild" in said
        assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "yesterday"], "is no moment; write 2025-12-31"),
        (["--as-of", "2120-01-01"], "has not come yet"),
        (["--as-of", "2010-01-01"], "nothing had been received by 2010-01-01"),
        (["--year", "20203"], "20203 is not in the range"),
    ],
)
def test_a_wrong_moment_is_refused_before_the_load_begins(
    empty_home: Home, arguments: list[str], words: str
) -> None:
    (empty_home.department("forestry") / "f.csv").write_text(
        "年份,区域,森林覆盖率\n2020,全县,46\n", encoding="utf-8"
    )
    Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    said = Eco(empty_home.root)("nightly", *arguments, exit_code=1).stderr
    assert words in said
    assert "Traceback" not in said
    assert not empty_home.last_load.exists()


def test_a_port_that_is_taken_is_said(empty_home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = Eco(empty_home.root)("dev", "--port", port, exit_code=1).stderr
    assert f"127.0.0.1:{port}" in said
    assert "--port" in said


def test_a_state_file_that_is_cut_off_holds_nothing_up(empty_home: Home) -> None:
    eco = Eco(empty_home.root)
    for file in (empty_home.alerts, empty_home.last_load):
        file.write_text("{", encoding="utf-8")
    assert "nothing is published yet" in eco("status").stdout
    assert "0 alert(s) on" in eco("alerts").stdout


def test_who_waits_for_another_process_is_told(
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


def test_watching_keeps_the_health_files_true(
    empty_home: Home, running: Callable[["subprocess.Popen[str]"], "subprocess.Popen[str]"]
) -> None:
    """Both files are there from the start, follow what is taken in, and are whole at any look."""
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
            if sample.name == "eco_submission_rows" and sample.labels["outcome"] == "accepted"
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


def test_a_disk_without_room_for_a_receipt_keeps_no_other_file_out(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (empty_home.department("forestry") / f"{name}.csv").write_text(
            f"年份,区域,森林覆盖率\n202{len(name)},全县,46\n# {name}\n", encoding="utf-8"
        )

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("orchestration.intake.receipts.write_text", full)
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert [o.outcome for o in outcomes] == ["failed", "failed"]
    assert all("No space left" in (o.error or "") for o in outcomes)
    monkeypatch.undo()
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert [o.outcome for o in outcomes] == ["taken", "taken"]
