"""docs/runbook.md: alerts, reasons and exit codes have rows with command and sign of the end."""

import re
from pathlib import Path
from typing import get_args

import pytest

from orchestration.cli import eco
from orchestration.monitoring import health
from orchestration.monitoring.alerts import current
from orchestration.monitoring.alerts.settings import KINDS, Kind

PAGE = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
QUIET = {"edition", "0"}  # nothing is wrong: nothing to do


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading; an empty first cell repeats the one before."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found: list[list[str]] = []
    for line in part.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            found.append([cells[0].strip() or found[-1][0], *cells[1:]])
    return found[1:]


def codes() -> set[str]:
    """Return the codes of all reasons that the health report may give."""
    source = Path(health.__file__).read_text(encoding="utf-8")
    return set(re.findall(r'Reason\(\s*"(?:warning|critical)",\s*"(\w+)"', source))


def test_every_kind_of_alert_is_there() -> None:
    assert {row[0].strip("`") for row in rows("Alerts")} == set(KINDS) == set(get_args(Kind))


def test_every_reason_is_there_with_its_state() -> None:
    known = {row[0].strip("`"): row[1] for row in rows("Reasons of eco status and system alerts")}
    assert known.keys() == codes() >= set(current._SYSTEM)
    source = Path(health.__file__).read_text(encoding="utf-8")
    for code, state in known.items():
        assert re.search(rf'"{state}",\s*"{code}"', source), f"{code} is not {state}"


def test_every_exit_code_is_there() -> None:
    by_command: dict[str, set[str]] = {}
    for command, code, *_ in rows("Exit codes"):
        by_command.setdefault(command.strip("`"), set()).add(code)
    assert by_command["eco nightly"] == by_command["eco status"] == {"0", "1", "2"}
    assert by_command["eco publish"] == {"0", "1", "2"}
    assert by_command["any other"] == {"1"}
    named = {command.removeprefix("eco ") for command in by_command} - {"any other"}
    assert named <= set(eco.commands)


@pytest.mark.parametrize("heading", ["Exit codes", "Alerts"])
def test_what_is_wrong_has_a_command_and_an_end(heading: str) -> None:
    for row in rows(heading):
        if not QUIET.intersection(cell.strip("`") for cell in row[:2]) and row[0] != "any other":
            assert row[-1].strip(), f"{row}: how to see that it is over"
