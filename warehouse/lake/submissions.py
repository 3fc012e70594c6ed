"""Submissions: their manifests, identities and rejected rows.

A submission is one table of one file. Its manifest, written last by an atomic rename, is the
commit: Parquet files without a manifest do not count. Nothing in the lake is ever overwritten or
removed. `lake.commit` writes submissions, `lake.index` reads which there are, `warehouse.build`
reads their rows.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import polars as pl

from sources.contracts.stored_rows import REJECTED_SCHEMA, SOURCE_CELLS
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.layout import Home, HomeError
from warehouse.home.records import Json, JsonRecord, tuple_of

Status = Literal["accepted", "partial", "refused"]
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"  # Hive, Spark and DuckDB read it as null
YEAR_PARTITION = "period_year"
RECEIPT_MOMENT = "%Y%m%d-%H%M%S"  # in the names of receipts, in the county's time
_NAME_BYTES = 160

# Columns of quarantined rows, one row per rejected row and reason, and of intake.rejected_rows.
REJECTED_COLUMNS: dict[str, pl.DataType] = {
    "submission_id": pl.String(),
    "file_name": pl.String(),
    "sheet": pl.String(),
    **REJECTED_SCHEMA,
    SOURCE_CELLS: pl.String(),
}


class LakeError(HomeError):
    """A file of the lake is missing or damaged; the message names it and the remedy."""


@dataclass(frozen=True)
class StoredFile(JsonRecord):
    """A Parquet file of a submission: path relative to the home, rows, size in bytes, SHA-256.

    Values that the manifest of an earlier version lacks are None.
    """

    omitted_when_none = frozenset({"rows", "size_bytes", "sha256"})

    path: str
    rows: int | None = None
    size_bytes: int | None = None
    sha256: str | None = None

    @classmethod
    def from_manifest(cls, content: str | Mapping[str, Any]) -> Self:
        """Return the record of a JSON object; of a path alone as before checksums were kept."""
        return cls(content) if isinstance(content, str) else cls.from_dict(content)


@dataclass(frozen=True)
class RereadNote(JsonRecord):
    """Record that the archived file was read again with a different result, which was accepted.

    `at` is the moment (ISO 8601, UTC); `differences` are sentences in English.
    """

    parsers: ClassVar = {"differences": tuple}

    at: str
    software_version: str
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Submission(JsonRecord):
    """The commit record of one table of one file.

    `files` are the Parquet files of its accepted rows by period year, `quarantine` that of the
    rejected ones. `details` is what only receipts need (columns found, conversions, skipped lines
    ...): the summary that the reading gave (`TableResult.summary`), kept as it is. In JSON
    `rereads` is its key `reread`.
    """

    parsers: ClassVar = {
        "periods": tuple,
        "files": tuple_of(StoredFile),
        "quarantine": StoredFile.from_manifest,
        "rereads": tuple_of(RereadNote),
    }

    submission_id: str
    department: str
    file_name: str
    landing_path: str
    sheet: str
    sha256: str
    size_bytes: int
    received_at: str
    dataset: str | None
    status: Status
    reason_code: str | None
    reason_zh: str | None
    encoding: str | None
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_duplicate: int
    periods: tuple[str, ...]
    software_version: str
    details: Mapping[str, Json] = field(default_factory=dict)
    files: tuple[StoredFile, ...] = ()
    quarantine: StoredFile | None = None
    rereads: tuple[RereadNote, ...] = ()

    @property
    def parquet(self) -> tuple[StoredFile, ...]:
        """All its Parquet files: those of accepted rows by year, then that of rejected ones."""
        return (*self.files, self.quarantine) if self.quarantine else self.files

    @property
    def received(self) -> datetime:
        """Moment at which the file was received (UTC)."""
        return datetime.fromisoformat(self.received_at)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the submission of a manifest. Raises ValueError when a key is missing."""
        if "files" not in content:  # else a build would leave out its rows
            raise ValueError("it has no files")
        details = content.get("details", {})
        if "reread" in details:
            rereads = details["reread"]
            details = {key: value for key, value in details.items() if key != "reread"}
            content = {**content, "details": details, "rereads": rereads}
        return super().from_dict(content)

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as a JSON object."""
        content = super().to_dict()
        if rereads := content.pop("rereads"):
            content["details"] |= {"reread": rereads}
        return content


def submission_id(department: str, sha256: str, sheet: str) -> str:
    """Return the identity of a table: it follows from department, bytes and sheet alone."""
    return hashlib.sha256(f"{department}\0{sha256}\0{sheet}".encode()).hexdigest()[:16]


def archive_path(home: Home, sha256: str) -> Path:
    """Return the path of the archived bytes with that SHA-256."""
    return home.archive / sha256[:2] / sha256


def short_name(file_name: str) -> str:
    """Return a file name, cut so that a receipt's name made from it fits in 255 bytes."""
    return file_name.encode()[:_NAME_BYTES].decode(errors="ignore")


def receipt_base(home: Home, first: Submission, file_name: str | None = None) -> Path:
    """Return the path of a file's receipts without its extension (.html, .txt, .xlsx).

    `first` is the file's first submission; `file_name` another name under which it was sent again.
    """
    local = first.received.astimezone(COUNTY_ZONE)
    name = short_name(file_name or first.file_name)
    return home.receipts(first.department) / (
        f"{name}.{local:{RECEIPT_MOMENT}}.{first.submission_id[:8]}"
    )


def manifest_path(home: Home, identity: str) -> Path:
    """Return the path of a submission's manifest."""
    return home.manifests / f"{identity}.json"


def find(home: Home, identity: str) -> Submission | None:
    """Return the committed submission of an identity, or None."""
    try:
        return read_manifest(manifest_path(home, identity))
    except FileNotFoundError:
        return None


def read_manifest(path: Path) -> Submission:
    """Return the submission of a manifest. Raises LakeError when it cannot be read."""
    return parse_manifest(path, path.read_bytes())


def parse_manifest(path: Path, content: bytes) -> Submission:
    """Return the submission of a manifest's bytes. Raises LakeError, which names the path."""
    try:
        return Submission.from_json(content)
    except (ValueError, TypeError, AttributeError) as error:
        raise LakeError(
            f"{path} is not a manifest: {error}. Restore the file from a backup: "
            "eco restore BACKUP --repair"
        ) from error


def read_manifests(home: Home) -> list[Submission]:
    """Return the submissions of all manifests, each of which is read, in the order of receipt.

    For verifying and repairing a lake; others read its index. Raises LakeError when a manifest
    cannot be read.
    """
    found = [read_manifest(path) for path in home.manifests.glob("*.json")]
    return sorted(found, key=lambda s: (s.received_at, s.submission_id))


def period_year(path: str) -> int | None:
    """Return the period year of the partition of a file, None for the partition without a year."""
    year = Path(path).parent.name.removeprefix(f"{YEAR_PARTITION}=")
    return None if year == NO_YEAR else int(year)


def rejected_rows(home: Home, submission: Submission) -> pl.DataFrame:
    """Return the rejected rows of a submission (REJECTED_COLUMNS), one per row and reason."""
    if submission.quarantine is None:
        return pl.DataFrame(schema=REJECTED_COLUMNS)
    return pl.read_parquet(home.root / submission.quarantine.path)
