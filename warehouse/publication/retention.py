"""Which publications stay as snapshots: all of the newest, of older ones the last of each month.

How many is set by environment variables (`warehouse.home.settings`); nothing is removed here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.settings import RetentionSettings


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
    """Return the retention in force. Raises SettingsError when a variable is no number >= 0."""
    found = RetentionSettings.load()
    return Retention(found.keep_last, found.keep_months)
