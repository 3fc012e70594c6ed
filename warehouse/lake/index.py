"""The index of the lake's manifests: reading all submissions without reading every manifest.

The manifests are the truth. The index (`state/submissions.index`) repeats what readers of many
submissions need of each, with the identity of the file that it was read from. A manifest that is
new, or is not the file that was read, is read itself; one that is gone does not count. So an index
that is old, damaged or missing costs time and changes nothing.

The file is the SHA-256 of what follows (32 bytes) and a Parquet file with one row per manifest.
"""

import json
import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import polars as pl

from warehouse.home.files import write_bytes
from warehouse.home.layout import Home
from warehouse.lake.submissions import Submission, parse_manifest

# What is kept of a submission's details: all else is read by those who write its receipt.
KEPT_DETAILS = ("stopped",)
# What identifies a version of a file, as far as its folder tells.
_STAMP = {
    "manifest": pl.String(),
    "inode": pl.UInt64(),
    "bytes": pl.Int64(),
    "modified_ns": pl.Int64(),
    "changed_ns": pl.Int64(),
}
_TEXTS = (
    *("submission_id", "department", "file_name", "landing_path", "sheet", "sha256", "received_at"),
    *("dataset", "status", "reason_code", "reason_zh", "encoding", "software_version"),
)
_NUMBERS = ("size_bytes", "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
# `digest` is the SHA-256 of the manifest's bytes, `rest` what else it says, in JSON.
_SCHEMA = pl.Schema(
    {
        **_STAMP,
        "digest": pl.String(),
        **dict.fromkeys(_TEXTS, pl.String()),
        **dict.fromkeys(_NUMBERS, pl.Int64()),
        "rest": pl.String(),
    }
)
_DIGEST_BYTES = 32
# An index of another version is made anew: raise the number when the meaning of a column changes.
_VERSION = f"1 {KEPT_DETAILS} {_SCHEMA}".encode()
# To read so many manifests takes less time than to write the index of a large lake.
MOST_UNINDEXED = 400
# A file that was changed a moment ago may change again and keep its times.
_SETTLED_NS = 2_000_000_000
log = logging.getLogger(__name__)


@dataclass
class _Known:
    """The manifests of a home that this process has read (_SCHEMA).

    `trusted` are those that had not changed for a while when they were read; `indexed` is what the
    index file has; `parsed` are submissions by the digests of their manifests.
    """

    home: Home
    manifests: pl.DataFrame
    trusted: pl.DataFrame
    indexed: pl.DataFrame
    parsed: dict[str, Submission] = field(default_factory=dict)


# Of the home that this process used last.
_known: _Known | None = None
_lock = threading.Lock()


def submissions(home: Home, as_of: datetime | None = None) -> list[Submission]:
    """Return the committed submissions in the order of receipt, up to `as_of` if it is given.

    Of their details only KEPT_DETAILS are there. Raises LakeError when a manifest cannot be read.
    """
    with _lock:
        known = _up_to_date(home)
        known.parsed = _parsed(known)
        found = list(known.parsed.values())
    if as_of is not None:
        found = [s for s in found if s.received <= as_of]
    return sorted(found, key=lambda s: (s.received_at, s.submission_id))


def table(home: Home) -> pl.DataFrame:
    """Return a row per committed submission in the order of receipt: its texts and numbers.

    Raises LakeError when a manifest cannot be read.
    """
    with _lock:
        found = _up_to_date(home).manifests
    return found.select(*_TEXTS, *_NUMBERS).sort("received_at", "submission_id")


def latest_received(home: Home) -> datetime | None:
    """Return the moment at which the latest submission was received, None without any."""
    latest = table(home)["received_at"].max()
    return datetime.fromisoformat(str(latest)) if latest else None


def digests(home: Home, as_of: datetime | None = None) -> list[str]:
    """Return the SHA-256 (hex) of each of the manifests of `submissions`, sorted."""
    with _lock:
        found = _up_to_date(home).manifests
    pairs = found.select("digest", "received_at").iter_rows()
    return sorted(d for d, at in pairs if as_of is None or datetime.fromisoformat(at) <= as_of)


def _parsed(known: _Known) -> dict[str, Submission]:
    """Return the submissions of the manifests by the digests of these."""
    manifests = known.manifests.drop(_STAMP)
    new = manifests.filter(~pl.col("digest").is_in(list(known.parsed)))
    found = dict(known.parsed)
    for row in new.iter_rows(named=True):
        digest = row.pop("digest")
        found[digest] = Submission.from_dict(row | json.loads(row.pop("rest")))
    return {digest: found[digest] for digest in manifests["digest"]}


def _up_to_date(home: Home) -> _Known:
    """Return what the manifests say that there are now; write the index if it falls behind."""
    global _known
    if _known is None or _known.home != home:
        indexed = _read_index(home)
        _known = _Known(home, indexed, indexed, indexed)
    known, now = _known, time.time_ns()
    stamps = _stamps(home)
    settled = pl.col("changed_ns") < now - _SETTLED_NS
    same = known.trusted.join(stamps, on=list(_STAMP), how="semi").filter(settled)
    others = stamps.join(same, on="manifest", how="anti")
    rows = [_read(home, *stamp) for stamp in others.iter_rows()]
    read = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    known.manifests = pl.concat([same, read], rechunk=False) if rows else same
    known.trusted = pl.concat([same, read.filter(settled)], rechunk=False)
    common = known.trusted.join(known.indexed, on=list(_STAMP), how="semi").height
    differences = known.indexed.height + known.trusted.height - 2 * common
    if differences > max(MOST_UNINDEXED, stamps.height // 50):
        _write_index(known)
    return known


def _stamps(home: Home) -> pl.DataFrame:
    """Return the versions of the manifests that there are now (_STAMP)."""
    found = []
    with os.scandir(home.manifests) as folder:
        for each in folder:
            name = each.name
            if name.endswith(".json") and not name.startswith("."):
                with suppress(FileNotFoundError):
                    at = each.stat()
                    found.append((name, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns))
    return pl.DataFrame(found, schema=_STAMP, orient="row")


def _read(home: Home, name: str, *stamp: int) -> tuple[Any, ...]:
    """Read a manifest; return its row of the index."""
    path = home.manifests / name
    content = path.read_bytes()
    submission = parse_manifest(path, content)
    details = {key: submission.details[key] for key in KEPT_DETAILS if key in submission.details}
    record = replace(submission, details=details).to_dict()
    known = [record.pop(key) for key in (*_TEXTS, *_NUMBERS)]
    rest = json.dumps(record, ensure_ascii=False)
    return (name, *stamp, sha256(content).hexdigest(), *known, rest)


def _read_index(home: Home) -> pl.DataFrame:
    """Return the rows of the index file; none where there is none or it is damaged."""
    path = home.submission_index
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return _SCHEMA.to_frame()
    except OSError as error:
        log.warning("%s cannot be read, the manifests are: %s", path, error)
        return _SCHEMA.to_frame()
    content = raw[_DIGEST_BYTES:]
    if sha256(_VERSION + content).digest() != raw[:_DIGEST_BYTES]:
        log.warning("%s is damaged or of another version: made anew from the manifests", path)
        return _SCHEMA.to_frame()
    return pl.read_parquet(BytesIO(content))


def _write_index(known: _Known) -> None:
    """Write the index file; without it the next process reads the manifests."""
    target = BytesIO()
    known.trusted.write_parquet(target, compression_level=1)
    content = target.getvalue()
    path = known.home.submission_index
    try:
        write_bytes(path, sha256(_VERSION + content).digest() + content)
    except OSError as error:  # a full disk, or a user who may only read the home
        log.info("%s cannot be written: %s", path, error)
        return
    known.indexed = known.trusted
