"""Whether the truth of a data home is whole: what manifests name against what lies there.

The quick check looks at existence, size and a Parquet file's ends, and costs a load next to
nothing; the full one reads every byte and compares checksums. Nothing is mended here:
`warehouse.backup` puts back what a backup has, `orchestration.reread` makes rows again from the
archive.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from warehouse.home.files import sha256_of
from warehouse.home.layout import Home
from warehouse.lake.submissions import (
    LakeError,
    Submission,
    archive_path,
    manifest_path,
    submissions,
)
from warehouse.publication.current import snapshots

Kind = Literal["missing", "cut off", "changed", "unreadable", "without manifest"]
_MAGIC = b"PAR1"
_FOOTER = 8  # length of the metadata and the magic, at a Parquet file's end
REMEDY = (
    "Put back what is missing or damaged from a backup: eco restore BACKUP --repair; or, where "
    "only rows and not their manifest are, from the archive: eco restore --lake-from-archive."
)
_NO_BYTES = "not_a_regular_file"  # the reason of a submission that has no bytes in the archive
_SHOWN = 10


@dataclass(frozen=True)
class Problem:
    """One file that is not as it was committed; `path` is relative to the home."""

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
        """The same as data."""
        return asdict(self)


def _of(submission: Submission, path: str, kind: Kind, detail: str) -> Problem:
    return Problem(
        path,
        kind,
        detail,
        submission.submission_id,
        submission.department,
        submission.file_name,
        submission.dataset,
    )


def cut_off(path: Path, size: int | None, *, parquet: bool) -> tuple[Kind, str] | None:
    """What a look at a file's directory entry and its ends tells, or None when it looks whole.

    `size` is what it should have in bytes, where that is known.
    """
    try:
        with path.open("rb") as file:
            found = path.stat().st_size
            if size is not None and found != size:
                return "cut off", f"it has {found} bytes instead of {size}"
            if not parquet:
                return None
            head = file.read(len(_MAGIC))
            file.seek(-min(_FOOTER, found), 2)
            tail = file.read()
    except FileNotFoundError:
        return "missing", "the file is not there"
    except OSError as error:
        return "unreadable", error.strerror or str(error)
    length = int.from_bytes(tail[:4], "little")
    if head != _MAGIC or tail[4:] != _MAGIC or length > found - 2 * len(_MAGIC) - 4:
        return "cut off", "it is no whole Parquet file"
    return None


def _changed(path: Path, sha256: str | None) -> tuple[Kind, str] | None:
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
            seen = cut_off(home.root / file.path, file.size_bytes, parquet=True)
            if seen:
                yield _of(submission, file.path, *seen)


def _lost_manifests(home: Home) -> Iterator[Problem]:
    """Rows of submissions whose manifest is gone: a build would leave them out in silence.

    Files that a crash left without a manifest have an intent record until the next intake has
    written the manifest; where one is, nothing is said.
    """
    stored: dict[str, Path] = {}
    for folder in (home.lake, home.quarantine):
        for path in folder.rglob("*.parquet"):
            if not path.name.startswith("."):
                stored.setdefault(path.stem, path)
    known = {path.stem for path in home.manifests.glob("*.json")}
    lost = sorted(stored.keys() - known)
    if not lost or any(home.intents.glob("*.json")):
        return
    for identity in lost:
        manifest = manifest_path(home, identity)
        if not manifest.exists():  # it may have been committed since it was looked for
            yield Problem(
                manifest.relative_to(home.root).as_posix(),
                "missing",
                f"rows lie in {stored[identity].relative_to(home.root).as_posix()}",
                identity,
            )


def quick(home: Home, visible: Iterable[Submission]) -> list[Problem]:
    """Files of these submissions that are missing or cut off, and rows without a manifest."""
    return [*_lake_problems(home, visible), *_lost_manifests(home)]


def require_whole(home: Home, visible: Iterable[Submission]) -> None:
    """Raise LakeError, which names files, submissions and the remedy, unless `quick` finds none."""
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
class _Claim:
    """What a file is to be: its size in bytes and SHA-256 where they are known."""

    path: str
    size: int | None
    sha256: str | None
    submission: Submission | None = None
    parquet: bool = False

    def problem(self, home: Home) -> Problem | None:
        path = home.root / self.path
        seen = cut_off(path, self.size, parquet=self.parquet) or _changed(path, self.sha256)
        if seen is None:
            return None
        if self.submission is None:
            return Problem(self.path, *seen)
        return _of(self.submission, self.path, *seen)


def _claims(home: Home, committed: Iterable[Submission]) -> Iterator[_Claim]:
    archived: dict[str, Submission] = {}
    for submission in committed:
        for file in submission.parquet:
            yield _Claim(file.path, file.size_bytes, file.sha256, submission, parquet=True)
        if submission.reason_code != _NO_BYTES:
            archived.setdefault(submission.sha256, submission)
    for sha256, submission in archived.items():
        path = archive_path(home, sha256).relative_to(home.root).as_posix()
        yield _Claim(path, submission.size_bytes, sha256, submission)


def _publication_claims(home: Home) -> Iterator[_Claim]:
    for snapshot in snapshots(home):
        folder = home.snapshots / snapshot.manifest.stamp
        paths = [folder / home.database.name, *([home.database] if snapshot.current else [])]
        for path in paths:
            relative = path.relative_to(home.root).as_posix()
            yield _Claim(relative, None, snapshot.manifest.sha256)


def _readable(home: Home) -> tuple[list[Submission], list[Problem]]:
    """The submissions whose manifests can be read, and what is wrong with the others."""
    try:
        return submissions(home), []
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


@dataclass(frozen=True)
class Verified:
    """What a check of a home found."""

    submissions: int
    files: int
    problems: tuple[Problem, ...]
    unclaimed: tuple[str, ...]  # archived bytes that no manifest names: no damage by themselves

    def to_dict(self) -> Mapping[str, Any]:
        """The same as data."""
        return asdict(self)


def _unclaimed(home: Home, committed: Iterable[Submission]) -> list[str]:
    known = {submission.sha256 for submission in committed}
    for record in home.intents.glob("*.json"):
        known.add(json.loads(record.read_text(encoding="utf-8")).get("sha256"))
    found = (p for p in home.archive.glob("??/*") if not p.name.startswith("."))
    return sorted(p.relative_to(home.root).as_posix() for p in found if p.name not in known)


def verify(
    home: Home,
    *,
    full: bool = True,
    as_of: datetime | None = None,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> Verified:
    """Check a home's truth and its publications; `full` reads every byte.

    `as_of` leaves out what was received later; `on_progress` is told files done and their number.
    """
    home.require()
    committed, problems = _readable(home)
    if as_of is not None:
        committed = [s for s in committed if s.received <= as_of]
    if not full:
        found = [*problems, *quick(home, committed)]
        return Verified(len(committed), sum(len(s.parquet) for s in committed), tuple(found), ())
    problems += _lost_manifests(home)
    claims = [*_claims(home, committed), *_publication_claims(home)]
    with ThreadPoolExecutor() as pool:  # hashing lets go of the interpreter's lock
        results = pool.map(lambda claim: claim.problem(home), claims)
        for done, problem in enumerate(results, start=1):
            if problem is not None:
                problems.append(problem)
            on_progress(done, len(claims))
    unclaimed = _unclaimed(home, committed)
    return Verified(len(committed), len(claims), tuple(problems), tuple(unclaimed))
