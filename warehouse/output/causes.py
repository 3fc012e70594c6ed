"""From the rows that fail a check to the submissions that they were made from.

Reads the marts of a build, a candidate or the published file. A failing row names its submission
(`submission_id`, and its line in `row_number`), or an indicator (`indicator_id` with `year` or
`latest_year`, and `area` or the county), whose lineage names them. What follows from a cause is not
decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from sources.contracts import Contracts
from warehouse.home.sql import literal
from warehouse.output.trace import COUNTY_KIND, number

_YEARS = ("year", "latest_year")
_VALUES = ("value", "latest_value", "target_in_force")
_TARGET = "target_in_force"
LISTED = 3  # submissions of one failing row that a text names


@dataclass(frozen=True)
class SourceRows:
    """The lines of one submission that a failing row was made from.

    `questioned` tells whether a finding speaks of the submission.
    """

    submission_id: str
    department: str
    department_zh: str
    file_name: str
    sheet: str
    first_row: int | None
    last_row: int | None
    questioned: bool

    @property
    def text_zh(self) -> str:
        """Department, file, sheet and lines."""
        sheet = f" / {self.sheet}" if self.sheet else ""
        return f"{self.department_zh}“{self.file_name}”{sheet}{self.lines_zh}"

    @property
    def lines_zh(self) -> str:
        """The lines alone; nothing where they are not known."""
        if self.first_row is None:
            return ""
        if self.first_row == self.last_row:
            return f"第{self.first_row}行"
        return f"第{self.first_row}至{self.last_row}行"


@dataclass(frozen=True)
class Cause:
    """A failing row of a check, and what it was made from; `row` are its columns."""

    row: Mapping[str, Any]
    indicator_id: str | None
    name_zh: str | None
    year: int | None
    area: str | None
    value: float | None
    unit: str | None
    sources: tuple[SourceRows, ...]

    @property
    def subject_zh(self) -> str:
        """Indicator, year, area and value; the row's columns where it is about no indicator."""
        if self.indicator_id is None:
            return ", ".join(f"{name}={value}" for name, value in self.row.items())
        name = f"{self.indicator_id} {self.name_zh or ''}".strip()
        when = f" {self.year}年{self.area}" if self.year is not None else ""
        what = "的现行目标为" if _TARGET in self.row else "为"
        value = f"{what} {number(self.value)} {self.unit or ''}".rstrip()
        return f"{name}{when}{value if self.value is not None else ''}"

    @property
    def text_zh(self) -> str:
        """The subject, and the files that it comes from."""
        files = "、".join(source.text_zh for source in self.sources[:LISTED])
        more = f"等{len(self.sources)}次报送" if len(self.sources) > LISTED else ""
        return self.subject_zh + (f"，来自{files}{more}" if files else "")

    @property
    def command(self) -> str | None:
        """The command that shows how the value was made."""
        if self.indicator_id is None or self.year is None:
            return None
        area = f" --area {self.area}" if self.row.get("area") else ""
        return f"eco trace {self.indicator_id} --year {self.year}{area} --candidate"


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    """Return the first of some columns that a query has, as SQL; null where it has none."""
    return next((f"failing.{name}" for name in names if name in columns), "null")


def find_causes(
    connection: duckdb.DuckDBPyConnection, failing_rows: str, contracts: Contracts
) -> list[Cause]:
    """Return the failing rows of a query, each with the submissions that it was made from.

    Where a row of an indicator names no area, it is the county's.
    """
    county = next(area.area for area in contracts.areas if area.kind == COUNTY_KIND)
    rows = connection.sql(failing_rows)
    columns, found = rows.columns, rows.fetchall()
    if not found:
        return []
    identity = _first(columns, ["submission_id"])
    indicator, year = _first(columns, ["indicator_id"]), _first(columns, _YEARS)
    line = f"cast({_first(columns, ['row_number'])} as bigint)"
    area = f"coalesce({_first(columns, ['area'])}, {literal(county)})"
    relation = connection.sql(
        f"""
        with failing as (
            select row_number() over () as position, * from ({failing_rows}) as rows_of_check
        )
        select
            failing.*, progress.name_zh as indicator_name, progress.unit as indicator_unit,
            {indicator} as cause_indicator, {year} as cause_year, {area} as cause_area,
            cast({_first(columns, _VALUES)} as double) as cause_value,
            made_of.submission_id as cause_submission, made_of.department,
            made_of.file_name, made_of.sheet,
            coalesce(made_of.first_row, {line}) as first_row,
            coalesce(made_of.last_row, {line}) as last_row,
            exists (
                select 1 from marts.findings as f
                where f.submission_id = made_of.submission_id and f.state <> 'mended'
                    and f.severity <> 'notice' and f.rule <> 'submission_held'
            ) as questioned
        from failing
        left join marts.indicator_progress as progress on progress.indicator_id = {indicator}
        left join (
            select s.submission_id, s.department, s.file_name, s.sheet, l.indicator_id, l.year,
                l.area, min(l.row_number) as first_row, max(l.last_row) as last_row
            from marts.submissions as s
            inner join marts.indicator_lineage as l on l.submission_id = s.submission_id
            group by all
            union all
            select s.submission_id, s.department, s.file_name, s.sheet, null, null, null, null, null
            from marts.submissions as s
        ) as made_of on (
            made_of.indicator_id = {indicator} and made_of.year = {year} and made_of.area = {area}
            and {identity} is null
        ) or (made_of.indicator_id is null and made_of.submission_id = {identity})
        order by failing.position, made_of.submission_id
        """
    )
    names = relation.columns
    joined = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
    return [
        _cause(columns, list(group), contracts)
        for _, group in groupby(joined, lambda row: row["position"])
    ]


def _cause(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], contracts: Contracts
) -> Cause:
    first = rows[0]
    return Cause(
        row={name: first[name] for name in columns},
        indicator_id=first["cause_indicator"],
        name_zh=first["indicator_name"],
        year=first["cause_year"],
        area=first["cause_area"] if first["cause_year"] is not None else None,
        value=first["cause_value"],
        unit=first["indicator_unit"],
        sources=tuple(_sources(rows, contracts)),
    )


def _sources(rows: Sequence[Mapping[str, Any]], contracts: Contracts) -> Iterator[SourceRows]:
    for row in rows:
        if row["cause_submission"] is not None:
            yield SourceRows(
                submission_id=row["cause_submission"],
                department=row["department"],
                department_zh=contracts.departments[row["department"]].name_zh,
                file_name=row["file_name"],
                sheet=row["sheet"] or "",
                first_row=row["first_row"],
                last_row=row["last_row"],
                questioned=row["questioned"],
            )


def counted_submissions(database: Path) -> set[str]:
    """Return the submissions whose rows a publication counts: those that it shows and holds not."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.sql("from marts.submissions limit 0").columns
        held = "where not is_held" if "is_held" in columns else ""
        rows = connection.execute(f"select submission_id from marts.submissions {held}").fetchall()
    return {identity for (identity,) in rows}
