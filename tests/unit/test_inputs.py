"""The digest by which a load knows that it has nothing to build."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.dbt_build import inputs
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from warehouse.home.layout import Home

THEN = datetime(2026, 1, 2, tzinfo=UTC)


def test_the_same_inputs_have_the_same_digest_and_others_another(
    empty_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [
        inputs.digest(empty_home, as_of=None, year=None),
        inputs.digest(empty_home, as_of=None, year=2023),
        inputs.digest(empty_home, as_of=THEN, year=None),
    ]
    assert inputs.digest(empty_home, as_of=None, year=None) == seen[0]
    monkeypatch.setattr(inputs, "county_day", lambda moment: THEN.date())
    seen.append(inputs.digest(empty_home, as_of=None, year=None))
    monkeypatch.undo()
    (empty_home.department("forestry") / "f.csv").write_text("年份,区域,森林覆盖率\n2020,全县,46\n")
    Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    seen.append(inputs.digest(empty_home, as_of=None, year=None))
    assert inputs.digest(empty_home, as_of=THEN, year=None) == seen[2], "received later"
    (tmp_path / "dbt_project").mkdir()
    monkeypatch.setattr(inputs, "PROJECT", tmp_path)
    seen.append(inputs.digest(empty_home, as_of=None, year=None))
    (tmp_path / "dbt_project" / "model.sql").write_text("select 1")
    seen.append(inputs.digest(empty_home, as_of=None, year=None))
    assert len(set(seen)) == len(seen)
