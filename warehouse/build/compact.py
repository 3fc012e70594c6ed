"""Small Parquet files joined into larger ones (`state/compact/`), which builds read in their place.

Departments deliver small files by the thousand, and to open one costs a query as much as some ten
thousand rows. The files of a dataset and year, in the order of receipt, are joined in blocks of
256, what then remains in blocks of 16. A new file changes none of the blocks before it, so that
each row is copied twice at most, and a build as of an earlier moment finds most blocks made. What
a block holds follows from its name: it is derived, and may be deleted at any time.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import duckdb

from warehouse.care import verify
from warehouse.home.files import make_folders, remove, replacing
from warehouse.home.layout import Home
from warehouse.home.sql import literal
from warehouse.lake.submissions import StoredFile

BLOCKS = (256, 16)
MOST_ROWS = 50_000
"""A file with more rows is read as it is."""


@dataclass(frozen=True)
class Part:
    """A Parquet file of a submission."""

    submission_id: str
    file: StoredFile

    @property
    def is_small(self) -> bool:
        """Whether it may be joined with others; not where an old manifest does not say."""
        return self.file.rows is not None and self.file.rows <= MOST_ROWS


class Compaction:
    """The blocks of a build: makes those that are missing, knows which ones it uses."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._used: set[Path] = set()

    def files(
        self,
        name: str,
        parts: Sequence[Part],
        rows_sql: Callable[[Sequence[str]], str],
        held: Collection[str] = (),
    ) -> list[str]:
        """Return the files to read for `parts`, without those of the submissions in `held`.

        Paths are relative to the home. `name` (folder/prefix) is that of the blocks; `rows_sql`
        returns the query of the rows of some files. A block with a submission that is held is not
        read: its other files are.
        """
        found: list[str] = []
        for block in _blocks(parts):
            kept = [part.file.path for part in block if part.submission_id not in held]
            if len(block) > 1 and len(kept) == len(block):
                kept = [self._joined(name, block, rows_sql)]
            found += kept
        return found

    def _joined(
        self, name: str, block: Sequence[Part], rows_sql: Callable[[Sequence[str]], str]
    ) -> str:
        """Return the path of the file with the rows of a block; make it unless it is there."""
        content = [(part.file.path, part.file.sha256) for part in block]
        columns = rows_sql([])
        digest = sha256(json.dumps([columns, content]).encode()).hexdigest()[:16]
        path = self._home.compact / f"{name}-{digest}.parquet"
        self._used.add(path)
        if verify.find_damage(path, None, parquet=True):
            make_folders(path.parent)
            remove(path)
            rows = rows_sql([part.file.path for part in block])
            with replacing(path) as target, duckdb.connect() as connection:
                connection.execute(
                    f"copy ({rows}) to {literal(target)} (format parquet, compression zstd)"
                )
        return path.relative_to(self._home.root).as_posix()

    def remove_others(self) -> None:
        """Remove the blocks that were not used."""
        for path in self._home.compact.glob("*/*"):
            if path not in self._used:
                remove(path)


def _blocks(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """Yield the parts in their order, the small ones in blocks as large as they fill.

    A block stands in the place of its first part.
    """
    small = [part for part in parts if part.is_small]
    begins = {id(block[0]): block for block in _filled(small)}
    for part in parts:
        if not part.is_small:
            yield [part]
        elif id(part) in begins:
            yield begins[id(part)]


def _filled(small: Sequence[Part]) -> Iterable[Sequence[Part]]:
    at = 0
    for size in (*BLOCKS, 1):
        while len(small) - at >= size:
            yield small[at : at + size]
            at += size
