"""Delimited text as a raw table.

polars parses the body; what it cannot know is kept here: which line of the editor a record begins
on (quoted line breaks, empty lines) and rows longer than the header. Dialects that polars does not
parse, and quotes that do not pair, are rewritten before (`sources.reading.quoting`).
"""

import re
from collections.abc import Iterator
from functools import partial

import numpy as np
import polars as pl

from sources.limits import Limits
from sources.reading.dialect import Dialect, KnownTitle, dialect_of, records
from sources.reading.encoding import Text
from sources.reading.quoting import mended, rewritten, well_quoted
from sources.reading.raw import (
    EXTRA,
    ROW_NUMBER,
    HeadRow,
    PlainRows,
    RawTable,
    Refusal,
    Rows,
    cell,
)

_HEAD_BYTES = 1 << 18
_MORE = 20  # how many cells beyond the header are looked at in a row that is too long
_FEW_LINES = 100
_BLOCK = 1 << 19
_QUOTE, _NEWLINE = 34, 10
# What parts the cells of a rewritten text: the first that the text does not hold.
_UNUSED = ("\t", "\x1f", "\x1e")


def read_delimited(
    text: Text, known_title: KnownTitle, limits: Limits, sheet: str = ""
) -> RawTable:
    """Return the table of a delimited text. `known_title` says whether a cell is a known title.

    Raises Refusal (`empty_file`, `too_many_columns`).
    """
    data = _line_ends(text.data)
    if re.search(rb"\S", data) is None:
        raise Refusal("empty_file")
    dialect = dialect_of(_head_text(data), known_title)
    data, separator = _standard(data, dialect)
    head_text = _head_text(data)
    if b'"' in data and not well_quoted(data, ord(separator)):
        data = mended(data, separator, _usual_width(head_text, separator))
        head_text = _head_text(data)
    head, ends = _head(head_text, separator, limits.head_rows)
    if not head:
        raise Refusal("empty_file")  # nothing but quotes and separators
    width = max(len(row.cells) for row in head)
    if width > limits.max_columns:
        raise Refusal("too_many_columns", columns=width, limit=limits.max_columns)

    def rows(after: int, columns: int) -> Iterator[Rows]:
        last_line = ends[after] if after >= 0 else 0
        return _rows(data, _offset(data, last_line), last_line + 1, columns, separator, limits)

    return RawTable(
        sheet=sheet,
        head=head,
        rows=rows,
        encoding=text.encoding,
        separator=dialect.separator + " " * dialect.spaced,
        findings=text.findings,
        open_end=_open_end(data, separator),
    )


def _standard(data: bytes, dialect: Dialect) -> tuple[bytes, str]:
    """Return a text that polars parses, and its separator."""
    if dialect.plain:
        if dialect.named_on:
            data = data[data.find(b"\n") :]
        return data, dialect.separator
    separator = next((s for s in _UNUSED if s.encode() not in data), _UNUSED[-1])
    return rewritten(data, dialect, separator), separator


def _usual_width(head_text: str, separator: str) -> int:
    """Return how many cells most lines have."""
    widths = [len(line.split(separator)) for line in head_text.split("\n") if line.strip()]
    whole = [len(cells) for _, _, cells in records(head_text, separator) if any(cells)]
    counts = whole[:_FEW_LINES] or widths
    return max(set(counts), key=counts.count)


def _open_end(data: bytes, separator: str) -> int | None:
    """Return how many cells the last line has when no line break ends it."""
    if data.endswith(b"\n"):
        return None
    last = data[data.rfind(b"\n") + 1 :]
    return None if b'"' in last or not last.strip() else last.count(separator.encode()) + 1


def _offset(data: bytes, line: int) -> int:
    """Return where the line after line number `line` begins."""
    at = 0
    for _ in range(line):
        at = data.find(b"\n", at) + 1
        if at == 0:
            return len(data)
    return at


def _line_ends(data: bytes) -> bytes:
    """Turn lone carriage returns, which no parser takes for a line end, into line feeds."""
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data


def _head_text(data: bytes) -> str:
    part = data[:_HEAD_BYTES]
    if len(data) > _HEAD_BYTES and (cut := part.rfind(b"\n")) > 0:
        part = part[: cut + 1]
    return part.decode("utf-8", errors="ignore")


