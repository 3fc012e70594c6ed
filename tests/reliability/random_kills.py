"""Nightly loads killed at random moments: no row lost, none doubled, always published whole.

    python -m tests.reliability.random_kills --kills 200 [--seed N]

New files are dropped before every load; the load is killed (SIGKILL) in its intake, its build, its
checks or its publication, or the processes that read its files are and the load goes on: each as
often, a random time after that part began. After every kill the
published file is opened and compared with the fingerprints it carries, and every file ever dropped
must be in landing or committed, with exactly its rows. Every tenth load runs to its end. At the
end a home that took the same files in without a kill must have published the same rows; to both it
is the same day, however late it is. The suite runs a few kills of it (`test_kills.py`).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import polars as pl

from orchestration.commands.samples import drop_samples
from sources.contracts import load_contracts
from warehouse.care import verify
from warehouse.home import clock
from warehouse.home.layout import Home
from warehouse.home.settings import DevelopmentSettings
from warehouse.lake.index import submissions
from warehouse.lake.submissions import Submission, archive_path

# `eco`, with the county's clock so many seconds ahead as the first argument says.
ECO_AHEAD = """
import sys
from datetime import timedelta
from orchestration.cli import main
from warehouse.home import clock
ahead, now = timedelta(seconds=float(sys.argv.pop(1))), clock.now
clock.now = lambda: now() + ahead
sys.exit(main())
"""
SEED = DevelopmentSettings.load().test_seed or 20261125
# How each part of a load is announced on the terminal; the last ends with the process.
PARTS = {
    "intake": "",
    "build": "dbt: building the warehouse",
    "checks": "candidate ",
    "publication": "checks: ",
}
WORKERS = "workers"  # their death is not the load's
DEPARTMENT = "agriculture"
AREAS = ("全县", "凤城镇", "北留镇", "润城镇")
HEADER = "年份,区域,化肥施用量,农药使用量\n"
# What follows from when loads ran and which came before, not from what was delivered: columns,
# whole tables, and findings that are mended or speak of the publication before.
OF_THE_TIME = {
    "*": {
        "received_at",
        "last_received_at",
        "latest_received_at",
        "received_on",
        "software_version",
    },
    "findings": {"state", "state_zh", "first_seen", "mended_on"},
    "department_scorecard": {"open_findings"},
}
OF_THE_HISTORY = {"publication_changes"}
PRESENT = "where state <> 'mended' and rule not like 'published_value_%'"
_TICK = 0.005
_SLOWEST = 900.0


class Trial:
    """One home whose loads are killed. `chance` decides when, and what is dropped.

    `ahead` is by how much the clock of its loads is before the real one.
    """

    def __init__(
        self,
        home: Home,
        chance: random.Random,
        say: Callable[[str], None],
        ahead: timedelta = timedelta(),
    ) -> None:
        self.home = home
        self.ahead = ahead
        self.chance = chance
        self.say = say
        self.dropped: dict[str, tuple[str, int]] = {}  # landing path: digest, rows
        self.killed: Counter[str] = Counter()
        self.finished = 0
        self.lengths = dict.fromkeys(PARTS, 5.0)
        self._terminal = home.root.with_name(f"{home.root.name}.log")
        self._files = 0

    def note_waiting(self) -> None:
        """Remember what lies in landing: from now on none of it may be lost."""
        for path in self.home.landing.rglob("*"):
            if path.is_file() and "receipts" not in path.parts:
                relative = path.relative_to(self.home.root).as_posix()
                self.dropped[relative] = (sha256(path.read_bytes()).hexdigest(), -1)

    def drop(self, files: int) -> None:
        """New figures and corrections of earlier ones, in files whose names sort by their order."""
        for _ in range(files):
            self._files += 1
            keys = self.chance.sample([(y, a) for y in range(1990, 2026) for a in AREAS], 5)
            lines = [f"{y},{a},{self.chance.randint(1, 9999)},{self._files}" for y, a in keys]
            path = self.home.department(DEPARTMENT) / f"zz{self._files:05}.csv"
            path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
            os.utime(path, (1_700_000_000, 1_700_000_000))
            relative = path.relative_to(self.home.root).as_posix()
            self.dropped[relative] = (sha256(path.read_bytes()).hexdigest(), len(lines))

    def _said(self) -> str:
        with suppress(FileNotFoundError):
            return self._terminal.read_text(encoding="utf-8", errors="ignore")
        return ""

    def _begun(self) -> str:
        """The part of the load that is under way."""
        said, at = self._said(), "intake"
        for part, announcement in PARTS.items():
            if announcement and announcement in said:
                at = part
        return at

    def _start(self, terminal: BinaryIO) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [
                *(sys.executable, "-c", ECO_AHEAD, str(self.ahead.total_seconds())),
                *("nightly", "--rebuild", "--home", self.home.root),
            ],
            stdout=terminal,
            stderr=subprocess.STDOUT,
        )

    def load(self, kill_in: str | None) -> bool:
        """Run a load; whether it was killed. Raises AssertionError when it fails by itself."""
        with self._terminal.open("wb") as terminal:
            process = self._start(terminal)
        started, part, since = time.monotonic(), "intake", time.monotonic()
        wait = self.chance.uniform(0, self.lengths[kill_in]) if kill_in else _SLOWEST
        lengths: dict[str, float] = {}
        order = list(PARTS)
        while process.poll() is None:
            now = time.monotonic()
            if now - started > _SLOWEST:
                process.kill()
                raise AssertionError(f"the load hangs\n{self._said()}")
            if (begun := self._begun()) != part:
                lengths[part] = now - since
                part, since = begun, now
            # A part that was over sooner than the measured one: at the beginning of the next.
            over = kill_in is not None and order.index(part) > order.index(kill_in)
            if over or (kill_in == part and now - since >= wait):
                process.kill()
                break
            time.sleep(_TICK if kill_in == part else 10 * _TICK)
        if process.wait() == -signal.SIGKILL:
            self.killed[part] += 1
            return True
        assert process.returncode == 0, f"exit code {process.returncode}\n{self._said()}"
        self.finished += 1
        self.lengths = {**self.lengths, **lengths, part: time.monotonic() - since}
        return False

    def check_published(self) -> None:
        """The published file opens, and its tables are those whose fingerprints it carries."""
        if not self.home.database.exists():
            assert self.finished == 0, "there was a publication and now there is none"
            return
        assert not self.home.database.with_name("eco.duckdb.wal").exists()
        with duckdb.connect(str(self.home.database), read_only=True) as connection:
            row = connection.execute("select manifest from meta.publication").fetchone()
            assert row is not None
            tables = json.loads(row[0])["tables"]
            for table, said in tables.items():
                if table in OF_THE_HISTORY:  # filled after its fingerprint was taken
                    continue
                found = connection.execute(
                    "select count(*), coalesce(sum(cast(hash(t) as hugeint)), 0) "
                    f"from marts.{table} as t"
                ).fetchone()
                assert found is not None
                assert (found[0], str(found[1])) == (said["rows"], said["fingerprint"]), table

    def check_nothing_lost(self, *, all_taken: bool) -> None:
        """Every dropped file waits in landing or is committed once, with exactly its rows."""
        committed: dict[str, list[Submission]] = {}
        for submission in submissions(self.home):
            committed.setdefault(submission.landing_path, []).append(submission)
        assert set(committed) <= set(self.dropped)
        for path, (digest, rows) in self.dropped.items():
            taken = committed.get(path, [])
            landed = [self.home.root / path]
            landed += landed[0].parent.glob(f".*.taken/{landed[0].name}")
            if not taken:
                assert not all_taken, f"{path} was not taken in"
                assert any(
                    p.exists() and sha256(p.read_bytes()).hexdigest() == digest for p in landed
                ), f"{path} is neither in landing nor committed"
                continue
            assert {s.sha256 for s in taken} == {digest}, path
            assert len({s.sheet for s in taken}) == len(taken), path
            assert sha256(archive_path(self.home, digest).read_bytes()).hexdigest() == digest
            for submission in taken:
                stored = sum(
                    pl.read_parquet(self.home.root / file.path).height for file in submission.files
                )
                assert stored == submission.rows_accepted, path
                assert rows in (-1, stored), path
            assert not (all_taken and any(p.exists() for p in landed)), f"{path} is still there"

    def check_finished(self) -> None:
        """After a load that ran to its end nothing of the killed ones is left."""
        self.check_published()
        self.check_nothing_lost(all_taken=True)
        assert verify.verify(self.home).problems == ()
        assert not list(self.home.intents.iterdir())
        for folder in (self.home.archive, self.home.lake, self.home.quarantine):
            assert not list(folder.rglob(".*.part")), folder
        rows = sum(s.rows_accepted for s in submissions(self.home))
        with duckdb.connect(str(self.home.database), read_only=True) as connection:
            published = connection.execute(
                "select count(*), count(distinct submission_id), sum(rows_accepted) "
                "from marts.submissions"
            ).fetchone()
        count = len(submissions(self.home))
        assert published == (count, count, rows)

    def load_without_workers(self) -> None:
        """Let a load run to its end whose workers are killed while it takes files in."""
        with self._terminal.open("wb") as terminal:
            process = self._start(terminal)
            started, wait, killed = time.monotonic(), None, False
            while process.poll() is None and time.monotonic() - started < _SLOWEST:
                found = workers_of(process.pid)
                if found and wait is None:
                    wait = time.monotonic() + self.chance.uniform(0, self.lengths["intake"])
                if wait is not None and time.monotonic() >= wait and not killed:
                    killed = True
                    for worker in found:
                        with suppress(ProcessLookupError):
                            os.kill(worker, signal.SIGKILL)
                time.sleep(_TICK)
        process.kill()
        assert process.wait() == 0, f"exit code {process.returncode}\n{self._said()}"
        self.killed[WORKERS] += killed
        self.finished += 1
        self.check_finished()

    def run(self, kills: int, *, files: int, finish_every: int) -> None:
        """Kill so many loads; `files` new ones are dropped before each."""
        parts: list[str] = []
        while sum(self.killed.values()) < kills:
            if not parts:
                parts = self.chance.sample([*PARTS, WORKERS], len(PARTS) + 1)
            self.drop(files)
            part = parts.pop()
            if part == WORKERS:
                self.load_without_workers()
            elif self.load(kill_in=part):
                self.check_published()
                self.check_nothing_lost(all_taken=False)
            else:  # it was faster than the one that was measured
                self.check_finished()
            done = sum(self.killed.values())
            if done % finish_every == 0:
                self.finish()
                self.say(f"{done} kills {dict(self.killed)}, {self.finished} loads to their end")

    def finish(self) -> None:
        """Let a load run to its end."""
        assert not self.load(kill_in=None)
        self.check_finished()


def workers_of(process: int) -> list[int]:
    """The processes that read files for that process."""
    found = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                if b"orchestration.workers.process" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


def marts(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every mart's rows, but for what follows from when loads ran and which came before."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() join duckdb_tables() "
            "using (database_name, schema_name, table_name) where schema_name = 'marts' "
            "order by table_name, column_index"
        ).fetchall():
            if column not in OF_THE_TIME["*"] | OF_THE_TIME.get(table, set()):
                columns.setdefault(table, []).append(column)
        for table, names in columns.items():
            if table not in OF_THE_HISTORY:
                found[table] = connection.execute(
                    f"select {', '.join(names)} from marts.{table} "
                    f"{PRESENT if table == 'findings' else ''} order by all"
                ).fetchall()
    return found


def assert_same(one: Path, other: Path) -> None:
    """Two published files say the same."""
    left, right = marts(one), marts(other)
    assert left.keys() == right.keys()
    differing = {
        table: sorted(set(left[table]) ^ set(right[table]), key=str)[:4]
        for table in left
        if left[table] != right[table]
    }
    assert not differing, differing


def made(root: Path) -> Home:
    """An empty home."""
    from orchestration.instance import prepare_instance

    home = Home.at(root)
    home.create(load_contracts().departments)
    prepare_instance(home)
    return home


def main() -> None:
    """Run it and print seed, counts and how it ended."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--files", type=int, default=2, help="new files before each load")
    chosen = arguments.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    started = time.monotonic()
    # What is published says how many days late a file came: no midnight comes between the homes.
    ahead = timedelta(hours=24 - clock.now().astimezone(clock.COUNTY_ZONE).hour)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(
            made(Path(folder) / "killed"),
            random.Random(chosen.seed),
            lambda text: print(f"{time.monotonic() - started:7.0f} s  {text}", flush=True),
            ahead,
        )
        drop_samples(trial.home)
        trial.note_waiting()
        trial.finish()
        trial.say(f"a whole load's parts: { {k: round(v, 1) for k, v in trial.lengths.items()} } s")
        trial.run(chosen.kills, files=chosen.files, finish_every=10)
        trial.finish()
        undisturbed = Trial(made(Path(folder) / "undisturbed"), random.Random(0), print, ahead)
        drop_samples(undisturbed.home)
        # The same files in the same order, from the archive of the home that was killed.
        for submission in submissions(trial.home):
            target = undisturbed.home.root / submission.landing_path
            content = archive_path(trial.home, submission.sha256).read_bytes()
            target.write_bytes(content)
            os.utime(target, (1_700_000_000, 1_700_000_000))
        undisturbed.note_waiting()
        undisturbed.finish()
        assert_same(trial.home.database, undisturbed.home.database)
        committed = submissions(trial.home)
        print(
            f"{sum(trial.killed.values())} kills {dict(trial.killed)}; {trial.finished} loads to "
            f"their end; {len(committed)} submissions, "
            f"{sum(s.rows_accepted for s in committed)} rows: none lost, none doubled; "
            "the published file was whole after each; all marts as in a home without kills"
        )


if __name__ == "__main__":
    main()
