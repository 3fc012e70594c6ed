"""A whole table, cleaned piece by piece with two pieces in hand at a time."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from sources.cleaning.dates import EPOCH_1904
from sources.cleaning.quick import plan_of, quick_piece
from sources.cleaning.rejections import briefly
from sources.cleaning.second_lock import check_rows
from sources.cleaning.table import Cleaner, Piece
from sources.contracts import Contracts
from sources.limits import Limits
from sources.reading.raw import RawTable, Refusal
from sources.reasons import REASONS
from sources.recognise.layout import Layout

# polars computes on all cores; two threads of ours keep them busy while one of them plans or
# waits for a parser.
_THREADS = 2
# A table with fewer sound rows than this share of its broken ones is given back whole.
_HOPELESS = 0.01


@dataclass(frozen=True)
class Cleaned:
    """The cleaned rows of a table before keys are compared; see `table.Piece`."""

    good: pl.DataFrame
    bad: pl.DataFrame
    rejected: pl.DataFrame
    flagged: pl.DataFrame
    converted: pl.DataFrame
    skipped: pl.DataFrame
    totals: pl.DataFrame
    blank: int
    read: int
    """Rows of data looked at."""
    broken: int
    """... of which so many broke a rule."""
    last_line: int
    given_up: bool
    """True when nearly all rows were rejected and the rest was not looked at."""


def cleaner_of(table: RawTable, layout: Layout, contracts: Contracts) -> Cleaner:
    """Return the cleaner of a table."""
    if table.date1904:
        columns = tuple(replace(c, serial_shift=EPOCH_1904) for c in layout.columns)
        layout = replace(layout, columns=columns)
    return Cleaner(
        layout=layout,
        contracts=contracts,
        header_rows=[table.head[i].cells for i in range(layout.first, layout.last + 1)],
        header_line=table.head[layout.last].line,
        merged=table.merged,
        added=table.added,
    )


def clean_table(
    table: RawTable, layout: Layout, contracts: Contracts, limits: Limits
) -> Cleaned | None:
    """Clean every row below a table's header; None when there is no row at all.

    Raises Refusal (`too_many_rows`) and SecondLock, when cleaned rows break their contract.
    """
    cleaner = cleaner_of(table, layout, contracts)
    pieces: list[Piece] = []
    sound = broken = 0
    last_line = cleaner.header_line
    given_up = False
    for piece in _pieces(table, cleaner):
        last_line = max(last_line, piece.last_line)
        if broken > limits.explained_rows:
            piece = _briefly(piece)
        pieces.append(piece)
        sound += piece.good.height
        broken += piece.rejected["row_number"].n_unique()
        if sound + broken > limits.max_rows:
            raise Refusal("too_many_rows", limit=limits.max_rows)
        if broken > limits.explained_rows and sound < broken * _HOPELESS:
            given_up = True
            break
    if not pieces:
        return None
    good = pl.concat([p.good for p in pieces])
    rejected = [p.rejected for p in pieces]
    if given_up:
        rejected.append(_given_back(good))
        good = good.clear()
    flagged = pl.concat([p.flagged for p in pieces])
    converted = pl.concat([p.converted for p in pieces])
    return Cleaned(
        good=good,
        bad=pl.concat([p.bad for p in pieces]),
        rejected=pl.concat(rejected).sort("row_number", maintain_order=True),
        flagged=flagged.clear() if given_up else flagged,
        converted=converted.clear() if given_up else converted,
        skipped=pl.concat([p.skipped for p in pieces]),
        totals=pl.concat([p.totals for p in pieces]),
        blank=sum(p.blank for p in pieces),
        read=sound + broken,
        broken=broken,
        last_line=last_line,
        given_up=given_up,
    )


def _pieces(table: RawTable, cleaner: Cleaner) -> Iterator[Piece]:
    """Yield the cleaned pieces in the file's order."""
    parts = table.rows(cleaner.layout.last, len(cleaner.layout.headers))
    plan = plan_of(cleaner, table.head[cleaner.layout.last + 1 :])
    taking = threading.Lock()
    number = 0

    def work() -> Piece | None:
        nonlocal number
        with taking:
            rows = next(parts, None)
            first, number = number == 0, number + 1
        if rows is None:
            return None
        piece = quick_piece(cleaner, plan, rows, first=first) if plan is not None else None
        if piece is None:
            piece = cleaner.clean(rows.frame(), first=first)
        check_rows(piece.good, cleaner.contract, cleaner.contracts)
        return piece

    # Merged keys are carried from piece to piece, which only one thread does in order.
    threads = 1 if cleaner.merged else _THREADS
    with ThreadPoolExecutor(max_workers=threads) as pool:
        coming: list[Future[Piece | None]] = [pool.submit(work) for _ in range(threads)]
        while (done := coming.pop(0).result()) is not None:
            coming.append(pool.submit(work))
            yield done


def _briefly(piece: Piece) -> Piece:
    """Return a piece with one reason for each rejected row, its raw text left out."""
    return replace(piece, rejected=briefly(piece.rejected), bad=piece.bad.clear())


def _given_back(good: pl.DataFrame) -> pl.DataFrame:
    """Return the rejections of sound rows in a table that is given back whole."""
    reason = REASONS["table_given_up"]
    return good.select(
        "row_number",
        *(pl.lit(None, pl.String).alias(n) for n in ("field", "column_title", "value")),
        pl.lit(reason.code).alias("reason_code"),
        pl.lit(reason.severity).alias("severity"),
        pl.lit(reason.text()).alias("reason_zh"),
        pl.lit(None, pl.String).alias("raw_row"),
    )
