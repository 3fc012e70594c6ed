"""The lake: committing a submission, and reading back which submissions there are.

A submission is one table of one file. Its manifest, put in place last by an atomic rename, is the
commit: files without a manifest are not there. Nothing in the lake is ever overwritten or removed.
How rows become clean is `sources`' business, what a build makes of them `warehouse.build`'s.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from sources.contracts import Contract
from warehouse import clock
from warehouse.clock import COUNTY_ZONE
from warehouse.files import PART, copy_hashing, keep, replacing, sha256_of, write_text
from warehouse.home import Home, HomeError

Status = Literal["accepted", "partial", "refused"]
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"  # what Hive, Spark and DuckDB read as null
YEAR_PARTITION = "period_year"
_NAME_BYTES = 160


# Columns of quarantined rows, one row per rejected row and reason, and of intake.rejected_rows.
REJECTED_COLUMNS = {
    "submission_id": pl.String,
    "file_name": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int64,
    "field": pl.String,
    "column_title": pl.String,
    "value": pl.String,
    "reason_code": pl.String,
    "severity": pl.String,
    "reason_zh": pl.String,
    "raw_row": pl.String,
}


class LakeError(HomeError):
    """The lake does not hold what a manifest says; the message names the file."""


@dataclass(frozen=True)
class Submission:
    """The commit record of one table of one file.

    `details` holds what only receipts need (columns found, conversions, lines skipped ...);
    `files` the Parquet files of accepted rows (path relative to the home, rows, size in bytes,
    SHA-256), `quarantine` the same of the rejected rows.
    """

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
    details: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Mapping[str, Any], ...] = ()
    quarantine: Mapping[str, Any] | None = None

    @property
    def parquet(self) -> tuple[Mapping[str, Any], ...]:
        """All its Parquet files: accepted rows by year, then the rejected ones."""
        return (*self.files, self.quarantine) if self.quarantine else self.files

    @property
    def received(self) -> datetime:
        """When it was received (UTC)."""
        return datetime.fromisoformat(self.received_at)

    def to_json(self) -> str:
        """The manifest's text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Submission":
        """Read a manifest's text."""
        content = json.loads(text)
        content["periods"] = tuple(content["periods"])
        content["files"] = tuple(content["files"])
        if isinstance(content.get("quarantine"), str):  # before checksums were kept of it
            content["quarantine"] = {"path": content["quarantine"]}
        return cls(**content)


def submission_id(department: str, sha256: str, sheet: str) -> str:
    """The identity of a table: the same department, bytes and sheet are the same submission."""
    return hashlib.sha256(f"{department}\0{sha256}\0{sheet}".encode()).hexdigest()[:16]


def archive_path(home: Home, sha256: str) -> Path:
    """Where the bytes with that digest lie in the archive."""
    return home.archive / sha256[:2] / sha256


def archive(home: Home, path: Path) -> tuple[str, int]:
    """Copy a file's bytes into the archive; return their SHA-256 and size.

    The file is opened once, without following a link, so that what is archived is what was read.
    """
    part = home.archive / f".{os.getpid()}{PART}"
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        with os.fdopen(descriptor, "rb") as source:
            sha256, size = copy_hashing(source, part)
        target = archive_path(home, sha256)
        if not target.exists():
            keep(part, target)
    finally:
        part.unlink(missing_ok=True)
    return sha256, size


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
        return Submission.from_json(manifest_path(home, identity).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _read_manifest(path: Path) -> Submission:
    try:
        return Submission.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{path} is no manifest: {error}. Put it back from a backup: "
            "eco restore BACKUP --repair"
        ) from error


def submissions(home: Home, as_of: datetime | None = None) -> list[Submission]:
    """All committed submissions in the order they were received, up to a moment if one is given."""
    found = [_read_manifest(path) for path in home.manifests.glob("*.json")]
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
            known[path.name] = _read_manifest(path).received
    return max(known.values(), default=None)


def next_received_at(latest: datetime | None) -> datetime:
    """Now, but always later than the submission before it, also when the clock was set back."""
    now = clock.now()
    return now if latest is None or now > latest else latest + timedelta(microseconds=1)


def _year(contract: Contract) -> pl.Expr:
    period = contract.period_field
    assert period is not None
    column = pl.col(period.field)
    return column.cast(pl.Int32) if period.type == "year" else column.dt.year()


def period_year(path: str) -> int | None:
    """The period year of the partition in which a file of the lake lies."""
    year = Path(path).parent.name.removeprefix(f"{YEAR_PARTITION}=")
    return None if year == NO_YEAR else int(year)


