"""The load of a region: counties as processes, their results, what the region keeps of them."""

import json
from pathlib import Path

import duckdb
import pytest

from orchestration import region as loads
from tests.made_up_region import make_region
from warehouse.region.members import Region, RegionError

# In the place of `eco`: the county in the folder `east` is refused where a file says so.
_STAND_IN = """
import json, os, pathlib, sys
home = pathlib.Path(sys.argv[3])
assert sys.argv[1:3] == ["nightly", "--home"] and "--json" in sys.argv
assert not {"ECO_HOME", "ECO_PLAN"} & os.environ.keys()
if (home / "break").exists():
    print("Error: the disk is full", file=sys.stderr)
    sys.exit(1)
refused = (home / "refuse").exists()
result = "refused" if refused else "unchanged"
print(json.dumps({"result": result, "problems": ["a check failed"] * refused}))
sys.exit(2 if refused else 0)
"""


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    monkeypatch.setattr(loads, "_ECO", _STAND_IN)
    monkeypatch.setenv("ECO_HOME", "elsewhere")
    monkeypatch.setenv("ECO_PLAN", "elsewhere")
    return make_region(tmp_path)


def kept(region: Region) -> list[tuple]:
    query = "select county_code, state_zh from region.counties where is_kept"
    with duckdb.connect(str(region.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_refused_county_keeps_its_publication_until_it_is_mended(region: Region) -> None:
    seen = []
    first = loads.run_nightly(region, on_county=lambda each: seen.append(each.member.code))
    assert sorted(seen) == ["140521", "140522"]
    assert (first.exit_code, first.layer.is_new, kept(region)) == (0, True, [])
    assert not loads.run_nightly(region).layer.is_new

    (region.root / "east" / "refuse").touch()
    refused = loads.run_nightly(region, processes=1)
    assert refused.exit_code == 2
    assert kept(region) == [("140521", "检查未通过，沿用上次发布")]
    since = region.loads()["140521"].since
    assert since and region.loads()["140521"].problems == ("a check failed",)

    (region.root / "east" / "break").touch()
    assert loads.run_nightly(region).exit_code == 1
    assert kept(region) == [("140521", "装载失败，沿用上次发布")]
    assert region.loads()["140521"].problems == ("Error: the disk is full",)
    assert region.loads()["140521"].since == since, "since the first load that did not end well"
    assert (region.logs / "140521.log").read_text(encoding="utf-8").startswith("Error")

    (region.root / "east" / "break").unlink()
    (region.root / "east" / "refuse").unlink()
    assert loads.run_nightly(region).exit_code == 0
    assert kept(region) == []


def test_settings_of_one_home_are_refused(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECO_SERVE_POSTGRES", "postgresql://host/eco")
    with pytest.raises(RegionError, match="ECO_SERVE_POSTGRES is set"):
        loads.run_nightly(region)
    assert not region.database.exists()


def test_counties_share_a_spark_server_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECO_ENGINE", "spark")
    monkeypatch.setenv("SPARK_REMOTE", "sc://localhost:15002")
    assert loads._side_by_side() == 1


@pytest.mark.parametrize("output", [b"", b"[]", b"null", json.dumps({"result": "?"}).encode()])
def test_a_load_without_a_result_has_failed(output: bytes, tmp_path: Path) -> None:
    log = tmp_path / "county.log"
    log.write_text("", encoding="utf-8")
    assert loads._result(output, log).result == "failed"
    assert loads._result(output, log).problems == ("it ended without a result",)
