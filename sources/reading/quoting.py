"""Quotes of delimited text: what is badly quoted is mended, other dialects become the standard one.

Line breaks stay where they are, so that line numbers remain those of the sender's editor. A stray
quote costs no other cell: among the ways to read its line, the one that comes to the usual number
of cells with the fewest oddities is taken.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from sources.reading.dialect import Dialect, separator_pattern, split_spaces

_JOINED_LINES = 20  # a quoted cell with more line breaks than this is an unpaired quote
_MOST_QUOTES = 400  # in a line that is mended by looking at all ways to read it
_QUOTE, _NEWLINE, _RETURN = 34, 10, 13
_DIGIT = re.compile(r"\d")


def well_quoted(data: bytes, separator: int) -> bool:
    """Tell whether every quote opens at a cell's start, closes at its end, or is doubled."""
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    if len(quotes) % 2:
        return False
    padded = np.frombuffer(b"\n" + data + b"\n", np.uint8)
    before, after = padded[quotes[0::2]], padded[quotes[1::2] + 2]
    opens = (before == separator) | (before == _NEWLINE) | (before == _QUOTE)
    closes = (after == separator) | (after == _NEWLINE) | (after == _RETURN) | (after == _QUOTE)
    return bool(opens.all() and closes.all())


def mended(data: bytes, separator: str, width: int) -> bytes:
    """Return a text with stray quotes doubled inside quoted cells; its lines stay as they are.

    `width` is the usual number of cells of a record.
    """
    lines = data.decode("utf-8").split("\n")
    done: list[str] = []
    at = 0
    while at < len(lines):
        taken, text = 1, lines[at]
        if '"' in text:
            taken, text = _mended_record(lines, at, separator, width)
        done.append(text)
        at += taken
    return "\n".join(done).encode("utf-8")


def _mended_record(lines: Sequence[str], at: int, separator: str, width: int) -> tuple[int, str]:
    """Return how many lines a record takes and its text with quotes that pair."""
    text = lines[at]
    cells = _cells(text, separator)
    if cells:
        return 1, text
    alone = _least_odd(text, separator, width)
    if alone is not None and len(alone) == width:
        return 1, _joined(alone, separator, text)
    for more in range(2, min(_JOINED_LINES + 1, len(lines) - at) + 1):
        if cells is None:
            break  # what is wrong stays so, whatever follows
        if '"' in lines[at + more - 1]:
            joined = "\n".join(lines[at : at + more])
            cells = _cells(joined, separator)
            if cells:
                return more, joined
    if alone is None:
        alone = text.rstrip("\r").split(separator)
    return 1, _joined(alone, separator, text)


def _joined(cells: Sequence[str], separator: str, line: str) -> str:
    ending = "\r" if line.endswith("\r") else ""
    return separator.join(map(standard, cells)) + ending


def standard(cell: str) -> str:
    """Return a cell in standard quotes."""
    return '"' + cell.replace('"', '""') + '"'


def _cells(text: str, separator: str) -> list[str] | None:
    """Return the cells of a record that is well quoted, else None.

    No cells where all is well but that a quote is not closed, which a further line may do.
    """
    cells: list[str] = []
    text = text.removesuffix("\r")
    at = 0
    while True:
        if text.startswith('"', at):
            end = _closing(text, at + 1)
            if end < 0:
                return []
            if not (end + 1 == len(text) or text.startswith(separator, end + 1)):
                return None
            cells.append(text[at + 1 : end])
            at = end + 1
        else:
            end = text.find(separator, at)
            end = len(text) if end < 0 else end
            if '"' in text[at:end]:
                return None
            cells.append(text[at:end])
            at = end
        if at >= len(text):
            return cells
        at += len(separator)


def _closing(text: str, at: int) -> int:
    """Return where the quote is that ends a cell; -1 where none does."""
    while (at := text.find('"', at)) >= 0 and text.startswith('""', at):
        at += 2
    return at


def _least_odd(line: str, separator: str, width: int) -> list[str] | None:
    """Return the cells of a badly quoted line: the usual number of them, with the fewest oddities.

    None where there is no way to read it, or too many.
    """
    text = line.removesuffix("\r")
    if text.count('"') > _MOST_QUOTES or len(text) > 100_000:
        return None
    # From each place that a cell may begin at: for each number of cells from there on, the fewest
    # oddities with which the rest of the line comes to that number, and the first cell of that way.
    ways: dict[int, dict[int, tuple[int, int, str]]] = {}
    starts = [0, *(m.end() for m in re.finditer(re.escape(separator), text))]
    for start in reversed(starts):
        found = ways.setdefault(start, {})
        for odd, end, cell in _first_cells(text, start, separator):
            if end == len(text):
                rest: dict[int, tuple[int, int, str]] = {0: (0, end, "")}
            else:
                rest = ways[end + len(separator)]
            for count, (cost, _, _) in rest.items():
                known = found.get(count + 1)
                if count < 2 * width + 10 and (known is None or odd + cost < known[0]):
                    found[count + 1] = (odd + cost, end, cell)
    return _path(ways, text, separator, width)


def _path(
    ways: dict[int, dict[int, tuple[int, int, str]]], text: str, separator: str, width: int
) -> list[str] | None:
    if not ways[0]:
        return None
    count = min(ways[0], key=lambda n: (n != width, ways[0][n][0], abs(n - width)))
    cells: list[str] = []
    at = 0
    while count:
        _, end, cell = ways[at][count]
        cells.append(cell)
        at, count = end + len(separator), count - 1
    return cells


