"""Which publications stay as snapshots: all of the newest, of older ones the last of each month.

The numbers are in `retention.yml`; nothing is removed here.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from warehouse.home.clock import COUNTY_ZONE

_SETTINGS = Path(__file__).with_name("retention.yml")
_VARIABLES = {"keep_last": "ECO_KEEP_LAST", "keep_months": "ECO_KEEP_MONTHS"}


class RetentionError(ValueError):
    """A setting is no number of snapshots; the message names it."""


@dataclass(frozen=True)
class Retention:
    """`keep_last` newest snapshots; before them the last of each of `keep_months` months."""

    keep_last: int
    keep_months: int

    def kept(self, moments: Iterable[datetime]) -> set[datetime]:
        """Those of these (aware) moments of publication whose snapshots stay."""
        newest_first = sorted(moments, reverse=True)
        kept = set(newest_first[: self.keep_last])
        last_of_month: dict[str, datetime] = {}
        for moment in newest_first:
            last_of_month.setdefault(f"{moment.astimezone(COUNTY_ZONE):%Y-%m}", moment)
        return kept | set(list(last_of_month.values())[: self.keep_months])


def settings() -> Retention:
    """The settings in force. Raises RetentionError when one is no whole number >= 0."""
    numbers = yaml.safe_load(_SETTINGS.read_text(encoding="utf-8"))
    for name, variable in _VARIABLES.items():
        given = os.environ.get(variable, numbers[name])
        if not str(given).isdecimal():
            raise RetentionError(
                f"{variable} is '{given}'; write how many snapshots to keep, as 30"
            )
        numbers[name] = int(given)
    return Retention(**numbers)
