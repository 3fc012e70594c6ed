"""Rebuilding rows of the lake from the archive, and reporting differences.

The archived bytes are read as by the intake, in a worker, with the recorded department and file
name. Rows with the recorded checksum replace a file that is missing or damaged. Where today's
software reads a file differently, the differences are reported, and accepted only on request.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from os import replace as rename
from typing import Any, Literal

import polars as pl

from orchestration.intake.reading import ReadFile, read_archived
from orchestration.workers.pool import ReadTable, Workers, shared
from sources.contracts import Contracts
from sources.reading.raw import READING_STOPPED
from warehouse.care import verify
from warehouse.home import clock
from warehouse.home.clock import county_moment
from warehouse.home.files import sync_folder
from warehouse.home.layout import Home
from warehouse.lake.commit import write_manifest, write_rows
from warehouse.lake.submissions import RereadNote, Submission, archive_path, read_manifests

Outcome = Literal["sound", "restored", "accepted", "differs", "lost"]
# Fields of a submission that follow from reading the file; differences in them are reported.
_COMPARED = (
    "dataset",
    "status",
    "reason_code",
    "rows_read",
    "rows_accepted",
    "rows_rejected",
    "rows_duplicate",
    "periods",
)


@dataclass(frozen=True)
class Reread:
    """The result of reading one submission again.

    - sound: nothing was missing, and nothing differs
    - restored: missing files (`paths`) were written again, with the recorded checksums
    - accepted: its files were replaced although they differ, on request
    - differs: they differ and were not replaced
    - lost: the archived bytes are missing or damaged

    `differences` are sentences.
    """

    submission: Submission
    outcome: Outcome
    differences: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        s = self.submission
        return {
            "submission_id": s.submission_id,
            "department": s.department,
            "file_name": s.file_name,
            "sheet": s.sheet,
            "dataset": s.dataset,
            "outcome": self.outcome,
            "differences": list(self.differences),
            "paths": list(self.paths),
        }


def _table_differences(submission: Submission, table: ReadTable | None) -> list[str]:
    if submission.reason_code == READING_STOPPED and (
        table is None or table.summary["reason_code"] != READING_STOPPED
    ):
        return ["it could not be read and can be today: put its archived bytes into landing again"]
    if table is None:
        return ["the table is no longer found in the file"]
    found = []
    for name in _COMPARED:
        was, now = getattr(submission, name), _read_today(table, name)
        if was != now:
            found.append(f"{name}: recorded {was}, today {now}")
    return found


def _read_today(table: ReadTable, name: str) -> Any:
    """Return the value that a field of the table's submission has today."""
    value = table.summary[name]
    return tuple(value) if name == "periods" else value


def _row_differences(old: pl.DataFrame, new: pl.DataFrame) -> str:
    """Describe the first line and its columns in which two readings of the same rows differ."""
    if old.schema != new.schema:
        changed = sorted(set(old.schema.items()) ^ set(new.schema.items()), key=str)
        return f"columns {', '.join(sorted({name for name, _ in changed}))}"
    columns = [name for name in old.columns if name != "row_number"]
    both = old.join(new, on="row_number", how="full", suffix=" today", coalesce=True)
    different = [
        pl.when(pl.col(name).ne_missing(pl.col(f"{name} today"))).then(pl.lit(name))
        for name in columns
    ]
    rows = both.select(
        "row_number", where=pl.concat_str(different, separator=", ", ignore_nulls=True)
    ).filter(pl.col("where") != "")
    if rows.is_empty():
        return "the same rows, other bytes: written by another version of the software"
    line, where = rows.sort("row_number").row(0)
    return f"{rows.height} row(s), the first is line {line}: {where}"


def _file_differences(
    home: Home, scratch: Home, submission: Submission, written: Submission
) -> Iterator[str]:
    """Yield the files whose bytes differ from the recorded ones, with the first difference."""
    recorded = {file.path: file for file in submission.parquet}
    today = {file.path: file for file in written.parquet}
    for path in sorted(recorded.keys() | today.keys()):
        was, now = recorded.get(path), today.get(path)
        if was is None or now is None:
            yield f"{path}: {'is new' if was is None else 'is no longer written'}"
        elif was.sha256 not in (None, now.sha256):
            sound = not verify.find_damage(home.root / path, was.size_bytes, parquet=True)
            same_rows = (
                _row_differences(
                    pl.read_parquet(home.root / path), pl.read_parquet(scratch.root / path)
                )
                if sound and "row_number" in pl.read_parquet_schema(home.root / path)
                else f"{was.rows} row(s) recorded, {now.rows} today, other bytes"
            )
            yield f"{path}: {same_rows}"


