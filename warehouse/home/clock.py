"""The county's clock: what time it is, its time zone, the day that a moment falls on there."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment (UTC). All that is dated in a data home asks here, so that a test can set it."""
    return datetime.now(UTC)


def county_time(moment: datetime | str) -> str:
    """An aware moment as people in Yangcheng write it: 2026-11-26 02:00."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{known.astimezone(COUNTY_ZONE):%Y-%m-%d %H:%M}"


def county_day(moment: datetime) -> date:
    """The day that an aware moment falls on in Yangcheng."""
    return moment.astimezone(COUNTY_ZONE).date()
