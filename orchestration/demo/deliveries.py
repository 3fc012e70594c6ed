"""The files in which the made-up tables are delivered: who sends which rows when, in which form.

Rows are sent in the first round after the end of their period. One department is late with what it
owes for the last months, another sends a round's files weeks later, one file is corrected by the
next, one has a row that is returned, and one is no table of any dataset.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from typing import NamedTuple

import polars as pl

from orchestration.demo.annual import annual_tables
from orchestration.demo.county import COUNTY, County, Table
from orchestration.demo.measured import measured_tables
from orchestration.demo.readings import reading_tables
from orchestration.demo.supervision import supervision_tables
from sources.contracts import Contract, Contracts
from warehouse.home.clock import COUNTY_ZONE

# What a department has not delivered since a round, and by how many days a round's files came late.
_MISSING_SINCE = {"housing": 2}
_DELAYS = {("energy", 2): 16}
_ENCODINGS = {"energy": "gb18030", "statistics": "utf-8"}
_IN_WORKBOOKS = {"forestry", "agriculture"}
_CORRECTED = "farmland_safety"


class Delivery(NamedTuple):
    """A file that a department puts into its folder at a moment."""

    moment: datetime
    department: str
    file_name: str
    content: bytes


def deliveries(county: County, contracts: Contracts) -> list[Delivery]:
    """Return the files of a county in the order in which they come."""
    found = [
        delivery
        for table in _tables(county)
        for delivery in _of_table(county, contracts[table.dataset], table)
    ]
    found += _odd_files(county)
    return sorted(found, key=lambda each: (each.moment, each.department, each.file_name))


def _tables(county: County) -> Iterator[Table]:
    yield from annual_tables(county)
    yield from measured_tables(county)
    yield from reading_tables(county)
    yield from supervision_tables(county)


def _moment(county: County, number: int, department: str) -> datetime:
    day = county.rounds[number] + timedelta(days=_DELAYS.get((department, number), 0))
    return datetime.combine(day, time(9), COUNTY_ZONE).astimezone(UTC)


def _of_table(county: County, contract: Contract, table: Table) -> Iterator[Delivery]:
    """Yield the files of a table, one for each round that has rows of it."""
    last = len(county.rounds) - 1
    ended = _end_of_period(contract)
    over = [(ended >= day).fill_null(value=False).cast(pl.Int64) for day in county.rounds]
    numbers = pl.sum_horizontal(over).clip(0, last).alias("round")
    rounds = table.rows.with_columns(numbers).group_by("round", maintain_order=True)
    for (number,), rows in rounds:
        assert isinstance(number, int)
        if number >= _MISSING_SINCE.get(table.department, last + 1):
            continue
        day = county.rounds[number]
        label = "" if number == 0 else f"（{day:%Y年%m月}报）"
        yield _file(county, contract, table.department, number, label, rows.drop("round"))
    if table.dataset == _CORRECTED:
        yield _correction(county, contract, table)


def _end_of_period(contract: Contract) -> pl.Expr:
    """Return the last day of each row's period as an expression, null where it has none."""
    field = contract.dating_key or contract.period_field
    if field is None or (field.type == "year" and contract.kind == "register"):
        return pl.lit(None, pl.Date)
    column = pl.col(field.field)
    if field.type == "year":
        return pl.date(column.cast(pl.Int32), 12, 31)
    first = column.cast(pl.String).str.slice(0, 10)
    if field.type == "month":
        return (first + "-01").str.to_date("%Y-%m-%d").dt.month_end()
    return first.str.to_date("%Y-%m-%d")


def _correction(county: County, contract: Contract, table: Table) -> Delivery:
    """Return a file that corrects the county's last figure, in the round after it."""
    right = table.rows.filter(pl.col("area") == COUNTY, pl.col("year") == county.last_year)
    rows = right.with_columns(pl.col("safely_used_area") - 21)
    return _file(county, contract, table.department, 1, "（更正）", rows)


def _file(
    county: County, contract: Contract, department: str, number: int, label: str, rows: pl.DataFrame
) -> Delivery:
    """Return rows as a file with Chinese headers and units, in the form that a department uses."""
    headers = {
        f.field: f"{f.title_zh}（{f.unit}）" if f.unit and f.is_measured else f.title_zh
        for f in contract.fields
    }
    named = rows.rename({name: headers[name] for name in rows.columns})
    stem = f"{contract.title_zh}{label}"
    if department in _IN_WORKBOOKS and number < 2:
        out = BytesIO()
        named.write_excel(out, worksheet="Sheet1", autofit=True)
        return Delivery(
            _moment(county, number, department), department, f"{stem}.xlsx", out.getvalue()
        )
    text = named.write_csv()
    content = text.encode(_ENCODINGS.get(department, "utf-8-sig"))
    return Delivery(_moment(county, number, department), department, f"{stem}.csv", content)


def _odd_files(county: County) -> Iterable[Delivery]:
    """Yield a file with a row that is returned, and one that fits no dataset."""
    month = county.rounds[2] - timedelta(days=1)
    rows = f"年月,用电类别,用电量(万kWh)\n{month:%Y-%m},第一产业,-12\n{month:%Y-%m},工业,9120.5\n"
    yield Delivery(
        _moment(county, 3, "energy"), "energy", "用电量补报.csv", rows.encode("utf-8-sig")
    )
    text = "序号,工作内容,负责人\n1,召开调度会,张三\n2,现场检查,李四\n"
    yield Delivery(_moment(county, 3, "industry"), "industry", "工作小结.csv", text.encode())
