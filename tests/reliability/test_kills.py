"""A load that dies at any moment, and the load after it: as if nothing had happened.

Every commit in a data home is a rename, a link or a removal. `Death` lets the n-th of them be the
last thing a process does: from then on no file operation of it succeeds, as with a killed one.
Real SIGKILLs at random moments of whole loads are in `random_kills.py`; a few of them run here.
"""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.commands.samples import drop_samples
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from tests.conftest import Eco
from tests.reliability import random_kills
from warehouse.home.files import sha256_of
from warehouse.home.layout import Home
from warehouse.lake.index import submissions
from warehouse.publication.candidate import assemble, pending_candidate, record_checks
from warehouse.publication.commit import publish, rollback
from warehouse.publication.complete import complete
from warehouse.publication.current import current_manifest, rollback_in_force
from warehouse.publication.manifest import Checks

POINTS = ("replace", "rename", "link", "symlink", "unlink", "rmdir", "mkdir")


class Killed(BaseException):
    """The process is dead; nothing may catch this."""


class Death:
    """Counts the file operations that commit something and dies before the n-th, or after it."""

    def __init__(self, at: int | None, *, after: bool = False) -> None:
        self.at = at
        self.after = after
        self.count = 0
        self.dead = False

    def wrap(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if self.dead:
                raise Killed
            self.count += 1
            if self.count == self.at and not self.after:
                self.dead = True
                raise Killed
            try:
                return operation(*args, **kwargs)
            finally:
                # Also where it fails, as removing what is not there does.
                if self.at is not None and self.count >= self.at:
                    self.dead = True
                    raise Killed

        return wrapped


@contextmanager
def dying(at: int | None, *, after: bool = False) -> Iterator[Death]:
    """Let this process die at that operation; survive it."""
    death = Death(at, after=after)
    with pytest.MonkeyPatch.context() as patch:
        for name in POINTS:
            patch.setattr(os, name, death.wrap(getattr(os, name)))
        try:
            yield death
        except Killed:
            assert death.dead


def moments(watch: Death) -> Iterator[tuple[int, bool]]:
    """Before each operation, which is after the one ahead of it; and after the last."""
    yield from ((point, False) for point in range(1, watch.count + 1))
    yield watch.count, True


def make_home(root: Path) -> Home:
    home = Home.at(root)
    home.create(load_contracts().departments)
    return home


def drop_some(home: Home) -> None:
    """Three files: one accepted whole, one in part, one refused."""
    files = {
        "forestry/good.csv": "年份,区域,森林覆盖率\n2019,全县,46\n2020,全县,46.63\n",
        "forestry/in_part.csv": "年份,区域,森林覆盖率\n2021,全县,47\n2021,月球,1\n",
        "energy/refused.csv": "年份,区域,森林覆盖率\n2021,全县,47.1\n",
    }
    for name, text in files.items():
        path = home.landing / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))


def take_in(home: Home) -> None:
    Intake(home, load_contracts(), "test").run(settle_seconds=0)


def contents(home: Home) -> dict[str, Any]:
    """Return the content of a home, without times."""
    committed = {
        s.submission_id: {
            **{k: v for k, v in vars(s).items() if k not in ("received_at", "details")},
            "receipts": len(list(home.receipts(s.department).glob(f"*{s.file_name}.*"))),
        }
        for s in submissions(home)
    }
    return {
        "submissions": committed,
        "files": sorted(
            p.relative_to(home.root).as_posix()
            for folder in (home.lake, home.archive, home.quarantine, home.intents)
            for p in folder.rglob("*")
            if p.is_file()
        ),
        "landing": sorted(
            p.relative_to(home.landing).as_posix()
            for p in home.landing.rglob("*")
            if p.is_file() and p.parent.name != "receipts"
        ),
        "receipts": len([p for p in home.landing.rglob("receipts/*")]),
    }


@pytest.mark.whole_loads
def test_an_intake_killed_at_every_commit_point_is_finished_by_the_next(tmp_path: Path) -> None:
    first, undisturbed = make_home(tmp_path / "first"), make_home(tmp_path / "undisturbed")
    drop_some(first)
    take_in(first)  # starts the workers, which make folders of their own
    drop_some(undisturbed)
    with dying(None) as watch:
        take_in(undisturbed)
    expected = contents(undisturbed)
    assert len(expected["submissions"]) == 3
    assert expected["landing"] == []
    assert watch.count > 30
    for point, after in moments(watch):
        home = make_home(tmp_path / f"{after}-{point}")
        drop_some(home)
        with dying(point, after=after) as death:
            take_in(home)
        assert death.dead, point
        take_in(home)
        assert contents(home) == expected, f"killed {'after' if after else 'before'} {point}"


