"""Time is stored in UTC and shown in Asia/Shanghai."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

DISPLAY_ZONE = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def shown(moment: datetime) -> str:
    """Return a stored moment as people in China read it, to the minute."""
    return moment.astimezone(DISPLAY_ZONE).strftime("%Y-%m-%d %H:%M")
