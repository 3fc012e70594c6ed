"""A thief swaps folders, files and links in a department's folder while files are taken in.

    python -m tests.reliability.landing_race [--rounds 20000] [--seed N]

The thief puts links to places that only the intake may read or write in place of receipts, of
folders, of files and of the intake's own work, and then puts everything back. As the superuser the
thief is another user. Afterwards nothing outside the department's folder may have changed, no
secret may have been read, and every file that was dropped must have been taken in. The suite runs
a few thousand rounds (`test_hostile_landing.py`).
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from orchestration.intake.receipts import receipt_folder
from orchestration.intake.service import Intake
from orchestration.intake.survey import survey
from sources.contracts import load_contracts
from warehouse.home.folders import opened, write_in
from warehouse.home.layout import RECEIPTS, Home
from warehouse.home.settings import DevelopmentSettings
from warehouse.lake.submissions import archive_path

SEED = DevelopmentSettings.load().test_seed or 20261127
THIEF = 61_002  # a user and group that nobody else has
DEPARTMENT, NEIGHBOUR = "forestry", "energy"
SECRET = "年份,区域,森林覆盖率\n1999,全县,99\n"
_SUB = "sub"
_BACKLOG = 10


def text_of(number: int) -> str:
    """Return the content of the file of that number; no two are alike."""
    return f"年份,区域,森林覆盖率\n{1950 + number % 70},全县,{number % 100}\n# {number}\n"


class Thief:
    """Whoever can write in a department's folder, and in no other."""

    def __init__(self, folder: Path, aims: list[Path], seed: int) -> None:
        self.folder = folder
        self.aims = aims
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.dropped = 0
        self.waiting: list[Path] = []

    def run(self, rounds: int) -> None:
        """Swap and drop so often."""
        acts = [self.receipts, self.sub_folder, self.link, self.pipe, self.work, self.drop]
        for _ in range(rounds):
            act = self.chance.choice(acts)
            with suppress(OSError):  # the intake was faster, or did not let it
                act()
                self.done[act.__name__] += 1
            time.sleep(self.chance.choice((0, 0, 0.0002, 0.002)))

    def _free(self) -> Path:
        return self.folder / f".{self.chance.getrandbits(60):x}"

    def _swap(self, name: str) -> None:
        """Put a link in place of an entry for a moment."""
        path, hidden = self.folder / name, self._free()
        os.rename(path, hidden)
        try:
            path.symlink_to(self.chance.choice(self.aims))
            time.sleep(self.chance.choice((0, 0, 0.0001, 0.001)))
            path.unlink()
        finally:
            os.rename(hidden, path)

    def receipts(self) -> None:
        """Replace the folder of receipts."""
        self._swap(RECEIPTS)

    def sub_folder(self) -> None:
        """Replace a folder with files in it."""
        self._swap(_SUB)

    def link(self) -> None:
        """Put a link in place of a file of the thief's own."""
        path, link = self.folder / self.chance.choice(("", _SUB)) / "a.csv", self._free()
        path.unlink(missing_ok=True)
        path.write_text("x", encoding="utf-8")
        time.sleep(self.chance.choice((0, 0.001)))
        link.symlink_to(self.chance.choice(self.aims) / "a.csv")
        os.replace(link, path)

    def pipe(self) -> None:
        """Put a pipe, which nobody writes, in place of a file of the thief's own."""
        path, pipe = self.folder / "p.csv", self._free()
        path.unlink(missing_ok=True)
        path.write_text("x", encoding="utf-8")
        time.sleep(self.chance.choice((0, 0.001)))
        os.mkfifo(pipe)
        os.replace(pipe, path)

    def work(self) -> None:
        """Replace the folders and files that the intake has under way."""
        folder = self.folder / self.chance.choice(("", _SUB, RECEIPTS))
        for path in folder.glob(".*.[pt]a*"):
            os.rename(path, path.with_name(f".{self.chance.getrandbits(60):x}"))
            path.symlink_to(self.chance.choice(self.aims))

    def drop(self) -> None:
        """Put a file there that must be taken in, as an honest sender does."""
        self.waiting = [path for path in self.waiting if path.exists()]
        if len(self.waiting) >= _BACKLOG:
            return
        part = self.folder / self.chance.choice(("", _SUB)) / "n.part"
        part.write_text(text_of(self.dropped), encoding="utf-8")
        target = part.with_name(f"n{self.dropped}.csv")
        os.rename(part, target)
        self.waiting.append(target)
        self.dropped += 1


@dataclass
class Race:
    """The thief's acts, files that were dropped, runs of the intake, what it did."""

    acts: Counter[str]
    dropped: int
    runs: int
    outcomes: Counter[str]


