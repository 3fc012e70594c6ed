"""Writing to archive, lake and quarantine; a manifest is the commit of a submission.

Rows are encoded as Parquet into a stream (`encode_rows`), which a process without access to the
home can do, and copied from there to their places (`write_rows`).
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

import polars as pl

from sources.contracts import Contract
from warehouse.home import clock
from warehouse.home.files import PART, copy_hashing, keep, replacing, write_text
from warehouse.home.layout import Home
from warehouse.home.records import JsonRecord, tuple_of
from warehouse.lake.submissions import (
    NO_YEAR,
    YEAR_PARTITION,
    LakeError,
    StoredFile,
    Submission,
    archive_path,
    manifest_path,
)


def archive(home: Home, source: BinaryIO) -> tuple[str, int]:
    """Copy a file that is open for reading into the archive; return its SHA-256 (hex) and size."""
    part = home.archive / f".{os.getpid()}{PART}"
    try:
        sha256, size = copy_hashing(source, part)
        target = archive_path(home, sha256)
        if not target.exists():
            keep(part, target)
    finally:
        part.unlink(missing_ok=True)
    return sha256, size


def next_received_at(latest: datetime | None) -> datetime:
    """Return the current time, but later than `latest` even if the clock was set back."""
    now = clock.now()
    return now if latest is None or now > latest else latest + timedelta(microseconds=1)


def _year(contract: Contract) -> pl.Expr:
    period = contract.period_field
    assert period is not None
    column = pl.col(period.field)
    return column.cast(pl.Int32) if period.type == "year" else column.dt.year()


@dataclass(frozen=True)
class EncodedFile(JsonRecord):
    """A Parquet file inside a stream: where it begins, its size in bytes, its rows.

    `year` is the period year of accepted rows; None for rows without one, and for rejected rows.
    """

    year: int | None
    rows: int
    offset: int
    size_bytes: int


@dataclass(frozen=True)
class EncodedRows(JsonRecord):
    """The rows of a submission inside a stream: accepted ones by period year, rejected ones."""

    parsers: ClassVar = {
        "accepted": tuple_of(EncodedFile),
        "rejected": EncodedFile.from_dict,
    }

    accepted: tuple[EncodedFile, ...] = ()
    rejected: EncodedFile | None = None


def _encode(
    frame: pl.DataFrame, year: int | None, same: Mapping[str, str], target: BinaryIO
) -> EncodedFile:
    """Append rows as Parquet; `same` are further columns, each with one text for all rows."""
    import pyarrow as pa  # builds only read the lake
    import pyarrow.parquet as pq

    # Arrow's writer reads polars' memory without a copy, takes a quarter less time than polars' own
    # and makes smaller files. zstd level 1: a third less time than the default, same size.
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    for name, text in same.items():
        # As a dictionary of one value the text is written once.
        at = pa.repeat(pa.scalar(0, pa.int8()), frame.height)
        column = pa.DictionaryArray.from_arrays(at, pa.array([text], pa.string()))
        table = table.append_column(name, column)
    # Without Arrow's own schema every reader sees plain Parquet types. Line numbers ascend:
    # delta encoding makes the file a sixth smaller than a dictionary, and is faster.
    lines = {n: "DELTA_BINARY_PACKED" for n in ("row_number",) if n in frame.columns}
    content = pa.BufferOutputStream()  # offsets inside the file count from its own beginning
    pq.write_table(
        table,
        content,
        compression="zstd",
        compression_level=1,
        # Queries filter on times, years and lines. Statistics of measurements and texts take
        # a third of the writing time and let no reader skip a row group.
        write_statistics=[n for n, t in frame.schema.items() if t.is_temporal() or t.is_integer()],
        store_schema=False,
        use_dictionary=[n for n in table.column_names if n not in lines],
        column_encoding=lines,
    )
    encoded = content.getvalue()
    offset = target.tell()
    target.write(encoded)
    return EncodedFile(year, frame.height, offset, encoded.size)


def _by_year(rows: pl.DataFrame, contract: Contract) -> Iterator[tuple[int | None, pl.DataFrame]]:
    """Yield the rows of each year in their order; rows sorted by time are sliced, not copied."""
    if contract.period_field is None:
        yield None, rows
        return
    moments = rows[contract.period_field.field]
    if moments.dtype.is_temporal() and not moments.null_count() and moments.is_sorted():
        first, last = moments[0].year, moments[-1].year
        new_years = pl.Series([datetime(y, 1, 1) for y in range(first + 1, last + 1)])
        cuts: list[int] = []
        if last > first:
            cuts = moments.search_sorted(new_years.cast(moments.dtype)).to_list()
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


def encode_rows(
    identity: str,
    *,
    file_name: str,
    sheet: str,
    contract: Contract | None,
    accepted: pl.DataFrame,
    rejected: pl.DataFrame,
    target: BinaryIO,
) -> EncodedRows:
    """Append the rows of the submission of that identity to a stream as Parquet files.

    `accepted` has the columns of `stored_rows.accepted_schema`, `rejected` those of
    `stored_rows.REJECTED_SCHEMA`, one row per rejected row and reason. Raises LakeError when not
    every accepted row was encoded.
    """
    files: tuple[EncodedFile, ...] = ()
    if contract is not None and accepted.height:
        same = {"submission_id": identity}
        files = tuple(
            _encode(part, year, same, target) for year, part in _by_year(accepted, contract)
        )
        written = sum(file.rows for file in files)
        if written != accepted.height:
            raise LakeError(
                f"{file_name}: {accepted.height} rows were accepted and {written} "
                f"written to {contract.dataset}; nothing is committed. Report this as a bug."
            )
    if not rejected.height:
        return EncodedRows(files)
    same = {"submission_id": identity, "file_name": file_name, "sheet": sheet}
    return EncodedRows(files, _encode(rejected, None, same, target))


def _write_parquet(home: Home, encoded: EncodedFile, target: Path, source: BinaryIO) -> StoredFile:
    """Copy a file out of a stream to its place. Raises LakeError when the stream is too short."""
    source.seek(encoded.offset)
    with replacing(target) as part:
        sha256, size = copy_hashing(source, part, most_bytes=encoded.size_bytes)
    if size != encoded.size_bytes:
        raise LakeError(f"{target}: {size} of {encoded.size_bytes} bytes; nothing is committed.")
    path = target.relative_to(home.root).as_posix()
    return StoredFile(path=path, rows=encoded.rows, size_bytes=size, sha256=sha256)


def write_rows(
    home: Home, submission: Submission, rows: EncodedRows, source: BinaryIO
) -> Submission:
    """Write a submission's Parquet files; return it with `files` and `quarantine`. See `commit`."""
    name = f"{submission.submission_id}.parquet"
    files = []
    for file in rows.accepted:
        folder = f"{YEAR_PARTITION}={NO_YEAR if file.year is None else file.year}"
        target = home.lake / str(submission.dataset) / folder / name
        files.append(_write_parquet(home, file, target, source))
    quarantine = None
    if rows.rejected is not None:
        target = home.quarantine / (submission.dataset or "_unrecognised") / name
        quarantine = _write_parquet(home, rows.rejected, target, source)
    return replace(submission, files=tuple(files), quarantine=quarantine)


def write_manifest(home: Home, submission: Submission) -> None:
    """Write a submission's manifest by one rename, which commits it."""
    write_text(manifest_path(home, submission.submission_id), submission.to_json())


def commit(home: Home, submission: Submission, rows: EncodedRows, source: BinaryIO) -> Submission:
    """Write a submission into the lake: accepted rows, rejected rows, the manifest last.

    `rows` were encoded into `source`. Returns the submission with its files. A crash before the
    manifest's rename leaves files that no build reads and that a repeated commit writes again.
    """
    submission = write_rows(home, submission, rows, source)
    write_manifest(home, submission)
    return submission