def _first_cells(text: str, start: int, separator: str) -> Iterator[tuple[int, int, str]]:
    """Yield the ways to read a cell: how odd each is, where the cell ends, and what it holds."""
    end = text.find(separator, start)
    end = len(text) if end < 0 else end
    bare = text[start:end]
    yield bare.count('"') * 2, end, bare
    lead = _after_spaces(text, start)
    if not text.startswith('"', lead):
        return
    odd = lead > start
    at = lead + 1
    while (close := text.find('"', at)) >= 0:
        follows = close + 1
        if follows == len(text) or text.startswith(separator, follows):
            inside = text[lead + 1 : close]
            stray = len(re.sub('""', "", inside).replace('"', '"')) and inside.replace(
                '""', ""
            ).count('"')
            yield odd + stray, follows, inside.replace('""', '"')
        at = close + 1


# -- other dialects


def rewritten(data: bytes, dialect: Dialect, separator: str) -> bytes:
    """Return a text of another dialect in the standard one, with another separator.

    Cells keep their text, lines their places; the line that names the separator becomes empty.
    """
    lines = data.decode("utf-8").split("\n")
    done: list[str] = []
    if dialect.named_on:
        done, lines = [""], lines[1:]
    at, below = 0, False
    while at < len(lines):
        taken, cells = _split_record(lines, at, dialect)
        if len(cells) == dialect.columns - 1 and lines[at].rstrip("\r").endswith(" "):
            cells.append("")  # the space behind the last cell but one
        below = below or len(cells) == dialect.columns
        if dialect.by_spaces and 1 < len(cells) < dialect.columns:
            cells = _too_few(lines[at].strip(), dialect, cells, below=below)
        ending = "\r" if lines[at + taken - 1].endswith("\r") else ""
        done.append(separator.join(map(_needed, cells)) + ending)
        at += taken
    return "\n".join(done).encode("utf-8")


def _too_few(line: str, dialect: Dialect, cells: list[str], *, below: bool) -> list[str]:
    """Return the cells of a line that has fewer than the header, where spaces part them.

    Which of them is missing below the header is unknown: all of it is put beyond the header. A
    line without a digit is text, a title or a note.
    """
    if _DIGIT.search(line) is None:
        return [line]
    return [*[""] * dialect.columns, line] if below else cells


def _needed(cell: str) -> str:
    """Return a cell in quotes where it needs them."""
    return standard(cell) if '"' in cell or "\n" in cell else cell


def _split_record(lines: Sequence[str], at: int, dialect: Dialect) -> tuple[int, list[str]]:
    """Return how many lines a record takes, and its cells."""
    line = lines[at].removesuffix("\r")
    if dialect.quote not in line:
        return 1, _split_plain(line, dialect)
    for more in range(1, min(_JOINED_LINES, len(lines) - at) + 1):
        joined = "\n".join(lines[at : at + more]).removesuffix("\r")
        cells = _split_quoted(joined, dialect)
        if cells is not None:
            return more, cells
    return 1, _split_plain(line, dialect)


def _split_plain(line: str, dialect: Dialect) -> list[str]:
    if dialect.by_spaces:
        return split_spaces(line, dialect.separator)
    cells = line.split(dialect.separator)
    return [c.strip(" ") for c in cells] if dialect.spaced else cells


def _split_quoted(text: str, dialect: Dialect) -> list[str] | None:
    """Return the cells of a record with quotes; None where one is not closed."""
    cells: list[str] = []
    separator = separator_pattern(dialect.separator)
    text = text.strip(" ") if dialect.by_spaces else text
    at = 0
    while True:
        if dialect.spaced:
            at = _after_spaces(text, at)
        end = _quoted_end(text, at, dialect, separator)
        if end is None:
            return None
        if end > at:
            cells.append(_unquoted(text[at + 1 : end - 1], dialect))
        else:
            found = separator.search(text, at)
            end = found.start() if found else len(text)
            cells.append(text[at:end].strip(" ") if dialect.spaced else text[at:end])
        found = separator.match(text, end)
        if found is None:
            return cells
        at = found.end()


def _after_spaces(text: str, at: int) -> int:
    """Return the first place from `at` on that holds no space."""
    while text.startswith(" ", at):
        at += 1
    return at


def _quoted_end(text: str, at: int, dialect: Dialect, separator: "re.Pattern[str]") -> int | None:
    """Return the end of the quoted cell at a place, the place itself where it is not quoted.

    None where its quote is not closed.
    """
    if not text.startswith(dialect.quote, at):
        return at
    close = at + 1
    while (close := text.find(dialect.closing, close)) >= 0:
        if dialect.escaped and text[close - 1] == "\\":
            close += 1
        elif not dialect.escaped and text.startswith(dialect.closing * 2, close):
            close += 2
        elif close + 1 == len(text) or separator.match(text, close + 1):
            return close + 1
        else:
            close += 1
    return at if "\n" in text or dialect.quote == "'" else None


def _unquoted(inside: str, dialect: Dialect) -> str:
    if dialect.escaped:
        return inside.replace("\\" + dialect.closing, dialect.closing)
    return inside.replace(dialect.closing * 2, dialect.closing)
