"""Whatever lies in one landing folder, the other departments' files are taken in."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.intake.outcome import FileOutcome
from orchestration.intake.service import Intake
from orchestration.monitoring.health import examine
from orchestration.monitoring.status import lines
from sources.contracts import load_contracts
from tests.reliability import hostile_landing, landing_race
from tests.reliability.hostile_landing import Hostile
from warehouse.home.layout import Home
from warehouse.lake.index import submissions


def take_in(home: Home) -> list[FileOutcome]:
    return Intake(home, load_contracts(), "test").run(settle_seconds=0)


@pytest.fixture
def hostile(empty_home: Home, tmp_path: Path) -> Iterator[Hostile]:
    yield hostile_landing.fill(empty_home, tmp_path / "outside")
    hostile_landing.clear(empty_home.landing)


def entries(root: Path) -> dict[bytes, tuple[int, int]]:
    return {
        os.path.join(parent, name): (status.st_ino, status.st_mtime_ns)
        for parent, folders, names in os.walk(os.fsencode(root))
        for name in (*folders, *names)
        if (status := os.lstat(os.path.join(parent, name)))
    }


def test_each_entry_has_a_receipt_or_a_finding_and_no_other_file_waits_for_it(
    empty_home: Home, hostile: Hostile
) -> None:
    before = entries(hostile.outside)
    outcomes = take_in(empty_home)
    verdicts: dict[tuple[str, str], set[str]] = {}
    for submission in submissions(empty_home):
        key = (submission.department, submission.file_name)
        verdicts.setdefault(key, set()).add(submission.status)
    assert verdicts == (
        {key: {"accepted"} for key in hostile.taken}
        | {key: {"refused"} for key in hostile.refused}
        | {("forestry", "打包.zip"): {"accepted", "refused"}}
    )
    for outcome in outcomes:
        assert outcome.outcome in ("taken", "left"), outcome
        if outcome.outcome == "taken":
            assert outcome.receipt is not None
            folder = os.path.realpath(outcome.receipt.parent)
            assert folder.startswith(str(empty_home.landing))
            assert outcome.receipt.name.isprintable()
        assert all(text.isprintable() for _, text in outcome.lines())
    report = examine(empty_home)
    assert {o.path: o.code for o in report.facts.obstacles} == hostile.left
    assert report.facts.obstacle_count == len(hostile.left)
    assert report.facts.waiting_files == 0
    assert "landing_obstacles" in [reason.code for reason in report.reasons]
    shown = "\n".join(lines(report))
    assert all(path in shown for path in hostile.left)
    note = empty_home.receipts("forestry") / "没有读取的内容.txt"
    assert all(p in note.read_text("utf-8") for p in hostile.left if p.startswith("forestry/"))
    assert entries(hostile.outside) == before

    known = len(submissions(empty_home))
    again = take_in(empty_home)
    assert {outcome.outcome for outcome in again} == {"left"}
    assert len(submissions(empty_home)) == known


def test_nothing_outside_is_read_or_changed_while_a_thief_swaps_folders_and_links() -> None:
    """A short run of `landing_race`; the long one is a program of its own."""
    print(f"seed {landing_race.SEED} (set ECO_TEST_SEED to repeat another)")
    root = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users
    root.chmod(0o755)
    try:
        found = landing_race.race(root, 3_000, landing_race.SEED)
    finally:
        shutil.rmtree(root)
    assert sum(found.acts.values()) > 2_000
    assert found.dropped > 0 < found.outcomes["taken"]
