"""Who starts a run writes its configuration: it reaches no other home, no secret and no lock."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.definitions import INGEST, NIGHTLY, defs
from orchestration.instance import open_instance
from orchestration.keys import PUBLISHED
from orchestration.resources import Load
from sources.contracts import load_contracts
from warehouse.home.layout import Home

SECRET = "s3cret-of-the-mail-server"
ROW = "年份,区域,森林覆盖率\n2020,全县,46\n"


def _run(
    home: Home, job: str, load: dict[str, Any], assets: list[dg.AssetKey] | None = None
) -> str:
    """Run a job in a home's own instance, as the web UI does; return what its log says."""
    with open_instance(home) as instance:
        result = defs.resolve_job_def(job).execute_in_process(
            run_config={"resources": {"load": {"config": load}}},
            instance=instance,
            asset_selection=assets,
            raise_on_error=False,
        )
        assert not result.success
        log = instance.all_logs(result.run_id)
        texts = [repr(entry) for entry in log]
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE
        return "\n".join([*texts, repr(run.run_config)])


def test_a_run_cannot_name_another_home(empty_home: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.create(load_contracts().departments)
    dropped = other.department("forestry") / "f.csv"
    dropped.write_text(ROW, encoding="utf-8")
    before = sorted(path for path in other.root.rglob("*") if path.is_file())
    said = _run(empty_home, INGEST, {"home_dir": str(other.root), "builds": False})
    assert "is not the data home of this service" in said
    assert sorted(path for path in other.root.rglob("*") if path.is_file()) == before
    assert not (empty_home.root / "state" / "build" / "eco.duckdb").exists()


@pytest.mark.parametrize("field", ["home_dir", "as_of"])
def test_a_run_cannot_read_a_variable_of_the_process(
    empty_home: Home, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECO_SMTP_PASSWORD", SECRET)
    load = {"home_dir": str(empty_home.root), field: {"env": "ECO_SMTP_PASSWORD"}}
    said = _run(empty_home, INGEST, load)
    assert "of the run's configuration is" in said
    assert SECRET not in said


def test_a_run_cannot_build_without_the_load_lock(empty_home: Home) -> None:
    load = {"home_dir": str(empty_home.root), "builds": False}
    assert "builds: false" in _run(empty_home, NIGHTLY, load, [PUBLISHED])
    with pytest.raises(dg.Failure, match="builds: false"):
        Load(**load).require_lock()
    Load(home_dir=load["home_dir"]).require_lock()
