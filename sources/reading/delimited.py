"""Delimited text (comma, tab, semicolon) as a raw table.

polars parses the body; what it cannot know is kept here: which line of the editor a record
begins on (quoted line breaks, empty lines), rows longer than the header, and quotes that do not
pair, which are mended line by line so that they cost their own row only.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import polars as pl

from sources.limits import Limits
from sources.reading.encoding import Text
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
from sources.reasons import finding

SEPARATORS = (",", "\t", ";")
_HEAD_BYTES = 1 << 18
_JOINED_LINES = 20  # a quoted cell with more line breaks than this is an unpaired quote
_MORE = 20  # how many cells beyond the header are looked at in a row that is too long
_FEW_LINES = 100
_BLOCK = 1 << 19
_QUOTE, _NEWLINE, _RETURN = 34, 10, 13

KnownTitle = Callable[[str], bool]


def read_delimited(
    text: Text, known_title: KnownTitle, limits: Limits, sheet: str = ""
) -> RawTable:
    """Return the table of a delimited text. `known_title` tells a header cell from others.

    Raises Refusal (`empty_file`, `too_many_columns`).
    """
    data = _line_ends(text.data)
    if re.search(rb"\S", data) is None:
        raise Refusal("empty_file")
    head_text = _head_text(data)
    separator = _separator(head_text, known_title)
    if b'"' in data and not _well_quoted(data, ord(separator)):
        data = _mended(data, separator)
        head_text = _head_text(data)
    head, ends = _head(head_text, separator, limits.head_rows)
    if not head:
        raise Refusal("no_header")
    width = max(len(row.cells) for row in head)
    if width > limits.max_columns:
        raise Refusal("too_many_columns", columns=width, limit=limits.max_columns)

    def rows(after: int, columns: int) -> Iterator[Rows]:
        last_line = ends[after] if after >= 0 else 0
        return _rows(data, _offset(data, last_line), last_line + 1, columns, separator, limits)

    findings = ()
    if text.replaced:
        findings = (finding("replaced_characters", count=text.replaced),)
    return RawTable(
        sheet=sheet,
        head=head,
        rows=rows,
        encoding=text.encoding,
        separator=separator,
        findings=findings,
        open_end=_open_end(data, separator),
    )


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
    for first, last, cells in _records(text, separator):
        if any(c.strip() for c in cells):
            rows.append(HeadRow(first, tuple(cells)))
            ends.append(last)
            if len(rows) == count:
                break
    return tuple(rows), ends


def _records(text: str, separator: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, last line and cells of each record."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    first = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell longer than the csv module takes: no header comes after it
            return
        yield first, reader.line_num, cells
        first = reader.line_num + 1


def _separator(text: str, known_title: KnownTitle) -> str:
    """Choose the separator under which a line shows most known titles, else most even rows."""

    def score(separator: str) -> tuple[int, int]:
        known, widths = 0, []
        for _, _, cells in _records(text, separator):
            if not any(c.strip() for c in cells):
                continue
            known = max(known, sum(known_title(c) for c in cells[:200]))
            widths.append(len(cells))
            if len(widths) == 30:
                break
        common = max(set(widths), key=widths.count) if widths else 1
        return known, widths.count(common) if common > 1 else 0

    return max(SEPARATORS, key=score)


def _well_quoted(data: bytes, separator: int) -> bool:
    """Tell whether every quote opens at a cell's start, closes at its end, or is doubled."""
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    if len(quotes) % 2:
        return False
    padded = np.frombuffer(b"\n" + data + b"\n", np.uint8)
    before, after = padded[quotes[0::2]], padded[quotes[1::2] + 2]
    opens = (before == separator) | (before == _NEWLINE) | (before == _QUOTE)
    closes = (after == separator) | (after == _NEWLINE) | (after == _RETURN) | (after == _QUOTE)
    return bool(opens.all() and closes.all())


def _mended(data: bytes, separator: str) -> bytes:
    """Return the text with stray quotes doubled inside quoted cells; its lines stay as they are."""
    lines = data.decode("utf-8").split("\n")
    done: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if '"' not in line:
            done.append(line)
            at += 1
            continue
        for more in range(1, _JOINED_LINES + 2):
            joined = "\n".join(lines[at : at + more])
            state = _quoting(joined, separator)
            if state != "open" or at + more >= len(lines):
                break
        if state == "paired":
            done.append(joined)
            at += more
        else:
            done.append(_mended_line(line, separator))
            at += 1
    return "\n".join(done).encode("utf-8")


def _quoting(text: str, separator: str) -> str:
    """Say whether a record's quotes are `paired`, `open` at its end, or `stray`."""
    at, start = 0, True
    while at < len(text):
        if start and text[at] == '"':
            while True:
                close = text.find('"', at + 1)
                if close < 0:
                    return "open"
                if text.startswith('""', close):
                    at = close + 1
                    continue
                break
            at = close + 1
            if at < len(text) and text[at] not in (separator, "\r"):
                return "stray"
            start = False
            continue
        next_separator = text.find(separator, at)
        cell_end = len(text) if next_separator < 0 else next_separator
        if '"' in text[at:cell_end]:
            return "stray"
        at, start = cell_end + 1, True
    return "paired"


def _mended_line(line: str, separator: str) -> str:
    ending = "\r" if line.endswith("\r") else ""
    rest = line.removesuffix("\r")
    cells: list[str] = []
    while True:
        text = rest.lstrip(" ")
        close = -1
        if text.startswith('"'):
            close = 1
            while (close := text.find('"', close)) >= 0:
                follows = text[close + 1 :].lstrip(" ")
                if text.startswith('""', close):
                    close += 2
                elif not follows or follows.startswith(separator):
                    break
                else:
                    close += 1
        if close > 0:
            cells.append(text[1:close].replace('""', '"'))
            follows = text[close + 1 :].lstrip(" ")
            if not follows:
                break
            rest = follows[1:]
        else:
            value, found, rest = rest.partition(separator)
            cells.append(value)
            if not found:
                break
    quoted = ['"' + c.replace('"', '""') + '"' if '"' in c or separator in c else c for c in cells]
    return separator.join(quoted) + ending


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
    """Return the records of some lines of a piece without quotes that begins on `line`."""
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
    beyond = pl.concat_str(wide[width:], separator=separator, ignore_nulls=True)
    records = b"\n".join(
        [separator.join(wide).encode(), *(piece[starts[i] : ends[i]] for i in long)]
    )
    extra = _polars(records, separator, ragged=True).select(beyond.alias(EXTRA))[EXTRA]
    far = pl.Series(cells[long] > width + _MORE)
    extra = pl.select(
        pl.when(extra.str.contains(r"[^\s,;]"))
        .then(extra)
        .when(far)
        .then(pl.lit("…"))
        .otherwise(None)
    ).to_series()
    column = pl.Series(EXTRA, [None], dtype=pl.String).new_from_index(0, frame.height)
    return frame.with_columns(column.scatter(long, extra).alias(EXTRA))
