"""The rows of a piece that are no data: found among those that break a rule, listed with a kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sources.cleaning import special
from sources.cleaning.rejections import SHOWN
from sources.contracts import Contract, Contracts
from sources.reading.raw import ROW_NUMBER, cell
from sources.recognise.layout import Layout
from sources.recognise.words import is_numbering

_NUMBERED = 4  # so many lines below the header a row of column numbers may stand


@dataclass(frozen=True)
class Aside:
    """Rows (indexes) that are no data, with the kind of each (see `special.KINDS_ZH`)."""

    at: pl.Series
    kinds: pl.Series


@dataclass(frozen=True)
class Sorter:
    """Tells the rows of one table that are no data from those that are."""

    layout: Layout
    contracts: Contracts
    header_rows: Sequence[tuple[str, ...]]
    header_line: int
    added: int = 0
    """So many of the last columns are not the file's own."""

    @property
    def _contract(self) -> Contract:
        return self.layout.contract

    @property
    def _cells(self) -> list[str]:
        return [cell(p) for p in range(len(self.layout.headers) - self.added)]

    def aside(
        self,
        frame: pl.DataFrame,
        values: pl.DataFrame,
        broken: pl.DataFrame,
        *,
        first: bool,
        sound_line: int | None,
    ) -> Aside:
        """Return the rows of a piece that are no data.

        `values` are the typed values of its raw rows, `broken` the rules that they break.
        `first`: no piece is before it. `sound_line`: the last line of the piece that is known to
        hold a sound row, when these are not among the rows given.
        """
        suspects = self._suspects(values, broken)
        likely = special.likely(
            frame[suspects], self.header_rows, self.header_line, self.contracts.areas
        )
        at = suspects.filter(likely)
        if not len(at):
            return Aside(at, pl.Series([], dtype=pl.String))
        # Below the last row in order; an earlier piece has such rows, or is all errors anyway.
        sound = _last_sound(frame, suspects)
        sound = max((line for line in (sound, sound_line) if line is not None), default=None)
        lines = frame[ROW_NUMBER].gather(at)
        below = lines > sound if sound is not None else (lines > 0) & (not first)
        kinds = self._kinds(frame[at], values[at], at, broken, below)
        return Aside(at.filter(kinds.is_not_null()), kinds.drop_nulls())

    def _suspects(self, values: pl.DataFrame, broken: pl.DataFrame) -> pl.Series:
        """Return the rows that may be no data: their key is broken, or it names a total where
        only a thing can be named (an enterprise). Where all of a key is text, which a heading
        can be too, every row that breaks a rule is suspect.
        """
        keys = self._contract.key_fields
        if any(f.type != "string" for f in keys):
            broken = broken.filter(pl.col("field").is_in([f.field for f in keys]))
        found = [broken["at"].unique()]
        for field in keys:
            found += special.named_totals(field, values[field.field], self.contracts.areas)
        return pl.concat(found).unique().sort()

    def _kinds(
        self,
        cells: pl.DataFrame,
        values: pl.DataFrame,
        at: pl.Series,
        broken: pl.DataFrame,
        below: pl.Series,
    ) -> pl.Series:
        of_keys = broken.filter(pl.col("field").is_in([f.field for f in self._contract.key_fields]))
        keys_broken = at.is_in(of_keys["at"].unique().implode())
        wrong = of_keys.filter(pl.col("code") != "required_missing")["at"].unique()
        numeric = [c.field.field for c in self.layout.columns if c.field.type in ("int", "float")]
        present = pl.any_horizontal([pl.lit(False), *(pl.col(n).is_not_null() for n in numeric)])
        kinds = special.classify(
            cells,
            self.layout,
            self.header_rows,
            self.contracts,
            keys_broken=keys_broken,
            keys_blank=keys_broken & ~at.is_in(wrong.implode()),
            numbers_present=values.with_columns(present.alias("_numbers"))["_numbers"],
            below=below,
        )
        of_units = cells[ROW_NUMBER] == (self.layout.unit_line or 0)
        kinds = kinds.scatter(of_units.arg_true(), special.UNITS)
        near = cells[ROW_NUMBER] <= self.header_line + _NUMBERED
        numbered = [
            i
            for i in near.arg_true()
            if kinds[i] is None and is_numbering(cells.select(self._cells).row(i))
        ]
        return kinds.scatter(numbered, special.NUMBERS) if numbered else kinds

    def listed(self, frame: pl.DataFrame, aside: Aside) -> pl.DataFrame:
        """Return line, kind and text of rows that are no data."""
        if not len(aside.at):
            return pl.DataFrame(schema={"line": pl.Int64, "kind": pl.String, "text": pl.String})
        text = pl.concat_str(self._cells, separator=" ", ignore_nulls=True)
        return frame[aside.at].select(
            pl.col(ROW_NUMBER).alias("line"),
            pl.lit(aside.kinds).alias("kind"),
            text.str.strip_chars().str.slice(0, SHOWN).alias("text"),
        )

    def totals(self, frame: pl.DataFrame, values: pl.DataFrame, aside: Aside) -> pl.DataFrame:
        """Return numeric fields and period of the total rows, with `label` and row_number."""
        at = aside.at.filter(aside.kinds == special.TOTAL_ROW)
        part = frame[at] if len(at) else frame.clear()
        picked = values[at] if len(at) else values.clear()
        keep = [f.field for f in self._contract.fields if f.type in ("int", "float")]
        if self._contract.period_field is not None:
            keep.append(self._contract.period_field.field)
        labels = part.select(special.label_of(self._cells).alias("label"), ROW_NUMBER)
        return pl.concat([picked.select(keep), labels], how="horizontal")


def _last_sound(frame: pl.DataFrame, suspects: pl.Series) -> int | None:
    """Return the line of the last row that is not suspect, or None."""
    if len(suspects) == frame.height:
        return None
    sound = pl.Series([True]).new_from_index(0, frame.height).scatter(suspects, False)
    return int(frame[ROW_NUMBER][sound.arg_true()[-1]])
