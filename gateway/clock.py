"""Time as the gateway sees it, passed down so that tests can hold it still."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

CHINA = ZoneInfo("Asia/Shanghai")
"""Days, months and years of the public contract are those of this zone."""


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)
