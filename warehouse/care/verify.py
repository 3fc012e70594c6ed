"""Verifying the files of a data home against its manifests.

The quick check looks at existence, size and the ends of Parquet files, in negligible time; the full
check reads every byte and compares checksums. Nothing is repaired here: `care.restore` restores
files from a backup, `orchestration.intake.reread` makes rows again from the archive.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from warehouse.home import state
from warehouse.home.files import sha256_of
from warehouse.home.layout import Home
from warehouse.lake.holds import read_decision
from warehouse.lake.submissions import (
    LakeError,
    Submission,
    archive_path,
    manifest_path,
    read_manifests,
)
from warehouse.publication.current import (
    MANIFEST,
    PublishError,
    current_stamp,
    read_manifest,
    snapshot_stamps,
)

Kind = Literal["missing", "cut off", "changed", "unreadable", "without manifest"]
_MAGIC = b"PAR1"
_FOOTER = 8  # length of the metadata and the magic, at a Parquet file's end
REMEDY = (
    "Restore missing and damaged files from a backup: eco restore BACKUP --repair; or, where only "
    "rows and not their manifest are affected, from the archive: eco restore --lake-from-archive."
)
_NOT_ARCHIVED = "not_a_regular_file"  # reason code of submissions without bytes in the archive
_SHOWN = 10


@dataclass(frozen=True)
class Problem:
    """A file that is not as it was committed; `path` is relative to the home."""

    path: str
    kind: Kind
    detail: str
    submission_id: str | None = None
    department: str | None = None
    file_name: str | None = None
    dataset: str | None = None

    def __str__(self) -> str:
        of = (
            f" (submission {self.submission_id}: {self.department}/{self.file_name}"
            f"{', ' + self.dataset if self.dataset else ''})"
            if self.submission_id and self.department
            else f" (submission {self.submission_id})"
            if self.submission_id
            else ""
        )
        return f"{self.path}: {self.kind}: {self.detail}{of}"

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as a JSON object."""
        return asdict(self)


def _submission_problem(submission: Submission, path: str, kind: Kind, detail: str) -> Problem:
    return Problem(
        path,
        kind,
        detail,
        submission.submission_id,
        submission.department,
        submission.file_name,
        submission.dataset,
    )


def find_damage(path: Path, size: int | None, *, parquet: bool) -> tuple[Kind, str] | None:
    """Check a file by its size and a Parquet file's first and last bytes.

    `size` is the expected one in bytes, where it is known. Returns kind and detail of the damage,
    None where there is none.
    """
    try:
        # Of every file of the lake at each load: the plain calls take a third of the time.
        file = os.open(path, os.O_RDONLY)
        try:
            found = os.fstat(file).st_size
            if size is not None and found != size:
                return "cut off", f"it has {found} bytes instead of {size}"
            if not parquet:
                return None
            head = os.pread(file, len(_MAGIC), 0)
            tail = os.pread(file, _FOOTER, max(0, found - _FOOTER))
        finally:
            os.close(file)
    except FileNotFoundError:
        return "missing", "the file does not exist"
    except OSError as error:
        return "unreadable", error.strerror or str(error)
    length = int.from_bytes(tail[:4], "little")
    if head != _MAGIC or tail[4:] != _MAGIC or length > found - 2 * len(_MAGIC) - 4:
        return "cut off", "it is not a complete Parquet file"
    return None


def _find_change(path: Path, sha256: str | None) -> tuple[Kind, str] | None:
    if sha256 is None:
        return None
    try:
        found = sha256_of(path)
    except OSError as error:
        return "unreadable", error.strerror or str(error)
    return None if found == sha256 else ("changed", f"its checksum is no longer {sha256[:12]}...")


def _lake_problems(home: Home, visible: Iterable[Submission]) -> Iterator[Problem]:
    for submission in visible:
        for file in submission.parquet:
            seen = find_damage(home.root / file.path, file.size_bytes, parquet=True)
            if seen:
                yield _submission_problem(submission, file.path, *seen)


def _missing_manifests(home: Home) -> Iterator[Problem]:
    """Yield the submissions that have rows and no manifest: a build would leave them out.

    Files that a crash left without a manifest have an intent record until the next intake has
    written the manifest: while there is one, nothing is reported.
    """
    stored: dict[str, Path] = {}
    for folder in (home.lake, home.quarantine):
        for path, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".parquet") and not name.startswith("."):
                    stored.setdefault(name.removesuffix(".parquet"), Path(path, name))
    known = {name.removesuffix(".json") for name in os.listdir(home.manifests)}
    missing = sorted(stored.keys() - known)
    if not missing or any(home.intents.glob("*.json")):
        return
    for identity in missing:
        manifest = manifest_path(home, identity)
        if not manifest.exists():  # it may have been committed meanwhile
            yield Problem(
                manifest.relative_to(home.root).as_posix(),
                "missing",
                f"its rows are in {stored[identity].relative_to(home.root).as_posix()}",
                identity,
            )


def quick(home: Home, visible: Iterable[Submission]) -> list[Problem]:
    """Return missing and truncated files of these submissions, and rows without a manifest."""
    return [*_lake_problems(home, visible), *_missing_manifests(home)]


