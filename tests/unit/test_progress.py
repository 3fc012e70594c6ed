"""What a load prints: a sign of life in long phases, and its checks in one line."""

import time
from typing import Any

import pytest

from expectations.checkpoint import CheckResult
from orchestration import progress
from orchestration.assets.publication import _summary


def result(severity: Any, success: bool) -> CheckResult:
    return CheckResult("s", "t", "e", "k", None, severity, success, 0, [], "检查", None)


def test_all_checks_are_one_line_and_questions_are_no_problem() -> None:
    good = [result("critical", True), result("verify", True)]
    assert _summary(good) == "checks: 2 of 2 passed"
    asked = [*good, result("verify", False), result("verify", False), result("notice", False)]
    assert _summary(asked) == (
        "checks: 2 of 5 passed, 2 verify and 1 notice with findings (listed in the report)"
    )
    assert _summary([*good, result("critical", False)]).endswith("passed, 1 CRITICAL")


def test_a_long_phase_gives_signs_of_life_and_a_short_one_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_terminal", progress.terminal_logger.logger_fn(None))  # type: ignore[arg-type]
    with progress.Heartbeat("dbt: {} nodes so far", seconds=0.02) as heartbeat:
        heartbeat.count()
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert all(line.endswith("dbt: 1 nodes so far") and "!" not in line for line in lines)
    with progress.Heartbeat("checks: running"):
        pass
    assert capsys.readouterr().err == ""


def test_nobody_watches_a_load_of_the_daemon(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_terminal", None)
    with progress.Heartbeat("checks: running", seconds=0.01):
        time.sleep(0.05)
    assert capsys.readouterr() == ("", "")
