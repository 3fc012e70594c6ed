"""Retention of snapshots: the newest ones, and of older ones the last of each month.

The numbers are environment variables (`warehouse.home.settings`); snapshots are removed in
`publication.complete`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.settings import RetentionSettings


@dataclass(frozen=True)
class Retention:
    """Keep the `keep_last` newest snapshots, and the last one of each of `keep_months` months."""

    keep_last: int
    keep_months: int

    def kept(self, moments: Iterable[datetime]) -> set[datetime]:
        """Return the moments of publication (aware) whose snapshots are kept."""
        newest_first = sorted(moments, reverse=True)
        kept = set(newest_first[: self.keep_last])
        last_of_month: dict[str, datetime] = {}
        for moment in newest_first:
            last_of_month.setdefault(f"{moment.astimezone(COUNTY_ZONE):%Y-%m}", moment)
        return kept | set(list(last_of_month.values())[: self.keep_months])


def settings() -> Retention:
    """Return the retention in force. Raises SettingsError when a variable is invalid."""
    found = RetentionSettings.load()
    return Retention(found.keep_last, found.keep_months)