def _write_parquet(
    home: Home, frame: pl.DataFrame, target: Path, same: Mapping[str, str]
) -> Mapping[str, Any]:
    """Write rows as Parquet, with a column more for each text that is the `same` in all rows."""
    import pyarrow as pa  # builds only read the lake
    import pyarrow.parquet as pq

    # Arrow's writer takes polars' memory as it is, needs a quarter less time than polars' own and
    # makes smaller files. Level 1 of zstd: a third less time than the default, no larger a file.
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    for name, text in same.items():
        # The same text in all rows: written once, not looked up row by row.
        at = pa.repeat(pa.scalar(0, pa.int8()), frame.height)
        column = pa.DictionaryArray.from_arrays(at, pa.array([text], pa.string()))
        table = table.append_column(name, column)
    with replacing(target) as part:
        # Without Arrow's own schema every reader sees plain Parquet types. Line numbers count up:
        # as differences they make the file a sixth smaller, and quicker than by a dictionary.
        lines = {n: "DELTA_BINARY_PACKED" for n in ("row_number",) if n in frame.columns}
        pq.write_table(
            table,
            part,
            compression="zstd",
            compression_level=1,
            # What a query is narrowed by: times, years, lines. Bounds of measurements and texts
            # cost a third of the writing and let no reader skip anything.
            write_statistics=[
                n for n, t in frame.schema.items() if t.is_temporal() or t.is_integer()
            ],
            store_schema=False,
            use_dictionary=[n for n in table.column_names if n not in lines],
            column_encoding=lines,
        )
    return {
        "path": target.relative_to(home.root).as_posix(),
        "rows": frame.height,
        "size_bytes": target.stat().st_size,
        "sha256": sha256_of(target),
    }


def _by_year(rows: pl.DataFrame, contract: Contract) -> Iterator[tuple[int | None, pl.DataFrame]]:
    """Yield each year's rows in their order; rows that come by time are cut, not copied."""
    if contract.period_field is None:
        yield None, rows
        return
    moments = rows[contract.period_field.field]
    if moments.dtype.is_temporal() and not moments.null_count() and moments.is_sorted():
        first, last = moments[0].year, moments[-1].year
        new_years = pl.Series([datetime(y, 1, 1) for y in range(first + 1, last + 1)])
        cuts = moments.search_sorted(new_years.cast(moments.dtype)) if last > first else []
        for year, start, end in zip(
            range(first, last + 1), [0, *cuts], [*cuts, rows.height], strict=True
        ):
            if end > start:
                yield year, rows.slice(start, end - start)
        return
    years = rows.select(_year(contract).alias("year"))["year"]
    if len(years) == 1 or (years.null_count() == 0 and years.is_sorted()):
        start = 0
        for year, count in years.rle().struct.unnest().select("value", "len").iter_rows():
            yield year, rows.slice(start, count)
            start += count
        return
    named = rows.with_columns(years.alias("__y"))
    for (year,), part in named.partition_by("__y", as_dict=True, include_key=False).items():
        yield year, part


def _write_rows(
    home: Home, contract: Contract, identity: str, rows: pl.DataFrame
) -> Iterable[Mapping[str, Any]]:
    for year, part in _by_year(rows, contract):
        folder = f"{YEAR_PARTITION}={NO_YEAR if year is None else year}"
        target = home.lake / contract.dataset / folder / f"{identity}.parquet"
        yield _write_parquet(home, part, target, {"submission_id": identity})


def write_rows(
    home: Home,
    submission: Submission,
    contract: Contract | None,
    accepted: pl.DataFrame,
    rejected: pl.DataFrame,
) -> Submission:
    """Write a submission's Parquet files; return it with its files named. See `commit`."""
    identity = submission.submission_id
    if contract is not None and accepted.height:
        files = tuple(_write_rows(home, contract, identity, accepted))
        written = sum(file["rows"] for file in files)
        if written != accepted.height:
            raise LakeError(
                f"{submission.file_name}: {accepted.height} rows were accepted and {written} "
                f"written to {contract.dataset}; nothing is committed. Report this as a fault."
            )
        submission = replace(submission, files=files)
    if rejected.height:
        folder = home.quarantine / (submission.dataset or "_unrecognised")
        target = folder / f"{identity}.parquet"
        same = {
            "submission_id": identity,
            "file_name": submission.file_name,
            "sheet": submission.sheet,
        }
        file = _write_parquet(home, rejected, target, same)
        submission = replace(submission, quarantine=file)
    return submission


def write_manifest(home: Home, submission: Submission) -> None:
    """Commit a submission: its manifest, in one rename."""
    write_text(manifest_path(home, submission.submission_id), submission.to_json())


def commit(
    home: Home,
    submission: Submission,
    contract: Contract | None,
    accepted: pl.DataFrame,
    rejected: pl.DataFrame,
) -> Submission:
    """Put a submission into the lake: rows first, rejected rows next, the manifest last.

    `accepted` holds the contract's fields and the row columns but submission_id; `rejected` one
    row per rejected row and reason. Returns the submission with its files named. A crash before
    the manifest's rename leaves files that no build looks at and that a repeat writes again.
    """
    submission = write_rows(home, submission, contract, accepted, rejected)
    write_manifest(home, submission)
    return submission


def rejected_rows(home: Home, submission: Submission) -> pl.DataFrame:
    """The rejected rows of a submission (REJECTED_COLUMNS); no rows when none were rejected."""
    if submission.quarantine is None:
        return pl.DataFrame(schema=REJECTED_COLUMNS)
    return pl.read_parquet(home.root / submission.quarantine["path"])