def require_whole(home: Home, visible: Iterable[Submission]) -> None:
    """Raise LakeError with files, submissions and the remedy when `quick` finds a problem."""
    found = quick(home, visible)
    if found:
        more = [f"and {len(found) - _SHOWN} more: eco verify"] if len(found) > _SHOWN else []
        lines = [str(problem) for problem in found[:_SHOWN]] + more
        raise LakeError(
            f"{len(found)} file(s) of the lake in {home.root} are not as they were committed:\n"
            + "\n".join(f"  {line}" for line in lines)
            + f"\n{REMEDY}"
        )


@dataclass(frozen=True)
class _ExpectedFile:
    """A file of the home, with its size in bytes and SHA-256 where they are known."""

    path: str
    size: int | None
    sha256: str | None
    submission: Submission | None = None
    parquet: bool = False

    def problem(self, home: Home) -> Problem | None:
        """Read the file; return what is wrong with it, or None."""
        path = home.root / self.path
        seen = find_damage(path, self.size, parquet=self.parquet) or _find_change(path, self.sha256)
        if seen is None:
            return None
        if self.submission is None:
            return Problem(self.path, *seen)
        return _submission_problem(self.submission, self.path, *seen)


def _committed_files(home: Home, committed: Iterable[Submission]) -> Iterator[_ExpectedFile]:
    archived: dict[str, Submission] = {}
    for submission in committed:
        for file in submission.parquet:
            yield _ExpectedFile(file.path, file.size_bytes, file.sha256, submission, parquet=True)
        if submission.reason_code != _NOT_ARCHIVED:
            archived.setdefault(submission.sha256, submission)
    for sha256, submission in archived.items():
        path = archive_path(home, sha256).relative_to(home.root).as_posix()
        yield _ExpectedFile(path, submission.size_bytes, sha256, submission)


def _published_files(home: Home, problems: list[Problem]) -> Iterator[_ExpectedFile]:
    """Yield the databases of the publications; add manifests that cannot be read to `problems`."""
    current = current_stamp(home)
    for stamp in snapshot_stamps(home):
        path = home.snapshots / stamp / MANIFEST
        try:
            manifest = read_manifest(path)
        except PublishError as error:
            relative = path.relative_to(home.root).as_posix()
            problems.append(Problem(relative, "unreadable", str(error)))
            continue
        databases = [path.with_name(home.database.name)]
        databases += [home.database] if stamp == current else []
        for database in databases:
            relative = database.relative_to(home.root).as_posix()
            yield _ExpectedFile(relative, None, manifest.sha256)


def _readable(home: Home) -> tuple[list[Submission], list[Problem]]:
    """Return the submissions whose manifests can be read, and the problems of the others."""
    try:
        return read_manifests(home), []
    except LakeError:
        pass
    read, problems = [], []
    for path in sorted(home.manifests.glob("*.json")):
        try:
            read.append(Submission.from_json(path.read_bytes()))
        except (ValueError, TypeError, AttributeError, OSError) as error:
            relative = path.relative_to(home.root).as_posix()
            problems.append(Problem(relative, "unreadable", str(error), path.stem))
    return read, problems


def _hold_problems(home: Home) -> Iterator[Problem]:
    """Yield the records of holds that cannot be read."""
    for path in sorted(home.holds.glob("*.json")):
        try:
            read_decision(path)
        except LakeError as error:
            yield Problem(path.relative_to(home.root).as_posix(), "unreadable", str(error))


@dataclass(frozen=True)
class Verification:
    """The result of verifying a home.

    `unclaimed` are archived files that no manifest names, which is not damage by itself.
    """

    submissions: int
    files: int
    problems: tuple[Problem, ...]
    unclaimed: tuple[str, ...]

    def to_dict(self) -> Mapping[str, Any]:
        """Return the result as a JSON object."""
        return asdict(self)


def _unclaimed(home: Home, committed: Iterable[Submission]) -> list[str]:
    known = {submission.sha256 for submission in committed}
    for record in home.intents.glob("*.json"):
        if intent := state.read_json(home.state, record, dict):
            known.add(str(intent.get("sha256")))
    found = (p for p in home.archive.glob("??/*") if not p.name.startswith("."))
    return sorted(p.relative_to(home.root).as_posix() for p in found if p.name not in known)


def verify(
    home: Home,
    *,
    full: bool = True,
    as_of: datetime | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Verify archive, lake, quarantine and publications of a home; `full` reads every byte.

    `as_of` leaves out submissions that were received later; `on_progress` is called with the number
    of files done and that of all files.
    """
    home.require()
    committed, problems = _readable(home)
    problems += _hold_problems(home)
    if as_of is not None:
        committed = [s for s in committed if s.received <= as_of]
    if not full:
        found = [*problems, *quick(home, committed)]
        files = sum(len(submission.parquet) for submission in committed)
        return Verification(len(committed), files, tuple(found), ())
    problems += _missing_manifests(home)
    expected = [*_committed_files(home, committed), *_published_files(home, problems)]
    with ThreadPoolExecutor() as pool:  # hashing releases the interpreter's lock
        results = pool.map(lambda file: file.problem(home), expected)
        for done, problem in enumerate(results, start=1):
            if problem is not None:
                problems.append(problem)
            on_progress(done, len(expected))
    unclaimed = _unclaimed(home, committed)
    return Verification(len(committed), len(expected), tuple(problems), tuple(unclaimed))
