"""How a delimited text is written: separator, quotes and escapes, detected in its head."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

KnownTitle = Callable[[str], bool]

SEPARATORS = (",", "\t", ";", "|", "，", "；", "、")
SPACES = "  "
"""Runs of two and more spaces, or tabs, as a separator; `" "` are single spaces."""
_LOOKED_AT = 30
_MOST_CELLS = 200
_MOST_LINES = 200
_NAMED = re.compile(r"\ufeff?\"?sep=(.)\"?[ \t]*\r?$", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "“": "”"}
_TWO_SPACES = re.compile(r"[ \u00a0\u3000\t]{2,}|[\t\u3000]")
_ONE_SPACE = re.compile(r"[ \u00a0\u3000\t]+")


@dataclass(frozen=True)
class Dialect:
    """`separator` as the sender wrote it; `spaced`: a space follows each separator.

    `quote` opens a quoted cell, which `closing` ends; `escaped`: a backslash stands before a quote
    inside it, else the quote is doubled. `named_on` is the line that names the separator, 0 where
    none does; `columns` the number of titles in the header where spaces part the cells.
    """

    separator: str
    quote: str = '"'
    spaced: bool = False
    escaped: bool = False
    named_on: int = 0
    columns: int = 0

    @property
    def plain(self) -> bool:
        """Tell whether polars parses such a text as it stands."""
        return (
            self.quote == '"'
            and not (self.spaced or self.escaped or self.by_spaces)
            and self.separator.isascii()
        )

    @property
    def by_spaces(self) -> bool:
        """Tell whether runs of spaces part the cells."""
        return self.separator.strip(" ") == ""

    @property
    def closing(self) -> str:
        """What ends a quoted cell."""
        return _QUOTES[self.quote]


def dialect_of(head: str, known_title: KnownTitle) -> Dialect:
    """Return the dialect of a text by its head; `known_title`: whether a cell is a title."""
    head = "\n".join(head.split("\n", _MOST_LINES)[:_MOST_LINES])
    first, _, rest = head.partition("\n")
    if (named := _NAMED.match(first)) is not None:
        separator = named[1]
        if (separator.isascii() and separator not in "\"'\r\n") or separator in SEPARATORS:
            return _with_quotes(Dialect(separator, named_on=1), rest)
    best = max(SEPARATORS, key=lambda s: _score(_rows(head, s), known_title))
    known, even = _score(_rows(head, best), known_title)
    lines = sum(1 for line in head.split("\n")[:_LOOKED_AT] if line.strip())
    if known < 2 and (found := _by_spaces(head, known_title)) is not None:
        by_spaces, even_by_spaces = found
        if even_by_spaces >= even or even * 2 <= lines:
            return _with_quotes(by_spaces, head)
    return _with_quotes(Dialect(best), head)


def records(text: str, separator: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, last line and cells of each record of a text in standard quotes."""
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


def _rows(head: str, separator: str) -> Iterator[list[str]]:
    return (cells for _, _, cells in records(head, separator) if any(c.strip() for c in cells))


def _score(rows: Iterator[list[str]], known_title: KnownTitle) -> tuple[int, int]:
    """Return the most known titles of a row, and how many rows are equally wide."""
    known, widths = 0, []
    for cells in rows:
        known = max(known, sum(known_title(c.strip("'“” ")) for c in cells[:_MOST_CELLS]))
        widths.append(len(cells))
        if len(widths) == _LOOKED_AT:
            break
    common = max(set(widths), key=widths.count) if widths else 1
    return known, widths.count(common) if common > 1 else 0


def _by_spaces(head: str, known_title: KnownTitle) -> tuple[Dialect, int] | None:
    """Return the dialect whose cells spaces part, and how many of its rows are equally wide.

    None where no line has two titles by spaces.
    """
    lines = [line for line in head.split("\n") if line.strip()][:_LOOKED_AT]
    best: tuple[tuple[int, int], Dialect] | None = None
    for separator in (SPACES, " "):
        rows = [split_spaces(line, separator) for line in lines]
        score = _score(iter(rows), known_title)
        header = max(rows, key=lambda cells: sum(map(known_title, cells)), default=[])
        if score[0] >= 2 and (best is None or score > best[0]):
            best = score, Dialect(separator, columns=len(header))
    return (best[1], best[0][1]) if best is not None else None


def split_spaces(line: str, separator: str) -> list[str]:
    """Return the cells of a line parted by spaces, quotes not regarded."""
    return separator_pattern(separator).split(line.strip())


def separator_pattern(separator: str) -> "re.Pattern[str]":
    """Return the pattern of a separator; those of spaces stand for runs of them."""
    if separator.strip(" ") == "":
        return _TWO_SPACES if separator == SPACES else _ONE_SPACE
    return re.compile(re.escape(separator))


def _with_quotes(dialect: Dialect, head: str) -> Dialect:
    """Return a dialect with the quotes, escapes and spaces that its text shows."""
    separator = re.escape(dialect.separator)
    if dialect.by_spaces:
        separator = r"[ \u00a0\u3000\t]"
    spaced = not dialect.by_spaces and _is_spaced(head, dialect.separator)
    gap = " *" if spaced else ""
    edge = rf"(?:^|{separator}){gap}"
    quote = '"'
    if re.search(rf"{edge}“", head, re.MULTILINE) and re.search(
        rf"{edge}“[^”\n]*”\r?(?:$|{separator})", head, re.MULTILINE
    ):
        quote = "“"
    elif _single_quotes(head, edge, separator):
        quote = "'"
    escaped = quote != "“" and f"\\{quote}" in head and _is_escaped(head, quote, edge, separator)
    return replace(dialect, quote=quote, spaced=spaced, escaped=escaped)


def _single_quotes(head: str, edge: str, separator: str) -> bool:
    """Tell whether cells are quoted by apostrophes, which else only mark a cell as text."""
    if re.search(rf'{edge}"', head, re.MULTILINE):
        return False
    opened = len(re.findall(rf"{edge}'(?!')", head, re.MULTILINE))
    closed = len(re.findall(rf"[^'\n]'\r?(?:$|{separator})", head, re.MULTILINE))
    return opened > 0 and closed * 2 > opened


def _is_escaped(head: str, quote: str, edge: str, separator: str) -> bool:
    r"""Tell whether \" stands for a quote: somewhere else than right before the end of a cell."""
    inner = re.findall(rf"\\{quote}(?!\r?$|{separator})", head, re.MULTILINE)
    opened = re.search(rf"{edge}{quote}", head, re.MULTILINE)
    return bool(inner) and opened is not None


def _is_spaced(head: str, separator: str) -> bool:
    """Tell whether nearly every separator has a space behind it."""
    lines = [line for line in head.split("\n") if separator in line][:_LOOKED_AT]
    quoteless = re.sub(r'"[^"\n]*"', '""', "\n".join(lines))
    count = quoteless.count(separator)
    ends = len(re.findall(rf"{re.escape(separator)}\r?$", quoteless, re.MULTILINE))
    spaced = quoteless.count(separator + " ")
    return spaced > 0 and spaced + ends >= 0.9 * count
