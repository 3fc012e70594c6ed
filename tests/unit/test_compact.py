"""Small files joined for builds: the same rows, whatever is joined."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from sources.contracts import load_contracts
from tests.unit.test_lake import MOMENT, query, rejects, rows, submit
from warehouse.build import compact
from warehouse.build.start import start_build
from warehouse.home.layout import Home
from warehouse.lake.holds import new_decision

ROWS = "select * exclude (submission_id), submission_id from lake.agricultural_inputs"
REJECTED = "select submission_id, row_number from intake.rejected_rows"
CONTRACTS = load_contracts()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with seven submissions of two years, each of which has a rejected row."""
    made = Home.at(tmp_path / "a home with 'quotes'")
    made.create(CONTRACTS.departments)
    monkeypatch.setattr(compact, "BLOCKS", (4, 2))
    monkeypatch.setattr(compact, "MOST_ROWS", 2)
    for number in range(7):
        # One is too large to be joined.
        years = [(2020, float(number)), (2021, 1.0), *[(2020, 2.0)] * (3 if number == 2 else 0)]
        received = MOMENT + timedelta(days=number)
        submit(made, f"{number}", rows(*years), rejects(9), received=received)
    return made


def blocks(home: Home) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in home.compact.glob("*/*"))


def unjoined(home: Home, monkeypatch: pytest.MonkeyPatch, **which: object) -> list[list[tuple]]:
    """Return the rows, sorted, of a build that joins nothing."""
    with monkeypatch.context() as patch:
        patch.setattr(compact, "BLOCKS", ())
        return built(home, **which)


def built(home: Home, **which: object) -> list[list[tuple]]:
    with duckdb.connect(str(start_build(home, CONTRACTS, **which)), read_only=True) as connection:
        return [sorted(connection.execute(sql).fetchall(), key=str) for sql in (ROWS, REJECTED)]


def test_a_build_reads_the_same_rows_from_joined_files(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = built(home)
    # 2020: the large file, four, two; 2021: four, two and one; rejected: four, two and one.
    assert blocks(home) == ["2020", "2020", "2021", "2021", "all", "all"]
    assert [len(table) for table in found] == [17, 7]
    kept = {path: path.stat().st_mtime_ns for path in home.compact.glob("*/*")}
    assert built(home) == found
    assert {path: path.stat().st_mtime_ns for path in home.compact.glob("*/*")} == kept
    assert unjoined(home, monkeypatch) == found
    assert blocks(home) == [], "a build removes the blocks that it does not use"


def test_a_new_file_leaves_the_blocks_before_it(home: Home) -> None:
    built(home)
    before = set(home.compact.glob("agricultural_inputs/2021-*"))
    submit(home, "8", rows((2021, 5.0)), received=MOMENT + timedelta(days=8))
    assert (2021, 5.0) in query(
        home, CONTRACTS, "select year, fertiliser from lake.agricultural_inputs"
    )
    after = set(home.compact.glob("agricultural_inputs/2021-*"))
    assert len(before) == 2
    assert len(after) == 2, "four and four"
    assert len(before & after) == 1


def test_a_build_as_of_a_moment_and_one_that_holds_a_submission(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(home)
    before = blocks(home)
    moment = {"as_of": MOMENT + timedelta(days=4, hours=1)}
    assert built(home, **moment) == unjoined(home, monkeypatch, **moment)
    assert blocks(home) == before, "the blocks of the present stay"
    identity = query(home, CONTRACTS, "select submission_id from intake.submissions")[1][0]
    decision = new_decision(identity, "hold", by="a test", reason="-")
    held = {"also_held": {identity: decision}}
    found = built(home, **held)
    assert found == unjoined(home, monkeypatch, **held)
    assert identity not in {row[-1] for row in found[0]}


def test_a_damaged_block_is_made_again(home: Home) -> None:
    found = built(home)
    for path in home.compact.glob("*/*"):
        path.write_bytes(path.read_bytes()[:-9])
    assert built(home) == found
