"""Outcomes of the intake of files: reasons, errors, what is printed."""

import errno
import json
import logging

import pytest
from click.testing import CliRunner

from orchestration.cli import eco
from orchestration.commands.samples import drop_samples
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from warehouse.home.layout import Home


def test_a_full_disk_at_one_receipt_does_not_stop_other_files(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (empty_home.department("forestry") / f"{name}.csv").write_text(
            f"年份,区域,森林覆盖率\n202{len(name)},全县,46\n# {name}\n", encoding="utf-8"
        )

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("orchestration.intake.receipts.write_in", full)
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert [o.outcome for o in outcomes] == ["failed", "failed"]
    assert all("No space left" in (o.error or "") for o in outcomes)
    monkeypatch.undo()
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert [o.outcome for o in outcomes] == ["taken", "taken"]


def drop(home: Home, name: str, text: str) -> None:
    (home.department("forestry") / name).write_text(text, encoding="utf-8")


def test_the_reason_is_printed_beside_the_name_of_the_file(empty_home: Home) -> None:
    drop(empty_home, "good.csv", "年份,区域,森林覆盖率\n2020,全县,46\n")
    drop(empty_home, "letter.csv", "您好，\n附件请查收。\n")
    drop(empty_home, "part.csv", "年份,区域,森林覆盖率\n2021,全县,47\n2021,月球,1\n2022,全县,x\n")
    lines = dict(
        line.split(": ", 1)
        for line in CliRunner()
        .invoke(eco, ["ingest", "--home", str(empty_home.root)])
        .output.splitlines()
        if line.startswith("forestry/")
    )
    assert lines["forestry/good.csv"] == (
        "accepted, forest_resources; 1 row(s) read = 1 accepted + 0 rejected + 0 duplicate"
    )
    assert lines["forestry/letter.csv"].startswith("refused, unknown dataset, ")
    assert "。" in lines["forestry/letter.csv"] or "；" in lines["forestry/letter.csv"]
    assert "3 row(s) read = 1 accepted + 2 rejected (" in lines["forestry/part.csv"]
    assert "不是数字 1" in lines["forestry/part.csv"]
    drop(empty_home, "again.csv", "年份,区域,森林覆盖率\n2020,全县,46\n")
    output = CliRunner().invoke(eco, ["ingest", "--home", str(empty_home.root)]).output
    assert "forestry/again.csv: the same content was received " in output


def test_a_failed_file_has_a_sentence_and_its_traceback_in_a_file(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drop(empty_home, "f.csv", "年份,区域,森林覆盖率\n2020,全县,46\n")

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("orchestration.intake.service.read_archived", breaks)
    arguments = ["ingest", "--home", str(empty_home.root)]
    result = CliRunner().invoke(eco, arguments)
    assert result.exit_code == 1
    assert (
        "forestry/f.csv: failed, the file stays in landing: "
        "unexpected error: ZeroDivisionError: division by zero"
    ) in result.output
    assert "The details are in " in result.output
    assert "Traceback" not in result.output
    [outcome] = json.loads(CliRunner().invoke(eco, [*arguments, "--json"]).stdout)
    assert outcome["error"] == "unexpected error: ZeroDivisionError: division by zero"
    [failed] = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    failed.log(logging.getLogger("orchestration.test"))
    assert "Traceback" in caplog.text, "the log of a service has the details"


def test_every_sample_is_accepted_whole(empty_home: Home) -> None:
    drop_samples(empty_home)
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert len(outcomes) > 20
    wrong = [
        line
        for outcome in outcomes
        for _, line in outcome.lines()
        if ": accepted, " not in line or " 0 rejected + 0 duplicate" not in line
    ]
    assert wrong == []
