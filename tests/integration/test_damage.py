"""A nightly load over a damaged lake: refused in one text, the last publication stays, mended."""

import json

import pytest

from tests.conftest import Eco
from warehouse.lake.index import submissions

pytestmark = pytest.mark.slow


def test_a_load_over_a_missing_file_is_refused_and_names_it(copy_of_loaded: Eco) -> None:
    eco = copy_of_loaded
    backups = eco.home.root.with_name("backups")
    eco("backup", str(backups))
    before = (eco.home.published / "manifest.json").read_text("utf-8")
    victim = next(s for s in submissions(eco.home) if s.files)
    missing = eco.home.root / victim.files[0].path
    missing.unlink()
    done = eco("nightly", exit_code=2)
    assert "stays in force" in done.stderr
    for named in (victim.files[0].path, victim.submission_id, victim.file_name):
        assert named in done.stderr
    assert "eco restore" in done.stderr, "the remedy is named"
    assert "Traceback" not in done.stderr + done.stdout
    assert (eco.home.published / "manifest.json").read_text("utf-8") == before
    found = json.loads(eco("verify", "--json", exit_code=1).stdout)
    assert [p["path"] for p in found["problems"]] == [victim.files[0].path]
    assert "1 restored" in eco("restore", "--lake-from-archive").stdout
    missing.unlink()
    assert "1 file(s) put back, 0 left" in eco("restore", "--repair", str(backups)).stdout
