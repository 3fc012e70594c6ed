"""The county's clock: its time zone, and the day that a moment falls on there."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")


def county_day(moment: datetime) -> date:
    """The day that an aware moment falls on in Yangcheng."""
    return moment.astimezone(COUNTY_ZONE).date()
