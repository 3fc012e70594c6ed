"""Homes that earlier versions made are taken on: the same rows, none doubled, none damaged."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.cli import eco
from orchestration.intake.reread import Rereading
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from tests.tools import past_homes
from warehouse.build.start import start_build
from warehouse.care.verify import verify
from warehouse.home.layout import Home
from warehouse.lake.index import submissions

DROPPED = 1_700_000_000


@pytest.fixture(params=past_homes.EPOCHS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A kept home, upgraded as docs/operations.md says: `eco init` over it."""
    root = tmp_path / "home"
    shutil.copytree(past_homes.KEPT / request.param, root)
    upgraded = Home.at(root)
    upgraded.create(load_contracts().departments)
    return upgraded


def rows_of_a_build(home: Home, columns: dict[str, list[str]]) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each view of the lake with the given columns, as text."""
    with duckdb.connect(str(start_build(home, load_contracts()))) as connection:
        return {
            view: [
                dict(zip(names, map(str, row), strict=True))
                for row in connection.sql(
                    f'select {", ".join(names)} from lake."{view}" order by all'
                ).fetchall()
            ]
            for view, names in columns.items()
        }


def test_a_home_of_the_past_gives_the_same_rows(home: Home) -> None:
    expected = json.loads((home.root / past_homes.ROWS).read_text(encoding="utf-8"))
    assert {view: len(rows) for view, rows in expected.items()} == {
        "air_quality_daily": 3,
        "forest_resources": 4,
    }
    columns = {view: list(rows[0]) for view, rows in expected.items()}
    assert rows_of_a_build(home, columns) == expected


def test_a_home_of_the_past_is_whole_and_read_as_then(home: Home) -> None:
    assert not verify(home).problems
    assert len(submissions(home)) == len(past_homes.FILES)
    done = Rereading(home, load_contracts(), "test").run(everything=True)
    assert [reread.differences for reread in done if reread.outcome == "lost"] == []
    counted = ("rows_", "dataset", "status", "periods")
    differ = [d for reread in done for d in reread.differences if d.startswith(counted)]
    assert differ == [], "as many rows, of the same dataset and periods"


def test_files_that_a_home_of_the_past_knows_are_not_taken_twice(home: Home) -> None:
    before = {s.submission_id for s in submissions(home)}
    for name, text in past_homes.FILES.items():
        path = home.landing / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (DROPPED, DROPPED))
    outcomes = Intake(home, load_contracts(), "test").run(settle_seconds=0)
    assert [outcome.outcome for outcome in outcomes] == ["known"] * len(past_homes.FILES)
    assert {s.submission_id for s in submissions(home)} == before
    done = CliRunner().invoke(eco, ["status", "--json", "--home", str(home.root)])
    assert done.exit_code == 0, done.output


def test_the_kept_homes_are_of_commits_of_this_history() -> None:
    for commit in past_homes.EPOCHS.values():
        found = subprocess.run(
            ["git", "-C", str(past_homes.PROJECT), "cat-file", "-e", f"{commit}^{{commit}}"],
            capture_output=True,
        )
        if found.returncode:
            pytest.skip(f"commit {commit} is not here: a shallow clone, or no git checkout")
