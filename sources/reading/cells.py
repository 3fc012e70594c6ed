"""The cells of a sheet as a reader meets them, collected column by column in little memory."""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import polars as pl

from sources.limits import Limits
from sources.reading.number_formats import Format, shown_text
from sources.reading.raw import STRUCK, Refusal, ShownAs

_BATCH = 400_000
_MOST_LETTERS = 3


class Kinds(Protocol):
    """What the kinds of a reader's cells mean; a kind is a number of the reader's choice."""

    def texts(self, raw: pl.Series, kind: int) -> pl.Series:
        """Return the raw texts of cells of one kind as the sheet shows them."""

    def form(self, kind: int) -> Format | None:
        """Return the number format of cells of a kind, None for cells that are no numbers."""


class Cells:
    """Collects (row, column, raw text, kind) in any order; rows and columns count from 0.

    Memory follows the cells that are there, not the range that they span.
    """

    def __init__(self, limits: Limits, kinds: Kinds) -> None:
        self._limits = limits
        self._meaning = kinds
        self._rows: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._raw: dict[int, list[str]] = defaultdict(list)
        self._kinds: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._held = 0
        self._count = 0
        self._done: dict[int, list[tuple[pl.Series, pl.Series]]] = defaultdict(list)
        self._shown: dict[tuple[int, str], ShownAs] = {}
        self.height = 0

    def add(self, row: int, column: int, raw: str, kind: int) -> None:
        """Add a cell that holds something."""
        self._rows[column].append(row)
        self._raw[column].append(raw)
        self._kinds[column].append(kind)
        self._held += 1
        if row >= self.height:
            self.height = row + 1
        if self._held >= _BATCH:
            self._flush()

    def check(self, width: int, height: int) -> None:
        """Raise Refusal where a range is larger than what is held in memory."""
        if max(self._count, width * height) > self._limits.max_spreadsheet_cells:
            raise Refusal("spreadsheet_too_large", detail=f"{height} 行 × {width} 列")
        if width > self._limits.max_columns:
            raise Refusal("too_many_columns", columns=width, limit=self._limits.max_columns)

    def _flush(self) -> None:
        self._count += self._held
        self.check(max([*self._rows, *self._done], default=-1) + 1, self.height)
        for column, places in self._rows.items():
            rows = pl.Series(places, dtype=pl.UInt32)
            kinds = pl.Series(self._kinds[column], dtype=pl.Int64)
            raw = pl.Series(self._raw[column], dtype=pl.String)
            shown = raw.clone()  # a scatter changes what it is called on
            for kind in kinds.unique():
                at = (kinds == kind).arg_true()
                if len(at) == len(raw):
                    shown = self._meaning.texts(raw, kind)
                else:
                    shown = shown.scatter(at, self._meaning.texts(raw.gather(at), kind))
                self._note(column, rows.gather(at), self._meaning.form(kind))
            self._done[column].append((rows, shown))
        self._rows.clear()
        self._raw.clear()
        self._kinds.clear()
        self._held = 0

    def _note(self, column: int, rows: pl.Series, form: Format | None) -> None:
        """Note cells whose format scales numbers or gives them a text."""
        if form is None or not form.noteworthy:
            return
        first, count = int(rows.min()) + 1, len(rows)  # type: ignore[arg-type]
        if (known := self._shown.get((column, form.code))) is not None:
            first, count = min(first, known.line), count + known.count
        text = next((s.text for s in form.sections if s.digits), "")
        self._shown[column, form.code] = ShownAs(
            column, first, count, form.code, _factor(form), text
        )

    @property
    def shown_as(self) -> tuple[ShownAs, ...]:
        """Which formats scaled numbers or gave them a text, by column."""
        return tuple(note for _, note in sorted(self._shown.items()))

    def columns(self) -> list[pl.Series]:
        """Return the columns as text, null where empty. Raises Refusal beyond a limit."""
        self._flush()
        empty = pl.Series([None], dtype=pl.String).new_from_index(0, self.height)
        columns = []
        for position in range(max(self._done, default=-1) + 1):
            parts = self._done.pop(position, [])
            column = empty
            if parts:
                rows = pl.concat([r for r, _ in parts])
                texts = pl.concat([t for _, t in parts])
                column = texts if self._in_order(rows) else empty.clone().scatter(rows, texts)
            frame = column.to_frame("c")
            columns.append(frame.select(pl.when(pl.col("c") != "").then(pl.col("c")))["c"])
        return columns

    def _in_order(self, rows: pl.Series) -> bool:
        """Tell whether these are all rows of the sheet, each once, from the first to the last."""
        if len(rows) != self.height:
            return False
        return bool((rows == pl.int_range(self.height, eager=True)).all())


def _factor(form: Format) -> Fraction | None:
    factors = {s.factor for s in form.sections if s.digits}
    return factors.pop() if len(factors) == 1 else None


def numbers_shown(raw: pl.Series, form: Format, *, date1904: bool) -> pl.Series:
    """Return numbers written by a program as a format shows them; what is no number stays."""
    numbers = raw.cast(pl.Float64, strict=False)
    shown = shown_text(numbers, form, date1904=date1904)
    return shown.zip_with(numbers.is_not_null(), raw)


def struck_column(texts: pl.Series) -> pl.Series:
    """Return texts of cells that are struck out as a whole, marked as such."""
    return texts.str.replace_all(r"(?s)(.)", "${1}" + STRUCK)


class ColumnNumbers(dict[str, int]):
    """Positions (from 0) of columns named by letters. Raises ValueError for other names."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if not (letters.isascii() and letters.isupper() and len(letters) <= _MOST_LETTERS):
            raise ValueError(f"no column {letters[:10]}")
        self[letters] = number - 1
        return number - 1


def spans(ranges: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return ranges such as A1:B3 as first and last row, first and last column, from 0."""
    columns = ColumnNumbers()
    found = []
    for text in ranges:
        first, _, last = text.replace("$", "").partition(":")
        (r1, c1), (r2, c2) = (_place(end, columns) for end in (first, last or first))
        found.append((r1, r2, c1, c2))
    return found


def _place(reference: str, columns: ColumnNumbers) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, columns[letters]
