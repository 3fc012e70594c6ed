"""The lake: committing a submission, and reading back which submissions there are.

A submission is one table of one file. Its manifest, put in place last by an atomic rename, is the
commit: files without a manifest are not there. Nothing in the lake is ever overwritten or removed.
How rows become clean is `sources`' business, what a build makes of them `warehouse.build`'s.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import polars as pl

from sources.contracts.stored_rows import REJECTED_SCHEMA
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.layout import Home, HomeError
from warehouse.home.records import Json, JsonRecord, tuple_of

Status = Literal["accepted", "partial", "refused"]
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"  # what Hive, Spark and DuckDB read as null
YEAR_PARTITION = "period_year"
_NAME_BYTES = 160

# Columns of quarantined rows, one row per rejected row and reason, and of intake.rejected_rows.
REJECTED_COLUMNS: dict[str, pl.DataType] = {
    "submission_id": pl.String(),
    "file_name": pl.String(),
    "sheet": pl.String(),
    **REJECTED_SCHEMA,
}


class LakeError(HomeError):
    """The lake does not hold what a manifest says; the message names the file."""


@dataclass(frozen=True)
class StoredFile(JsonRecord):
    """A Parquet file of a submission: path relative to the home, rows, size in bytes, SHA-256.

    What a manifest of an earlier version does not say is None.
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
    """That the rows of a submission were read again from the archive, and came out differently.

    `at` is the moment (ISO 8601, UTC); `differences` are sentences.
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
        """All its Parquet files: accepted rows by year, then the rejected ones."""
        return (*self.files, self.quarantine) if self.quarantine else self.files

    @property
    def received(self) -> datetime:
        """Moment at which it was received (UTC)."""
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
    """The identity of a table: the same department, bytes and sheet are the same submission."""
    return hashlib.sha256(f"{department}\0{sha256}\0{sheet}".encode()).hexdigest()[:16]


def archive_path(home: Home, sha256: str) -> Path:
    """Where the bytes with that digest lie in the archive."""
    return home.archive / sha256[:2] / sha256


def short_name(file_name: str) -> str:
    """A file name cut so that what receipts add to it still fits a file system's 255 bytes."""
    return file_name.encode()[:_NAME_BYTES].decode(errors="ignore")


def receipt_base(home: Home, first: Submission, file_name: str | None = None) -> Path:
    """Where the receipts of a file lie, without their ending (.html, .txt, .xlsx).

    `first` is the file's first submission; `file_name` another name under which it came again.
    """
    local = first.received.astimezone(COUNTY_ZONE)
    name = short_name(file_name or first.file_name)
    return home.receipts(first.department) / (
        f"{name}.{local:%Y%m%d-%H%M%S}.{first.submission_id[:8]}"
    )


def manifest_path(home: Home, identity: str) -> Path:
    """Where the manifest of that submission lies."""
    return home.manifests / f"{identity}.json"


def find(home: Home, identity: str) -> Submission | None:
    """The committed submission of that identity, or None."""
    try:
        return read_manifest(manifest_path(home, identity))
    except FileNotFoundError:
        return None


def read_manifest(path: Path) -> Submission:
    try:
        return Submission.from_json(path.read_bytes())
    except (ValueError, TypeError, AttributeError) as error:
        raise LakeError(
            f"{path} is no manifest: {error}. Put it back from a backup: "
            "eco restore BACKUP --repair"
        ) from error


def submissions(home: Home, as_of: datetime | None = None) -> list[Submission]:
    """All committed submissions in the order they were received, up to a moment if one is given."""
    found = [read_manifest(path) for path in home.manifests.glob("*.json")]
    if as_of is not None:
        found = [s for s in found if s.received <= as_of]
    return sorted(found, key=lambda s: (s.received_at, s.submission_id))


def latest_received(home: Home, known: dict[str, datetime]) -> datetime | None:
    """When the latest submission was received.

    `known` is what the caller has learnt before (manifest's name -> moment) and is added to, so
    that only manifests that are new to it are read.
    """
    for path in home.manifests.glob("*.json"):
        if path.name not in known:
            known[path.name] = read_manifest(path).received
    return max(known.values(), default=None)


def period_year(path: str) -> int | None:
    """The period year of the partition in which a file of the lake lies."""
    year = Path(path).parent.name.removeprefix(f"{YEAR_PARTITION}=")
    return None if year == NO_YEAR else int(year)


def rejected_rows(home: Home, submission: Submission) -> pl.DataFrame:
    """The rejected rows of a submission (REJECTED_COLUMNS); no rows when none were rejected."""
    if submission.quarantine is None:
        return pl.DataFrame(schema=REJECTED_COLUMNS)
    return pl.read_parquet(home.root / submission.quarantine.path)