def race(root: Path, rounds: int, seed: int) -> Race:
    """Let both go; raise AssertionError when something is not as it must be.

    `root` is an empty folder that every user may enter.
    """
    home = Home.at(root / "home")
    home.create(load_contracts().departments)
    aims = [root / "outside", home.department(NEIGHBOUR), home.receipts(NEIGHBOUR), home.published]
    for aim in aims:
        aim.mkdir(exist_ok=True)
        if aim in (home.department(NEIGHBOUR), home.receipts(NEIGHBOUR)):
            continue  # there it would be taken in
        (aim / "a.csv").write_text(SECRET, encoding="utf-8")
        (aim / "a.csv").chmod(0o600)
    folder = home.department(DEPARTMENT)
    (folder / _SUB).mkdir()
    if os.geteuid() == 0:
        for path in (folder, folder / _SUB):
            os.chown(path, -1, THIEF)
            path.chmod(0o2770)
    outside = [root / "outside", home.department(NEIGHBOUR), home.published]
    before = [_entries(path) for path in outside]
    arguments = [str(folder), json.dumps([str(a) for a in aims]), str(rounds), str(seed)]
    thief = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.landing_race", "--thief", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        intake = Intake(home, load_contracts(), "test")
        outcomes: Counter[str] = Counter()
        done: Counter[str] = Counter()
        runs = 0
        while thief.poll() is None:
            outcomes.update(outcome.outcome for outcome in intake.run(settle_seconds=0))
            done.update(_round(home))
            runs += 1
        assert thief.returncode == 0
        for _ in range(2):  # what was renamed in the first of them
            outcomes.update(outcome.outcome for outcome in intake.run(settle_seconds=0))
    finally:
        thief.kill()
    assert thief.stdout is not None
    said = json.loads(thief.stdout.read())
    changed = [
        sorted(set(_entries(path).items()) ^ set(was.items()))
        for path, was in zip(outside, before, strict=True)
    ]
    assert not any(changed), f"something outside was changed: {changed}"
    assert not archive_path(home, sha256(SECRET.encode()).hexdigest()).exists(), "a secret was read"
    lost = [
        number
        for number in range(said["dropped"])
        if not archive_path(home, sha256(text_of(number).encode()).hexdigest()).exists()
    ]
    assert not lost, f"not taken in: {lost}"
    left = [path for path in folder.rglob("n*.csv") if path.parent.name in (DEPARTMENT, _SUB)]
    assert not left, f"still in landing: {left}"
    return Race(Counter(said["acts"]), said["dropped"], runs, outcomes + done)


def _round(home: Home) -> Iterator[str]:
    """Do what the intake does to landing with one file, without reading it; yield what was done."""
    with suppress(OSError):
        with opened(home.landing, (DEPARTMENT, _SUB)) as folder:
            write_in(folder, "q.csv", b"x")
        for file in survey(home).files:
            if file.name == "q.csv":
                file.remove()
                yield "removed"
        with receipt_folder(home, (DEPARTMENT,)) as receipts:
            receipts.write("q.txt", "x")
            yield "written"


def _entries(root: Path) -> dict[str, tuple[int, ...]]:
    """Return the entries of a folder and the folder itself; any writing below it shows."""
    return {
        str(path): (status.st_ino, status.st_mtime_ns, status.st_size, status.st_nlink)
        for path in (root, *root.rglob("*"))
        if (status := path.lstat())
    }


def _steal(folder: str, aims: str, rounds: str, seed: str) -> None:
    """Be the thief; as another user if this is the superuser."""
    thief = Thief(Path(folder), [Path(aim) for aim in json.loads(aims)], int(seed))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(THIEF, THIEF, THIEF)
        os.setresuid(THIEF, THIEF, THIEF)
        with suppress(PermissionError):
            (thief.aims[0] / "a.csv").read_bytes()
            raise AssertionError("the thief may read the secret")
    thief.run(int(rounds))
    print(json.dumps({"acts": thief.done, "dropped": thief.dropped}))


def main() -> None:
    """Run it and print seed, counts and how it ended."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--thief", nargs=4, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.thief:
        _steal(*chosen.thief)
        return
    print(f"seed {chosen.seed}", flush=True)
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    try:
        found = race(root, chosen.rounds, chosen.seed)
    finally:
        shutil.rmtree(root)
    print(
        f"{sum(found.acts.values())} acts of the thief {dict(found.acts)}, {found.runs} runs of "
        f"the intake {dict(found.outcomes)}; {found.dropped} files dropped, none lost; nothing "
        f"outside was read or changed; {'two users' if os.geteuid() == 0 else 'one user'}"
    )


if __name__ == "__main__":
    main()
