"""The index of manifests: whatever happens to it or to them, it gives what the manifests say."""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sources.contracts import load_contracts
from tests.unit.test_lake import MOMENT, rows, submit
from warehouse.home.layout import Home
from warehouse.lake import index
from warehouse.lake.commit import write_manifest
from warehouse.lake.submissions import (
    LakeError,
    Submission,
    manifest_path,
    read_manifest,
    read_manifests,
)

YEAR_AGO_NS = 31_536_000 * 10**9
READ: list[str] = []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with five submissions and an index of them; READ notes the manifests that are read."""
    made = Home.at(tmp_path / "home")
    made.create(load_contracts().departments)
    monkeypatch.setattr(index, "_SETTLED_NS", -(10**12))
    monkeypatch.setattr(index, "MOST_UNINDEXED", 0)
    monkeypatch.setattr(index, "_known", None)
    for number in range(5):
        submission = submit(made, f"{number}", rows((2020, 1.0)))
        # Of the details only what says why reading stopped is in the index.
        stopped = {"stopped": {"cause": "time"}} if number == 3 else {}
        write_manifest(made, replace(submission, details={"header_line": 1, **stopped}))
    index.submissions(made)

    def parsed(path: Path, content: bytes) -> Submission:
        READ.append(path.name)
        return read_manifest(path)

    monkeypatch.setattr(index, "parse_manifest", parsed)
    READ.clear()
    return made


def as_manifests_say(home: Home) -> list[Submission]:
    """Return what the index has to give, from the manifests themselves."""
    return [
        replace(s, details={k: v for k, v in s.details.items() if k == "stopped"})
        for s in read_manifests(home)
    ]


def of_a_new_process(home: Home) -> list[Submission]:
    index._known = None
    READ.clear()
    return index.submissions(home)


def test_a_new_process_reads_the_index_and_no_manifest(home: Home) -> None:
    assert of_a_new_process(home) == as_manifests_say(home)
    assert READ == []
    assert index.latest_received(home) == MOMENT
    early = index.submissions(home, MOMENT.replace(year=2000))
    assert early == []
    assert len(index.digests(home)) == 5
    assert index.digests(home, MOMENT.replace(year=2000)) == []


def test_a_committed_submission_is_the_only_one_that_is_read(home: Home) -> None:
    added = submit(home, "another", rows((2021, 1.0)))
    for _ in (of_a_new_process(home), of_a_new_process(home)):
        assert index.submissions(home) == as_manifests_say(home)
    assert READ == [], "it came into the index"
    assert added in index.submissions(home)


def rewritten(path: Path) -> None:
    """The same size, the same times as far as a program can set them, another content."""
    at = path.stat()
    path.write_text(path.read_text().replace('"rows_read": 1', '"rows_read": 7'))
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_text(path.read_text().replace('"rows_read": 1', '"rows_read": 7'))
    os.replace(other, path)


def restored(path: Path) -> None:
    """Taken from a backup that keeps times, of a moment before."""
    content = path.read_text().replace('"rows_read": 1', '"rows_read": 7')
    path.unlink()
    path.write_text(content)
    os.utime(path, ns=(YEAR_AGO_NS, YEAR_AGO_NS))


@pytest.mark.parametrize("change", [rewritten, replaced, restored, Path.unlink])
@pytest.mark.parametrize("new_process", [True, False])
def test_a_manifest_that_changed_or_is_gone_is_noticed(
    home: Home, change: Callable[[Path], None], new_process: bool
) -> None:
    before, digests = as_manifests_say(home), index.digests(home)
    change(manifest_path(home, before[2].submission_id))
    found = of_a_new_process(home) if new_process else index.submissions(home)
    assert found == as_manifests_say(home) != before
    assert index.digests(home) != digests


def test_a_damaged_manifest_is_named_although_it_is_in_the_index(home: Home) -> None:
    path = manifest_path(home, index.submissions(home)[1].submission_id)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    for _ in range(2):
        with pytest.raises(LakeError, match=path.name):
            index.submissions(home)
    path.write_bytes(content)
    assert index.submissions(home) == as_manifests_say(home)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def bit_flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, bit_flipped, emptied, a_folder, Path.unlink])
def test_a_damaged_index_is_made_anew(
    home: Home, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    damage(home.submission_index)
    with caplog.at_level(logging.WARNING):
        assert of_a_new_process(home) == as_manifests_say(home)
    assert len(READ) == 5
    assert bool(caplog.records) == (damage is not Path.unlink)
    if damage is not a_folder:  # that is set aside by the next command
        assert of_a_new_process(home) == as_manifests_say(home)
        assert READ == []


def test_the_index_of_a_copied_home_is_not_trusted(home: Home, tmp_path: Path) -> None:
    """Its manifests are other files, which may have been changed on the way."""
    copy = Home.at(shutil.copytree(home.root, tmp_path / "copy"))
    path = manifest_path(copy, index.submissions(home)[0].submission_id)
    rewritten(path)
    assert of_a_new_process(copy) == as_manifests_say(copy)


def test_a_manifest_of_this_moment_is_read_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may change within the precision of the file system's clock."""
    monkeypatch.setattr(index, "_SETTLED_NS", 3600 * 10**9)
    index.submissions(home)
    index.submissions(home)
    assert len(READ) == 10
    monkeypatch.setattr(index, "_SETTLED_NS", -(10**12))
    index.submissions(home)
    index.submissions(home)
    assert len(READ) == 15, "what was read in that moment is not trusted later either"
