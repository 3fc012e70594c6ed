"""The county's clock: what time it is, its time zone, the day that a moment falls on there."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment (UTC). All that is dated in a data home asks here, so that a test can set it."""
    return datetime.now(UTC)


def county_day(moment: datetime) -> date:
    """The day that an aware moment falls on in Yangcheng."""
    return moment.astimezone(COUNTY_ZONE).date()
