"""One table's raw rows into accepted rows, rejected rows with reasons, and what was skipped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from sources.cleaning import special
from sources.cleaning.columns import Typed, convert, convert_by_unit, first_cast, scaled
from sources.cleaning.dates import EARLIEST, LATEST
from sources.cleaning.text import LONGEST, NOT_REPORTED, parsed
from sources.contracts import Contract, Contracts, Field, fold
from sources.contracts.stored_rows import (
    DELETE,
    REJECTED_SCHEMA,
    UPSERT,
    accepted_schema,
    polars_type,
)
from sources.reading.raw import EXTRA, ROW_NUMBER, Merge, cell
from sources.reasons import REASONS
from sources.recognise.headers import OPERATION_ZH, OVERFLOW_ZH
from sources.recognise.layout import Layout
from sources.recognise.units import Column

_OPERATIONS: dict[str, str] = {
    **dict.fromkeys(("删除", "撤销", "作废", "delete", "del"), DELETE),
    **dict.fromkeys(("新增", "修改", "更正", "更新", "补报", "保留", "upsert", "add"), UPSERT),
}
CONVERTED_SCHEMA: dict[str, pl.DataType] = {
    "field": pl.String(),
    "column_title": pl.String(),
    "unit": pl.String(),
    "line": pl.Int64(),
    "count": pl.Int64(),
}
_SHOWN = 80
_KEPT = 1_000
_ROW_FIELD = ""  # a reason that speaks of a row as a whole names no field


@dataclass(frozen=True)
class Piece:
    """What became of one piece of a table."""

    good: pl.DataFrame
    """Columns of `accepted_schema`."""
    bad: pl.DataFrame
    """The same for rejected rows, with what could be read of them."""
    rejected: pl.DataFrame
    """Columns of REJECTED_SCHEMA: a row for each rejected row and reason."""
    flagged: pl.DataFrame
    """row_number, field, column_title, value, code: flags on accepted rows."""
    converted: pl.DataFrame
    """field, column_title, unit, line, count: numbers in accepted rows that brought a unit of
    their own, by that unit, with the first line of them."""
    skipped: pl.DataFrame
    """line, kind, text: rows that are no data."""
    blank: int
    """Rows without any cell, which are not even listed."""
    last_line: int
    totals: pl.DataFrame
    """Numeric fields of total rows, with row_number and `label`."""


@dataclass
class Cleaner:
    """Cleans the pieces of one table. Pieces come in the file's order."""

    layout: Layout
    contracts: Contracts
    header_rows: list[tuple[str, ...]]
    header_line: int
    merged: tuple[Merge, ...] = ()
    """Merged cells of the table; a key that is merged over several rows holds for each."""

    def __post_init__(self) -> None:
        keys = {c.position for c in self.layout.columns if c.field.key}
        self._merged_keys = [
            m for m in self.merged if m.left in keys and m.bottom > m.top > self.header_line
        ]
        self._merged_texts: dict[Merge, str] = {}

    @property
    def contract(self) -> Contract:
        return self.layout.contract

    def clean(
        self, frame: pl.DataFrame, *, first: bool = True, sound_line: int | None = None
    ) -> Piece:
        """Clean one piece of raw rows (c0.., row_number, extra).

        `first`: no piece is before it. `sound_line`: the last line of the piece that is known to
        hold a sound row, when these are not among the rows given.
        """
        last_line = int(frame[ROW_NUMBER].max() or 0)  # type: ignore[arg-type]
        frame = self.unmerged(frame)
        frame, blank = _without_blank(frame)
        if self.layout.overflow is not None:
            given_back = pl.col(cell(self.layout.overflow))
            frame = frame.with_columns(pl.coalesce(EXTRA, given_back).alias(EXTRA))
        typed = self._typed(frame)
        operation, operation_errors = self._operation(frame)
        deleted = operation == DELETE if operation is not None else None
        errors = self._errors(frame, typed, deleted, operation_errors)
        values = self.values_of(frame, typed)
        suspects = self._suspects(values, errors)
        kinds = self._kinds(frame, values, errors, suspects, first, sound_line)
        skipped_at = suspects.filter(kinds.is_not_null())
        errors = errors.filter(~pl.col("at").is_in(skipped_at.implode()))
        bad_at = errors["at"].unique().sort()
        rows = values.with_columns(
            frame[ROW_NUMBER],
            operation=operation if operation is not None else pl.lit(UPSERT, pl.String),
        )
        good_mask = None
        if len(skipped_at) or len(bad_at):
            out = pl.concat([skipped_at, bad_at])
            good_mask = pl.Series([True]).new_from_index(0, frame.height).scatter(out, False)
        notes = self.notes_of(frame.height, typed, values, deleted)
        good = rows.with_columns(notes)
        if deleted is not None and deleted.any():
            values_only = [f.field for f in self.contract.fields if not f.key]
            good = good.with_columns(
                pl.when(pl.col("operation") != DELETE).then(pl.col(values_only)).name.keep()
            )
        good = good.select(list(accepted_schema(self.contract)))
        bad = good[bad_at] if len(bad_at) else good.clear()
        if good_mask is not None:
            good = good.filter(good_mask)
        return Piece(
            good=good,
            bad=bad,
            rejected=self._rejected(frame, errors),
            flagged=self.flagged_of(frame, typed, good_mask, deleted),
            converted=self.converted_of(frame, typed, good_mask),
            skipped=self._skipped(frame, skipped_at, kinds.drop_nulls()),
            blank=blank,
            last_line=last_line,
            totals=self._totals(frame, values, skipped_at, kinds.drop_nulls()),
        )

    def unmerged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Repeat a merged key in every row that it spans."""
        if not self._merged_keys or not frame.height:
            return frame
        first, last = int(frame[ROW_NUMBER][0]), int(frame[ROW_NUMBER][-1])
        for merge in self._merged_keys:
            name = cell(merge.left)
            if first <= merge.top <= last:
                self._merged_texts[merge] = frame[name][merge.top - first]
            below = range(max(merge.top + 1, first), min(merge.bottom, last) + 1)
            if len(below) and merge in self._merged_texts:
                at = pl.Series([line - first for line in below], dtype=pl.UInt32)
                filled = frame[name].scatter(at, self._merged_texts[merge])
                frame = frame.with_columns(filled.alias(name))
        return frame

    # -- values -------------------------------------------------------------------------------

    def _typed(self, frame: pl.DataFrame) -> dict[str, Typed]:
        quick = frame.select(
            expr.alias(c.field.field)
            for c in self.layout.columns
            if c.unit_column is None and (expr := first_cast(c)) is not None
        ).with_columns(
            expr
            for c in self.layout.columns
            if c.unit_column is None and (expr := scaled(c)) is not None
        )
        return {c.field.field: self._converted(frame, quick, c) for c in self.layout.columns}

    def _converted(self, frame: pl.DataFrame, quick: pl.DataFrame, column: Column) -> Typed:
        raw, name = frame[cell(column.position)], column.field.field
        if column.unit_column is not None:
            return convert_by_unit(raw, frame[cell(column.unit_column)], column, self.contracts)
        cast = quick[name] if name in quick.columns else None
        return convert(raw, cast, column, self.contracts)

    def values_of(self, frame: pl.DataFrame, typed: dict[str, Typed]) -> pl.DataFrame:
        return frame.select(
            typed[f.field].values.alias(f.field)
            if f.field in typed
            else pl.lit(None, polars_type(f.sql_type)).alias(f.field)
            for f in self.contract.fields
        )

    def _operation(self, frame: pl.DataFrame) -> tuple[pl.Series | None, pl.DataFrame | None]:
        """Return each row's operation, and the rows whose 操作 is not understood."""
        position = self.layout.operation
        if position is None:
            return None, None
        raw = frame[cell(position)]
        known = {fold(k): v for k, v in _OPERATIONS.items()}
        distinct = raw.drop_nulls().unique()
        folds = pl.Series([known.get(fold(t)) for t in distinct], dtype=pl.String)
        found = parsed(
            distinct,
            value=pl.lit(folds),
            error=pl.when(pl.lit(folds).is_null()).then(pl.lit("unknown_operation")),
        )
        cells = raw.rename("raw").to_frame().with_row_index("at")
        cells = cells.join(found, on="raw", how="left", maintain_order="left")
        errors = cells.filter(pl.col("error").is_not_null()).select("at", "error")
        return cells["value"].fill_null(UPSERT), errors

    # -- rules --------------------------------------------------------------------------------

    def _errors(
        self,
        frame: pl.DataFrame,
        typed: dict[str, Typed],
        deleted: pl.Series | None,
        operation_errors: pl.DataFrame | None,
    ) -> pl.DataFrame:
        """Return every broken rule: at (row index), field, code."""
        found: list[pl.DataFrame] = []

        def add(at: pl.Series, name: str, codes: pl.Series | str, *, key: bool) -> None:
            part = pl.DataFrame({"at": at.cast(pl.UInt32)}).with_columns(
                field=pl.lit(name), code=pl.lit(codes) if isinstance(codes, str) else codes
            )
            if deleted is not None and not key:
                part = part.filter(~deleted.gather(part["at"]))
            if part.height:
                found.append(part)

        for name, column in typed.items():
            declared = self.contract.field(name)
            errors = column.errors
            if errors.height:
                add(errors["at"], name, errors["error"], key=declared.key)
            if declared.required and column.values.null_count():
                missing = column.values.is_null()
                if errors.height:
                    missing = missing.scatter(errors["at"], False)
                add(missing.arg_true(), name, "required_missing", key=declared.key)
            for code, broken in broken_rules(declared, column.values):
                add(broken.arg_true(), name, code, key=declared.key)
        if operation_errors is not None and operation_errors.height:
            add(operation_errors["at"], OPERATION_ZH, operation_errors["error"], key=True)
        if EXTRA in frame.columns and frame[EXTRA].null_count() < frame.height:
            add(frame[EXTRA].is_not_null().arg_true(), _ROW_FIELD, "too_many_cells", key=True)
        lacking = self._lacking(typed, frame.height)
        if lacking is not None and lacking.any():
            if deleted is not None:
                lacking = lacking & ~deleted
            if found:
                lacking = lacking.scatter(pl.concat([f["at"] for f in found]).unique(), False)
            add(lacking.arg_true(), _ROW_FIELD, "row_needs", key=True)
        if not found:
            return pl.DataFrame(schema={"at": pl.UInt32, "field": pl.String, "code": pl.String})
        return pl.concat(found)

    def _lacking(self, typed: dict[str, Typed], height: int) -> pl.Series | None:
        """Return where a row has none of the groups of fields that make it worth having."""
        groups = [g for g in self.contract.row_needs if all(f in typed for f in g)]
        if not self.contract.row_needs or not height:
            return None
        if any(all(not typed[f].values.null_count() for f in g) for g in groups):
            return None
        names = sorted({f for g in groups for f in g})
        frame = pl.DataFrame({n: typed[n].values.is_null() for n in names})
        if not groups:
            return pl.Series([True]).new_from_index(0, height)
        return frame.select(
            pl.all_horizontal(pl.any_horizontal(g) for g in groups).alias("lacking")
        )["lacking"]

    # -- rows that are no data ------------------------------------------------------------------

    def _suspects(self, values: pl.DataFrame, errors: pl.DataFrame) -> pl.Series:
        """Return the rows that may be no data: their key is broken, or it names a total where
        only a thing can be named (an enterprise). Where all of a key is text, which a heading
        can be too, every row that breaks a rule is suspect.
        """
        keys = self.contract.key_fields
        if any(f.type != "string" for f in keys):
            errors = errors.filter(pl.col("field").is_in([f.field for f in keys]))
        suspects = errors["at"].unique().sort()
        more: list[pl.Series] = []
        for field in keys:
            more += special.named_totals(field, values[field.field])
        return pl.concat([suspects, *more]).unique().sort() if more else suspects

    def _kinds(
        self,
        frame: pl.DataFrame,
        values: pl.DataFrame,
        errors: pl.DataFrame,
        suspects: pl.Series,
        first: bool,
        sound_line: int | None,
    ) -> pl.Series:
        if not len(suspects):
            return pl.Series([], dtype=pl.String)
        likely = special.likely(frame[suspects], self.header_rows, self.header_line)
        kinds = pl.Series([None], dtype=pl.String).new_from_index(0, len(suspects))
        if not likely.any():
            return kinds
        at = likely.arg_true()
        # Below the last row in order; an earlier piece has such rows, or is all errors anyway.
        sound = _last_sound(frame, suspects)
        sound = max((line for line in (sound, sound_line) if line is not None), default=None)
        lines = frame[ROW_NUMBER].gather(suspects[at])
        below = lines > sound if sound is not None else (lines > 0) & (not first)
        found = self._kinds_of(frame, values, errors, suspects[at], below)
        return kinds.scatter(at, found)

    def _kinds_of(
        self,
        frame: pl.DataFrame,
        values: pl.DataFrame,
        errors: pl.DataFrame,
        suspects: pl.Series,
        below: pl.Series,
    ) -> pl.Series:
        cells = frame[suspects]
        keys = [f.field for f in self.contract.key_fields]
        of_keys = errors.filter(pl.col("field").is_in(keys))
        broken = of_keys["at"].unique()
        wrong = of_keys.filter(pl.col("code") != "required_missing")["at"].unique()
        keys_broken = suspects.is_in(broken.implode())
        numeric = [c.field.field for c in self.layout.columns if c.field.type in ("int", "float")]
        part = values[suspects]
        kinds = special.classify(
            cells,
            self.layout,
            self.header_rows,
            self.contracts,
            keys_broken=keys_broken,
            keys_blank=keys_broken & ~suspects.is_in(wrong.implode()),
            numbers_present=(
                part.select(pl.any_horizontal(pl.col(numeric).is_not_null()).alias("n"))["n"]
                if numeric
                else pl.Series([False]).new_from_index(0, len(suspects))
            ),
            below=below,
        )
        of_units = cells[ROW_NUMBER] == (self.layout.unit_line or 0)
        kinds = kinds.scatter(of_units.arg_true(), special.UNITS)
        near = cells[ROW_NUMBER] <= self.header_line + 4
        for i in near.arg_true():
            if kinds[i] is None:
                names = [cell(p) for p in range(len(self.layout.headers))]
                if special.is_numbering(cells.select(names).row(i)):
                    kinds = kinds.scatter(i, special.NUMBERS)
        return kinds

    def _skipped(self, frame: pl.DataFrame, at: pl.Series, kinds: pl.Series) -> pl.DataFrame:
        if not len(at):
            return pl.DataFrame(schema={"line": pl.Int64, "kind": pl.String, "text": pl.String})
        names = [cell(p) for p in range(len(self.layout.headers))]
        return frame[at].select(
            pl.col(ROW_NUMBER).alias("line"),
            pl.lit(kinds).alias("kind"),
            pl.concat_str([pl.col(n) for n in names], separator=" ", ignore_nulls=True)
            .str.strip_chars()
            .str.slice(0, _SHOWN)
            .alias("text"),
        )

    def _totals(
        self, frame: pl.DataFrame, values: pl.DataFrame, at: pl.Series, kinds: pl.Series
    ) -> pl.DataFrame:
        numeric = [f.field for f in self.contract.fields if f.type in ("int", "float")]
        at = at.filter(kinds == special.TOTAL_ROW)
        names = [cell(p) for p in range(len(self.layout.headers))]
        texts = [
            pl.when(pl.col(n).str.replace_all(r"\s", "").str.contains(special.TOTAL)).then(
                pl.col(n).str.replace_all(r"\s", "")
            )
            for n in names
        ]
        part = frame[at] if len(at) else frame.clear()
        labels = part.select(pl.coalesce(texts).alias("label"), ROW_NUMBER)
        picked = values[at] if len(at) else values.clear()
        periods = self.contract.period_field
        keep = numeric + ([periods.field] if periods else [])
        return pl.concat([picked.select(keep), labels], how="horizontal")

    # -- what accepted rows carry ---------------------------------------------------------------

    def notes_of(
        self,
        height: int,
        typed: dict[str, Typed],
        values: pl.DataFrame,
        deleted: pl.Series | None,
    ) -> list[pl.Series]:
        """Return missing_kinds, censored_fields and flags of every row."""
        missing = self._missing(typed, values, height)
        notes = []
        for name, series in (
            ("missing_kinds", missing),
            ("censored_fields", _listed(typed, "censored", height)),
            ("flags", _listed(typed, "flag", height)),
        ):
            if deleted is not None and deleted.any():
                series = series.to_frame("n").select(pl.when(~deleted).then(pl.col("n")))["n"]
            notes.append(series.alias(name))
        return notes

    def _missing(self, typed: dict[str, Typed], values: pl.DataFrame, height: int) -> pl.Series:
        """Return `field=kind;...` of every row's missing values, null where none is."""
        lacking = [n for n, t in typed.items() if t.values.null_count()]
        empty = _no_text(height)
        if not lacking:
            return empty
        nulls = values.select(pl.any_horizontal(pl.col(lacking).is_null()).alias("n"))["n"]
        at = nulls.arg_true()
        part = values.select(lacking)[at].with_columns(_at=at.cast(pl.UInt32))
        texts: list[pl.Expr] = []
        for name in lacking:
            noticed = typed[name].noticed
            text = pl.lit(f"{name}={NOT_REPORTED}")
            odd = noticed.filter((pl.col("kind") != NOT_REPORTED) | (pl.col("kind").is_null()))
            if odd.height:
                kinds = odd.select(
                    pl.col("at").alias("_at"),
                    (pl.lit(f"{name}=") + pl.col("kind").fill_null("")).alias(f"_{name}"),
                )
                part = part.join(kinds, on="_at", how="left", maintain_order="left")
                text = pl.coalesce(f"_{name}", text)
                # Not detected is not missing, and neither is a value that broke a rule.
                text = pl.when(~text.str.ends_with("=")).then(text)
            texts.append(pl.when(pl.col(name).is_null()).then(text))
        joined = part.select(pl.concat_str(texts, separator=";", ignore_nulls=True).alias("t"))["t"]
        joined = joined.to_frame().select(pl.when(pl.col("t") != "").then(pl.col("t")))["t"]
        return empty.scatter(at, joined)

    def flagged_of(
        self,
        frame: pl.DataFrame,
        typed: dict[str, Typed],
        good: pl.Series | None,
        deleted: pl.Series | None,
    ) -> pl.DataFrame:
        parts = []
        for column in self.layout.columns:
            noticed = typed[column.field.field].noticed
            flagged = noticed.filter(pl.col("flag").is_not_null())
            for keep in (good, None if deleted is None else ~deleted):
                if keep is not None and flagged.height:
                    flagged = flagged.filter(keep.gather(flagged["at"]))
            if flagged.height:
                at = flagged["at"]
                parts.append(
                    pl.DataFrame(
                        {
                            "row_number": frame[ROW_NUMBER].gather(at),
                            "field": [column.field.field] * len(at),
                            "column_title": [column.header] * len(at),
                            "value": frame[cell(column.position)].gather(at).str.slice(0, _SHOWN),
                            "code": flagged["flag"],
                        }
                    )
                )
        if parts:
            return pl.concat(parts).sort("row_number", maintain_order=True)
        names = ("field", "column_title", "value", "code")
        return pl.DataFrame(schema={"row_number": pl.Int64, **dict.fromkeys(names, pl.String)})

    def converted_of(
        self, frame: pl.DataFrame, typed: dict[str, Typed], good: pl.Series | None
    ) -> pl.DataFrame:
        parts = [pl.DataFrame(schema=CONVERTED_SCHEMA)]
        for column in self.layout.columns:
            found = typed[column.field.field].noticed.filter(pl.col("unit").is_not_null())
            if good is not None and found.height:
                found = found.filter(good.gather(found["at"]))
            if found.height:
                lines = found.with_columns(line=frame[ROW_NUMBER].gather(found["at"]))
                parts.append(
                    lines.group_by("unit", maintain_order=True)
                    .agg(pl.col("line").min(), count=pl.len().cast(pl.Int64))
                    .with_columns(
                        field=pl.lit(column.field.field), column_title=pl.lit(column.header)
                    )
                    .select(list(CONVERTED_SCHEMA))
                )
        return pl.concat(parts)

    # -- rejected rows ----------------------------------------------------------------------------

    def _rejected(self, frame: pl.DataFrame, errors: pl.DataFrame) -> pl.DataFrame:
        if not errors.height:
            return pl.DataFrame(schema=REJECTED_SCHEMA)
        raw = self.raw_rows(frame, errors["at"].unique().sort())
        headers = {c.field.field: c for c in self.layout.columns}
        parts = []
        for (name, code), group in errors.partition_by(
            ["field", "code"], as_dict=True, maintain_order=True
        ).items():
            at = group["at"]
            column = headers.get(name)
            if column is not None:
                value = frame[cell(column.position)].gather(at)
                title = column.header
            elif name == OPERATION_ZH:
                value = frame[cell(self.layout.operation or 0)].gather(at)
                title = self.layout.headers[self.layout.operation or 0]
            else:
                value = frame[EXTRA].gather(at) if code == "too_many_cells" else _no_text(len(at))
                title = ""
            part = pl.DataFrame({"at": at, "row_number": frame[ROW_NUMBER].gather(at)})
            parts.append(
                part.with_columns(
                    field=pl.lit(name or None, pl.String),
                    column_title=pl.lit(title or None, pl.String),
                    value=value.str.slice(0, _KEPT),
                    reason_code=pl.lit(code),
                    severity=pl.lit(REASONS[code].severity),
                    reason_zh=reason_text(code, value, self._words(column, title)),
                )
            )
        found = pl.concat(parts).join(raw, on="at", how="left")
        return found.sort("row_number", maintain_order=True).select(list(REJECTED_SCHEMA))

    def raw_rows(self, frame: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
        """Return `raw_row` of the rows at an index: a JSON object of header and text."""
        names: dict[str, str] = {}
        for position, header in enumerate(self.layout.headers):
            name = header or f"第{position + 1}列"
            while name in names.values():
                name = f"{name}（第{position + 1}列）"
            names[cell(position)] = name
        picked = frame[at].select(pl.col(c).str.slice(0, _KEPT).alias(n) for c, n in names.items())
        more = frame[EXTRA].gather(at).alias(OVERFLOW_ZH) if EXTRA in frame.columns else None
        if more is not None and more.null_count() < len(more):
            picked = picked.with_columns(more)
        return pl.DataFrame({"at": at, "raw_row": picked.to_struct("r").struct.json_encode()})

    def _words(self, column: Column | None, title: str) -> dict[str, object]:
        words: dict[str, object] = {
            "title": title,
            "low": EARLIEST,
            "high": LATEST,
            "limit": LONGEST,
            "needs": needs_zh(self.contract),
        }
        if column is not None:
            words |= field_words(column.field, self.contracts)
        return words


def field_words(declared: Field, contracts: Contracts) -> dict[str, object]:
    """Return what a reason may say of a field: its range, unit, allowed values and pattern."""
    allowed: Sequence[str] = declared.values
    if declared.type == "area":
        allowed = contracts.areas.names
    elif declared.type == "township":
        allowed = contracts.areas.townships
    return {
        "range": range_zh(declared),
        "unit": declared.unit or "",
        "allowed": "、".join(allowed),
        "pattern": " 或 ".join(declared.pattern_examples),
    }


def range_zh(declared: Field) -> str:
    """Return a field's range in words: `0～100 %`, `不小于 0 吨`."""
    unit = "" if declared.unit in (None, "无量纲") else f" {declared.unit}"
    low = "" if declared.minimum is None else f"{declared.minimum:g}"
    high = "" if declared.maximum is None else f"{declared.maximum:g}"
    if low and high:
        return f"{low}～{high}{unit}"
    return f"不小于 {low}{unit}" if low else f"不大于 {high}{unit}" if high else ""


def needs_zh(contract: Contract) -> str:
    """Return a contract's row_needs in words."""
    return "，或".join(
        "和".join(f"“{contract.field(f).title_zh}”" for f in group) for group in contract.row_needs
    )


def reason_text(code: str, value: pl.Series, words: dict[str, object]) -> pl.Series:
    """Return a reason's sentence for each value, long values cut."""
    template = REASONS[code].template_zh
    pieces = [piece.format(**words) for piece in template.split("{value}")]
    if len(pieces) == 1:
        return pl.Series([pieces[0]]).new_from_index(0, len(value))
    cut = (
        pl.when(pl.col("v").str.len_chars() > _SHOWN)
        .then(pl.col("v").str.slice(0, _SHOWN) + "…")
        .otherwise(pl.col("v"))
        .fill_null("")
        .str.replace_all(r"[\r\n]+", "⏎")
    )
    parts: list[pl.Expr] = [pl.lit(pieces[0])]
    for piece in pieces[1:]:
        parts += [cut, pl.lit(piece)]
    return value.to_frame("v").select(pl.concat_str(parts).alias("t"))["t"]


def broken_rules(declared: Field, values: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Yield (code, broken) for the rules of a field that some value breaks."""
    if values.null_count() == len(values):
        return
    if declared.minimum is not None or declared.maximum is not None:
        low, high = declared.minimum, declared.maximum
        broken = None
        if low is not None and values.min() < low:
            broken = values < low
        if high is not None and values.max() > high:
            over = values > high
            broken = over if broken is None else broken | over
        if broken is not None:
            yield "out_of_range", broken.fill_null(False)
    if declared.pattern is not None:
        broken = ~values.str.contains(f"^(?:{declared.pattern})$")
        if broken.any():
            yield "pattern_mismatch", broken.fill_null(False)


def _without_blank(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return a frame without its rows that have no cell at all, and how many these were."""
    cells = [c for c in frame.columns if c != ROW_NUMBER]
    if any(not frame[c].null_count() for c in cells):
        return frame, 0
    filled = frame.filter(pl.any_horizontal(pl.col(cells).is_not_null()))
    return filled, frame.height - filled.height


def _no_text(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, height)


def _listed(typed: dict[str, Typed], what: str, height: int) -> pl.Series:
    """Return `field=text;...` of every row for one kind of remark, null where there is none."""
    parts = [
        t.noticed.filter(pl.col(what).is_not_null()).select(
            "at", (pl.lit(f"{name}=") + pl.col(what)).alias("text")
        )
        for name, t in typed.items()
        if t.noticed.height
    ]
    parts = [p for p in parts if p.height]
    if not parts:
        return _no_text(height)
    joined = pl.concat(parts).group_by("at", maintain_order=True).agg(pl.col("text").str.join(";"))
    return _no_text(height).scatter(joined["at"], joined["text"])


def _last_sound(frame: pl.DataFrame, suspects: pl.Series) -> int | None:
    """Return the line of the last row that is not suspect, or None."""
    if len(suspects) == frame.height:
        return None
    sound = pl.Series([True]).new_from_index(0, frame.height).scatter(suspects, False)
    return int(frame[ROW_NUMBER][sound.arg_true()[-1]])
