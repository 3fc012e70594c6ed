"""The made-up county: its calendar, its objects, and what its figures are drawn from.

Belongs here: what several tables share. A figure is drawn from a generator that is seeded by the
county's seed and the name of the table, so that one table does not change with another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import polars as pl

FIRST_YEAR = 2020
COUNTY = "全县"
# All annual data of 2025 is due by the end of March.
EARLIEST_DAY = date(2026, 4, 1)
LAND_KM2 = 1930.0


class Table(NamedTuple):
    """Rows of a dataset, with the contract's fields as columns, and who delivers them."""

    dataset: str
    department: str
    rows: pl.DataFrame


def first_of_month(day: date, months: int = 0) -> date:
    """Return the first day of a day's month, or of that many months later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class County:
    """The county as of a day; `townships` are the names of its townships.

    Data reaches to the day before; of annual data to the last year that is due.
    """

    day: date
    seed: int
    townships: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.day < EARLIEST_DAY:
            raise ValueError(f"the day of a demonstration is {EARLIEST_DAY} or later")

    def generator(self, name: str) -> np.random.Generator:
        """Return the generator of random numbers of a table."""
        return np.random.default_rng([self.seed, crc32(name.encode())])

    @property
    def last_year(self) -> int:
        """The last year whose annual data is due."""
        return self.day.year - (1 if self.day.month > 3 else 2)

    @property
    def years(self) -> range:
        """The years of annual data."""
        return range(FIRST_YEAR, self.last_year + 1)

    @property
    def months(self) -> list[date]:
        """The first days of the months that are over."""
        last = first_of_month(self.day, -1)
        count = (last.year - FIRST_YEAR) * 12 + last.month
        return [first_of_month(date(FIRST_YEAR, 1, 1), number) for number in range(count)]

    @property
    def days(self) -> list[date]:
        """The days that are over."""
        first = date(FIRST_YEAR, 1, 1)
        return [first + timedelta(days=n) for n in range((self.day - first).days)]

    @property
    def rounds(self) -> list[date]:
        """The days on which departments deliver: first the whole past, then each month.

        The first is the day on which the warehouse opened.
        """
        opened = first_of_month(self.day, -3) + timedelta(days=4)
        return [opened, *(first_of_month(self.day, n) for n in (-2, -1, 0)), self.day]

    @cached_property
    def shares(self) -> dict[str, float]:
        """Each township's share of the county."""
        parts = self.generator("townships").dirichlet(np.full(len(self.townships), 6.0))
        return dict(zip(self.townships, parts.tolist(), strict=True))

    def by_area(self, total: float, decimals: int = 2) -> Iterator[tuple[str, float]]:
        """Yield each township with its part of a total, then the county with the sum of them."""
        parts = {name: round(total * share, decimals) for name, share in self.shares.items()}
        yield from parts.items()
        yield COUNTY, round(sum(parts.values()), decimals)


def table(
    dataset: str, department: str, columns: str, rows: Sequence[Sequence[Any]] | Iterator[Any]
) -> Table:
    """Return a table from rows of values; `columns` are the fields' names with spaces between."""
    frame = pl.DataFrame(list(rows), schema=columns.split(), orient="row", infer_schema_length=None)
    return Table(dataset, department, frame)


def path(year: int, *points: float) -> float:
    """Return the value of a series that is given from 2020 on; the last step continues."""
    index = year - FIRST_YEAR
    if index < len(points):
        return points[index]
    return points[-1] + (points[-1] - points[-2]) * (index - len(points) + 1)