def _head(text: str, separator: str, count: int) -> tuple[tuple[HeadRow, ...], list[int]]:
    """Return the first rows that are not empty, and the last line of each."""
    rows: list[HeadRow] = []
    ends: list[int] = []
    for first, last, cells in records(text, separator):
        if any(c.strip() for c in cells):
            rows.append(HeadRow(first, tuple(cells)))
            ends.append(last)
            if len(rows) == count:
                break
    return tuple(rows), ends


def _rows(
    data: bytes, start: int, line: int, width: int, separator: str, limits: Limits
) -> Iterator[Rows]:
    """Yield the records from a byte on, in pieces of bounded bytes and cells."""
    most_rows = limits.rows_of(width)
    quotes = data.find(b'"', start) >= 0
    while start < len(data):
        breaks, stop = _piece(data, start, limits.chunk_bytes, most_rows, quotes=quotes)
        part = memoryview(data)[start:stop]
        plain = None
        if (
            stop - start >= limits.quick_bytes
            and not (quotes and data.find(b'"', start, stop) >= 0)
            and _cells_of_first(data, start, separator) <= width
        ):
            plain = PlainRows(
                scan=partial(_scan, data, start, stop, line, width, separator),
                lines=partial(_lines, part, breaks, line, width, separator),
            )
        yield Rows(partial(_parse, part, line, len(breaks), width, separator), plain)
        start, line = stop, line + len(breaks)


def _piece(
    data: bytes, start: int, most_bytes: int, most_rows: int, *, quotes: bool
) -> tuple[np.ndarray, int]:
    """Return the line breaks of a piece that begins at `start`, and where it ends.

    It ends where a record does. Line breaks are offsets from `start`.
    """
    stop = min(len(data), start + most_bytes)
    while True:
        part = np.frombuffer(data, np.uint8, stop - start, start)
        breaks = ends = _breaks(part)
        if quotes and data.find(b'"', start, stop) >= 0:
            ends = breaks[~_inside(part)[breaks]]
        if stop == len(data) and len(breaks) <= most_rows:
            return breaks, stop
        if len(ends):
            last = ends[min(len(ends), most_rows) - 1]
            return breaks[: np.searchsorted(breaks, last) + 1], start + int(last) + 1
        if stop == len(data):
            return breaks, stop
        stop = min(len(data), stop + most_bytes)  # one record larger than a piece


def _breaks(part: np.ndarray) -> np.ndarray:
    """Return where line breaks are; looked for block by block, which stay in the cache."""
    blocks = [
        np.flatnonzero(part[at : at + _BLOCK] == _NEWLINE) + at
        for at in range(0, len(part), _BLOCK)
    ]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int64)


def _cells_of_first(data: bytes, start: int, separator: str) -> int:
    """Return how many cells the line at `start` has; polars takes a file's width from it."""
    end = data.find(b"\n", start)
    return data.count(separator.encode(), start, end if end >= 0 else len(data)) + 1


def _with_header(part: memoryview, width: int, separator: str) -> tuple[bytes, int]:
    """Put a header line of our own before a piece; return also the header's length.

    With it, polars neither guesses the width from the first row nor drops empty lines at the
    start.
    """
    header = separator.join(cell(i) for i in range(width)).encode() + b"\n"
    return b"".join((header, part)), len(header)


def _scan(
    data: bytes, start: int, stop: int, line: int, width: int, separator: str
) -> pl.LazyFrame:
    """Return a plan of a piece without quotes that begins on `line`."""
    # The last piece of a file near its top is read where it lies; others are cut out.
    here = stop == len(data) and line <= _FEW_LINES
    return pl.scan_csv(
        data if here else data[start:stop],
        has_header=False,
        schema={cell(i): pl.String for i in range(width)},
        missing_columns="insert",
        skip_lines=line - 1 if here else 0,
        separator=separator,
        quote_char=None,
        row_index_name=ROW_NUMBER,
        row_index_offset=line,
    ).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))