def build(home: Home, value: int) -> None:
    home.build_database.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_database)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.t as select {value} as v")


def publish_value(home: Home, value: int) -> str:
    """Publish a database, a report and open data with that value; return the stamp."""
    candidate = assemble(home)
    for folder in (candidate.data_docs, candidate.open_data):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(str(value), encoding="utf-8")
    record_checks(candidate, Checks(True))
    return publish(home, pending_candidate(home)).stamp


def copied(home: Home, name: str) -> Home:
    """A copy of a home beside it."""
    root = home.root.with_name(name)
    shutil.copytree(home.root, root, symlinks=True)
    return Home.at(root)


def value(home: Home) -> int:
    with duckdb.connect(str(home.database), read_only=True) as connection:
        return connection.execute("select v from marts.t").fetchall()[0][0]


def assert_whole(home: Home) -> None:
    """Database, pages, open data, manifest and snapshot are of one publication."""
    current = current_manifest(home)
    assert current is not None
    stamp = current.stamp
    for page in (home.report / "data_docs" / "index.html", home.open_data / "index.html"):
        assert page.read_text(encoding="utf-8") == str(value(home))
    manifest = json.loads((home.published / "manifest.json").read_text("utf-8"))
    assert manifest["stamp"] == stamp
    assert sha256_of(home.snapshots / stamp / "eco.duckdb") == manifest["sha256"]
    assert json.loads((home.published / "changes.json").read_text("utf-8"))["stamp"] == stamp
    assert not list(home.published.rglob(".*")), "nothing half-made is left"


def assert_readable(home: Home, values: tuple[int, ...]) -> None:
    """What readers open right after a crash: each piece whole, of one publication or the other."""
    assert value(home) in values
    for page in (home.report / "data_docs" / "index.html", home.open_data / "index.html"):
        assert int(page.read_text(encoding="utf-8")) in values


@pytest.mark.whole_loads
def test_a_publication_killed_at_every_commit_point_leaves_old_or_new(tmp_path: Path) -> None:
    start = make_home(tmp_path / "start")
    build(start, 1)
    publish_value(start, 1)
    build(start, 2)
    with dying(None) as watch:
        publish_value(copied(start, "undisturbed"), 2)
    assert watch.count > 10
    for point, after in moments(watch):
        home = copied(start, f"{after}-{point}")
        with dying(point, after=after):
            publish_value(home, 2)
        assert_readable(home, (1, 2))
        killed_at = value(home)
        complete(home)
        assert_whole(home)
        assert value(home) == killed_at
        if point % 4:  # a third publication behind each would take a minute
            continue
        build(home, 3)
        newest = publish_value(home, 3)
        assert value(home) == 3
        assert_whole(home)
        assert max(p.name for p in home.snapshots.iterdir()) == newest


def test_a_rollback_killed_at_every_commit_point_leaves_old_or_new(tmp_path: Path) -> None:
    start = make_home(tmp_path / "start")
    build(start, 1)
    stamp = publish_value(start, 1)
    build(start, 2)
    publish_value(start, 2)
    home = copied(start, "undisturbed")
    with dying(None) as watch:
        rollback(home, stamp, reason="")
    assert value(home) == 1
    assert watch.count >= 4
    for point, after in moments(watch):
        home = copied(start, f"{after}-{point}")
        with dying(point, after=after):
            rollback(home, stamp, reason="")
        assert_readable(home, (1, 2))
        complete(home)
        assert_whole(home)
        assert (rollback_in_force(home) is not None) == (value(home) == 1)
        if value(home) == 2:
            rollback(home, stamp, reason="")
        assert value(home) == 1
        assert_whole(home)


@pytest.mark.whole_loads
@pytest.mark.slow
def test_loads_killed_at_random_moments_lose_and_double_nothing(
    loaded: Eco, tmp_path: Path
) -> None:
    print(f"seed {random_kills.SEED} (set ECO_TEST_SEED to repeat another)")
    home = random_kills.made(tmp_path / "home")
    drop_samples(home)
    trial = random_kills.Trial(home, random.Random(random_kills.SEED), print)
    trial.note_waiting()
    trial.run(2, files=0, finish_every=2)
    random_kills.assert_same(home.database, loaded.home.database)
