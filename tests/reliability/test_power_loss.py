"""The order of writes: at each commit point all that it depends on would survive a power cut.

The same calls find a full disk: a file is then taken in later, a publication is the old or the new.

The calls that make things durable and those that show or remove them are recorded in this process.
A file's content is durable when it was synchronised after its last change, its name when its
folder was synchronised after the name was given, and so for folders that are new.
"""

import errno
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from orchestration.intake.own_files import INDEX
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from tests.unit.test_publish import build, read
from warehouse.care.verify import verify
from warehouse.home import clock
from warehouse.home.layout import Home
from warehouse.home.settings import DevelopmentSettings
from warehouse.lake.index import submissions
from warehouse.publication.candidate import assemble, pending_candidate, record_checks
from warehouse.publication.commit import publish, rollback
from warehouse.publication.current import newest_manifest, releases, snapshots
from warehouse.publication.manifest import Checks

NAMING = ("rename", "replace", "link", "symlink", "mkdir")
CALLS = (*NAMING, "unlink", "rmdir")


@dataclass(frozen=True)
class Event:
    """A call, with the path that it names or removes; of fsync what is durable by it."""

    call: str
    path: Path
    inode: tuple[int, int] | None = None
    modified_ns: int = 0


@dataclass
class Trace:
    """The calls in their order."""

    events: list[Event] = field(default_factory=list)
    fails_at: int | None = None
    writes: int = 0

    def write(self) -> None:
        """Count a call that takes room on the disk; the one of that number finds none."""
        self.writes += 1
        if self.writes == self.fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def index(self, call: str, path: Path) -> int:
        """Return the place of the first call of that kind that names or removes a path."""
        for number, event in enumerate(self.events):
            if event.call == call and event.path == path:
                return number
        raise AssertionError(f"no {call} of {path} in {self.events}")

    def volatile(self, path: Path, by: int) -> str | None:
        """Return what of a file would not survive a power cut before the event of that number."""
        status = path.stat()
        synced = [e for e in self.events[:by] if e.call == "fsync"]
        identity = (status.st_dev, status.st_ino)
        if path.is_file() and not any(
            e.inode == identity and e.modified_ns == status.st_mtime_ns for e in synced
        ):
            return f"the content of {path}"
        for name in (path, *path.parents):
            named = [n for n, e in enumerate(self.events) if e.call in NAMING and e.path == name]
            if not named or named[0] >= by:
                continue
            if not any(
                e.call == "fsync" and e.path == name.parent for e in self.events[named[0] : by]
            ):
                return f"the name of {name}"
        return None


def _resolved(path: Any, folder: int | None) -> Path:
    base = Path(os.readlink(f"/proc/self/fd/{folder}")) if folder is not None else Path.cwd()
    return Path(os.path.normpath(base / os.fsdecode(path)))


