"""Intake of landing files, in the test's own process."""

import errno

import pytest

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

    monkeypatch.setattr("orchestration.intake.receipts.write_text", full)
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert [o.outcome for o in outcomes] == ["failed", "failed"]
    assert all("No space left" in (o.error or "") for o in outcomes)
    monkeypatch.undo()
    outcomes = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert [o.outcome for o in outcomes] == ["taken", "taken"]
