"""The logging set-up of command line and services."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import logs


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Restore the handlers of the packages' loggers."""
    before = {name: logging.getLogger(name).handlers for name in logs.PACKAGES}
    yield
    for name, handlers in before.items():
        logging.getLogger(name).handlers = handlers


def log_an_error() -> None:
    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError:
        logging.getLogger("sources.read_file").exception("cleaning f.csv")


def test_a_terminal_shows_messages_and_keeps_tracebacks_in_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    logs.configure_logging("terminal")
    logging.getLogger("orchestration.intake").info("taken")
    logging.getLogger("orchestration.intake").debug("hidden")
    log_an_error()
    output = capsys.readouterr().err
    assert output.startswith("taken\nerror: cleaning f.csv\nThe details are in ")
    assert "Traceback" not in output
    [details] = re.findall(r"The details are in (\S+);", output)
    assert "ZeroDivisionError" in Path(details).read_text("utf-8")


def test_a_service_logs_time_level_module_and_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure_logging("terminal")
    logs.configure_logging("service")
    logging.getLogger("warehouse.lake").warning("disk %s", "low")
    log_an_error()
    first, *rest = capsys.readouterr().err.splitlines()
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0800 WARNING warehouse\.lake: disk low"
    assert re.fullmatch(pattern, first)
    assert rest[-1] == "ZeroDivisionError: division by zero", "each record is printed once"
    assert sum("cleaning f.csv" in line for line in rest) == 1