@contextmanager
def traced(fails_at: int | None = None) -> Iterator[Trace]:
    """Record the calls of `os` within the context; the disk is full at one of them."""
    trace = Trace(fails_at=fails_at)
    real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in (*CALLS, "fsync")}

    def fsync(descriptor: int) -> None:
        trace.write()
        real["fsync"](descriptor)
        status = os.fstat(descriptor)
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        identity = (status.st_dev, status.st_ino)
        trace.events.append(Event("fsync", path, identity, status.st_mtime_ns))

    def recorded(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if name in NAMING:
                trace.write()
            folder = options.get("dst_dir_fd", options.get("dir_fd"))
            target = _resolved(arguments[-1 if name in NAMING[:-1] else 0], folder)
            if name in ("rename", "replace"):
                source = _resolved(arguments[0], options.get("src_dir_fd"))
                trace.events.append(Event("leaves", source))
            done = real[name](*arguments, **options)
            trace.events.append(Event(name, target))
            return done

        return call

    with patch.multiple(os, fsync=fsync, **{name: recorded(name) for name in CALLS}):
        yield trace


@pytest.fixture
def dropped(empty_home: Home) -> Path:
    """A file of which some rows are accepted and one is returned."""
    path = empty_home.department("forestry") / "f.csv"
    text = "年份,区域,森林覆盖率\n2020,全县,46\n2021,全县,47\n2022,全县,多\n"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_a_file_leaves_landing_when_all_of_it_is_durable(empty_home: Home, dropped: Path) -> None:
    with traced() as trace:
        [outcome] = Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    assert outcome.outcome == "taken"
    leaves = trace.index("leaves", dropped)
    kept = [
        path
        for folder in (empty_home.archive, empty_home.lake, empty_home.quarantine)
        for path in folder.rglob("*")
        if path.is_file()
    ]
    assert len(kept) == 5, "bytes, manifest, rows of two years, returned rows"
    assert [found for path in kept if (found := trace.volatile(path, leaves))] == []
    [manifest] = empty_home.manifests.glob("*.json")
    commit = trace.index("replace", manifest)
    rows = [path for path in kept if path != manifest]
    assert [found for path in rows if (found := trace.volatile(path, commit))] == []


def test_the_intakes_record_goes_when_the_receipt_is_durable(
    empty_home: Home, dropped: Path
) -> None:
    with traced() as trace:
        Intake(empty_home, load_contracts(), "test").run(settle_seconds=0)
    [record] = [
        e.path for e in trace.events if e.call == "unlink" and e.path.parent == empty_home.intents
    ]
    assert trace.index("replace", record) < trace.index("leaves", dropped)
    gone = trace.index("unlink", record)
    folder = empty_home.receipts("forestry")
    receipts = [path for path in folder.iterdir() if path.is_file() and path.name != INDEX]
    assert len(receipts) >= 2, "page and text"
    assert [found for path in receipts if (found := trace.volatile(path, gone))] == []


def test_a_publication_and_a_rollback_show_a_durable_file(empty_home: Home) -> None:
    stamps = []
    with traced() as trace:
        for value in (1, 2):
            build(empty_home, value)
            record_checks(assemble(empty_home), Checks(True))
            stamps.append(publish(empty_home, pending_candidate(empty_home)).stamp)
        rollback(empty_home, stamps[0], reason="test")
    shown = [
        number
        for number, event in enumerate(trace.events)
        if (event.call, event.path) == ("replace", empty_home.database)
    ]
    assert len(shown) == 3
    current = empty_home.snapshots / stamps[0] / "eco.duckdb"
    assert os.path.samefile(current, empty_home.database)
    assert trace.volatile(current, shown[0]) is None, "its content before it is shown"
    for number in shown:
        after = trace.events[number + 1 :]
        assert any(e.call == "fsync" and e.path == empty_home.published for e in after)
    record = empty_home.published / "rollbacks.json"
    assert trace.volatile(record, shown[-1]) is None, "the record comes first"


SEED = DevelopmentSettings.load().test_seed or 20261127
SHARE = 8  # one call in so many finds a full disk


def _sample(calls: int) -> list[int]:
    print(f"seed {SEED}")
    first = random.Random(SEED).randrange(1, SHARE + 1)
    return list(range(first, calls + 1, SHARE))


def _take_in(home: Home, path: Path, fails_at: int | None = None) -> Trace:
    path.write_text("年份,区域,森林覆盖率\n2020,全县,46\n2021,全县,多\n", encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    with traced(fails_at) as trace:
        Intake(home, load_contracts(), "test").run(settle_seconds=0)
    return trace


def test_a_full_disk_at_any_call_of_an_intake_is_made_up_for(
    empty_home: Home, tmp_path: Path
) -> None:
    calls = _take_in(empty_home, empty_home.department("forestry") / "f.csv").writes
    assert calls > 20
    for number in _sample(calls):
        home = Home.at(tmp_path / str(number))
        home.create(load_contracts().departments)
        path = home.department("forestry") / "f.csv"
        try:
            _take_in(home, path, number)
        except OSError as error:
            assert error.errno == errno.ENOSPC
        assert path.exists() or submissions(home), f"call {number}: neither file nor rows"
        Intake(home, load_contracts(), "test").run(settle_seconds=0)
        [submission] = submissions(home)
        assert (submission.rows_accepted, submission.rows_rejected) == (1, 1)
        assert not verify(home).problems, f"call {number}"
        assert not path.exists()
        assert list(home.receipts("forestry").glob("*f.csv*.html")), f"call {number}: no receipt"
        assert list(home.intents.iterdir()) == []


def test_a_full_disk_at_any_call_of_a_publication_leaves_old_or_new(empty_home: Home) -> None:
    def prepare(value: int) -> None:
        build(empty_home, value)
        record_checks(assemble(empty_home), Checks(True))

    prepare(0)
    with traced() as trace:
        publish(empty_home, pending_candidate(empty_home))
    published = 0
    for number in _sample(trace.writes):
        prepare(number)
        try:
            with traced(number):
                publish(empty_home, pending_candidate(empty_home))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        [(found,)] = read(empty_home.database)
        assert found in (published, number), f"call {number}"
        published = found
    prepare(1000)
    publish(empty_home, pending_candidate(empty_home))
    assert read(empty_home.database) == [(1000,)]


def test_a_publication_after_the_clock_was_set_back_is_in_force(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [datetime(2026, 11, day, 2, tzinfo=UTC) for day in (20, 10, 5)]
    for value, moment in enumerate(moments):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        build(empty_home, value)
        record_checks(assemble(empty_home), Checks(True))
        publish(empty_home, pending_candidate(empty_home))
        assert read(empty_home.database) == [(value,)]
        in_force = newest_manifest(empty_home)
        assert in_force is not None
        assert datetime.fromisoformat(in_force.built_at) == moment
    assert [release.built_at[:10] for release in releases(empty_home)] == [
        *("2026-11-20", "2026-11-10", "2026-11-05")
    ]
    assert len(snapshots(empty_home)) == 3