def _lines(
    part: memoryview,
    breaks: np.ndarray,
    line: int,
    width: int,
    separator: str,
    numbers: pl.Series,
) -> pl.DataFrame:
    """Return the records of those lines that are in a piece without quotes beginning on `line`."""
    count = len(breaks) + (part[-1] != _NEWLINE)
    numbers = numbers.filter(numbers.is_between(line, line + count - 1))
    breaks = breaks if len(breaks) else np.array([len(part) - 1])  # one line, not ended
    at = numbers.to_numpy() - line
    # Where these lines begin and end; of the piece's many line breaks no more is looked at.
    first = np.where(at > 0, breaks.take(at - 1, mode="wrap") + 1, 0)
    ends = np.where(at < len(breaks), breaks.take(at, mode="clip") + 1, len(part))
    lengths = ends - first
    # Where each byte lies: its line's start, and how far it is from it.
    before = np.cumsum(lengths) - lengths
    places = np.repeat(first - before, lengths) + np.arange(lengths.sum())
    picked = np.frombuffer(part, np.uint8)[places].tobytes()
    whole, _ = _with_header(memoryview(picked), width, separator)
    frame = _polars(whole, separator, ragged=False)
    return frame.with_columns(numbers.alias(ROW_NUMBER))


def _parse(part: memoryview, line: int, breaks: int, width: int, separator: str) -> pl.DataFrame:
    """Return a piece's records; it begins on `line` and holds `breaks` line breaks."""
    whole, header = _with_header(part, width, separator)
    quoted = whole.find(b'"') >= 0
    try:
        frame = _polars(whole, separator, ragged=False)
        frame = frame.with_columns(pl.lit(None, pl.String).alias(EXTRA))
    except pl.exceptions.ComputeError:  # a row is longer than the header
        frame = _ragged(whole, header, width, separator)
    if quoted:
        lines = _record_starts(memoryview(whole)[header:]) + line
    else:
        lines = np.arange(line, line + breaks + (whole[-1] != _NEWLINE))
    if len(lines) != frame.height:
        raise AssertionError(f"{frame.height} records parsed, {len(lines)} counted")
    return frame.with_columns(pl.Series(ROW_NUMBER, lines, dtype=pl.Int64))


def _polars(text: bytes, separator: str, *, ragged: bool) -> pl.DataFrame:
    return pl.read_csv(
        text, separator=separator, infer_schema=False, truncate_ragged_lines=ragged
    ).rechunk()


def _inside(part: np.ndarray) -> np.ndarray:
    return np.bitwise_xor.accumulate(part == _QUOTE)


def _record_starts(piece: memoryview) -> np.ndarray:
    """Return for each record how many line breaks stand before it."""
    part = np.frombuffer(piece, np.uint8)
    breaks = np.flatnonzero(part == _NEWLINE)
    ends = np.flatnonzero((part == _NEWLINE) & ~_inside(part))
    starts = np.concatenate([[0], ends + 1])
    starts = starts[starts < len(part)]
    return np.searchsorted(breaks, starts)


def _ragged(whole: bytes, header: int, width: int, separator: str) -> pl.DataFrame:
    """Parse a piece (after `header` bytes) in which some rows have more cells than the header."""
    piece = memoryview(whole)[header:]
    part = np.frombuffer(piece, np.uint8)
    outside = ~_inside(part)
    ends = np.flatnonzero((part == _NEWLINE) & outside)
    if whole[-1] != _NEWLINE:
        ends = np.append(ends, len(part))
    starts = np.concatenate([[0], ends[:-1] + 1])
    commas = np.flatnonzero((part == ord(separator)) & outside)
    cells = np.searchsorted(commas, ends) - np.searchsorted(commas, starts) + 1
    long = np.flatnonzero(cells > width)
    frame = _polars(whole, separator, ragged=True)
    wide = [cell(i) for i in range(width + _MORE)]
    filled = pl.any_horizontal(pl.col(wide[width:]).str.contains(r"\S"))
    beyond = pl.concat_str(wide[width:], separator=separator, ignore_nulls=True)
    records = b"\n".join(
        [separator.join(wide).encode(), *(piece[starts[i] : ends[i]] for i in long)]
    )
    extra = _polars(records, separator, ragged=True).select(
        pl.when(filled).then(beyond).alias(EXTRA)
    )[EXTRA]
    far = pl.Series(cells[long] > width + _MORE)
    extra = pl.select(pl.when(extra.is_null() & far).then(pl.lit("…")).otherwise(extra)).to_series()
    column = pl.Series(EXTRA, [None], dtype=pl.String).new_from_index(0, frame.height)
    return frame.with_columns(column.scatter(long, extra).alias(EXTRA))
