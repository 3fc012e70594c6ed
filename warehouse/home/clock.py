"""The current time, and moments in the time zone of the county."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")
_set_to: datetime | None = None


def now() -> datetime:
    """Return the current time (UTC).

    Everything in a data home that has a time takes it from here, so that the clock can be set.
    """
    return _set_to or datetime.now(UTC)


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Let the clock of this process stand at an aware moment within the context."""
    global _set_to
    before, _set_to = _set_to, moment.astimezone(UTC)
    try:
        yield
    finally:
        _set_to = before


def county_time(moment: datetime | str) -> str:
    """Return an aware moment as text in the county's time, such as 2026-11-26 02:00."""
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{aware.astimezone(COUNTY_ZONE):%Y-%m-%d %H:%M}"


def county_moment(moment: datetime) -> datetime:
    """Return an aware moment as the county's clock shows it, without a time zone."""
    return moment.astimezone(COUNTY_ZONE).replace(tzinfo=None)


def county_day(moment: datetime) -> date:
    """Return the day on which an aware moment falls in the county."""
    return moment.astimezone(COUNTY_ZONE).date()