def _move_into_home(home: Home, scratch: Home, paths: Iterable[str]) -> tuple[str, ...]:
    moved = []
    for path in paths:
        target = home.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        rename(scratch.root / path, target)
        sync_folder(target.parent)
        moved.append(path)
    return tuple(moved)


class Rereading:
    """Reads the archived files of a home again and rebuilds its lake."""

    def __init__(
        self,
        home: Home,
        contracts: Contracts,
        software_version: str,
        workers: Workers | None = None,
    ) -> None:
        self.home = home
        self.contracts = contracts
        self.software_version = software_version
        self._workers = workers or shared()
        self._scratch = Home(home.state / "reread")

    def run(
        self,
        *,
        everything: bool = False,
        accept_differences: bool = False,
        on_submission: Callable[[Reread], None] = lambda reread: None,
    ) -> list[Reread]:
        """Rebuild missing and damaged files; with `everything` also compare all sound ones.

        Sound files are never replaced. Raises LakeError when a manifest cannot be read.
        """
        home = self.home
        home.require()
        with home.lock("load"), home.lock("intake"):
            committed = read_manifests(home)
            damaged = {p.path for p in verify.verify(home).problems}
            done = []
            try:
                of_file = sorted(committed, key=lambda s: (s.department, s.sha256, s.file_name))
                for _, tables in groupby(
                    of_file, key=lambda s: (s.department, s.sha256, s.file_name)
                ):
                    for reread in self._file(list(tables), damaged, everything, accept_differences):
                        done.append(reread)
                        on_submission(reread)
            finally:
                shutil.rmtree(self._scratch.root, ignore_errors=True)
        return done

    def _file(
        self, submissions: list[Submission], damaged: set[str], everything: bool, accept: bool
    ) -> Iterator[Reread]:
        first = submissions[0]
        if not everything and not any(f.path in damaged for s in submissions for f in s.parquet):
            return
        source = archive_path(self.home, first.sha256)
        if verify.find_damage(source, first.size_bytes, parquet=False) or (
            source.relative_to(self.home.root).as_posix() in damaged
        ):
            for submission in submissions:
                if any(file.path in damaged for file in submission.parquet):
                    lost = f"its bytes in the archive are missing or damaged: {source}"
                    yield Reread(submission, "lost", (lost,))
            return
        read = read_archived(
            self.home,
            self._workers,
            self.contracts,
            sha256=first.sha256,
            file_name=first.file_name,
            department=first.department,
            moment=county_moment(first.received),
        )
        with read.content:
            tables = {table.sheet: table for table in read.tables}
            for submission in submissions:
                missing = [f.path for f in submission.parquet if f.path in damaged]
                if missing or everything:
                    table = tables.get(submission.sheet)
                    yield self._table(submission, read, table, missing, accept)

    def _table(
        self,
        submission: Submission,
        read: ReadFile,
        table: ReadTable | None,
        missing: list[str],
        accept: bool,
    ) -> Reread:
        differences = _table_differences(submission, table)
        if table is None:
            return Reread(submission, "differs", tuple(differences))
        unwritten = replace(submission, dataset=table.summary["dataset"], files=(), quarantine=None)
        written = write_rows(self._scratch, unwritten, table.rows, read.content)
        differences += _file_differences(self.home, self._scratch, submission, written)
        if not differences:
            paths = _move_into_home(self.home, self._scratch, missing)
            return Reread(submission, "restored" if paths else "sound", (), paths)
        if not (missing and accept):
            return Reread(submission, "differs", tuple(differences))
        paths = _move_into_home(self.home, self._scratch, [f.path for f in written.parquet])
        self._accept(submission, written, table, differences)
        return Reread(submission, "accepted", tuple(differences), paths)

    def _accept(
        self,
        submission: Submission,
        written: Submission,
        table: ReadTable,
        differences: list[str],
    ) -> None:
        """Write the manifest of the new files, with a note on the differences."""
        values = {name: _read_today(table, name) for name in _COMPARED}
        note = RereadNote(clock.now().isoformat(), self.software_version, tuple(differences))
        accepted = replace(
            written,
            **values,
            rereads=(*submission.rereads, note),
        )
        write_manifest(self.home, accepted)
