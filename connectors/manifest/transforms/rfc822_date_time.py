"""Instants of mail and RSS."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.manifest.transforms.reading import shown, text


def rfc822_date_time(value: Any) -> datetime:
    """An instant from RFC 822 text, as RSS has it; UTC where no zone is given.

    >>> rfc822_date_time("Fri, 15 Mar 2024 14:22:07 +0800").isoformat()
    '2024-03-15T14:22:07+08:00'
    """
    try:
        found = parsedate_to_datetime(text(value))
    except (ValueError, TypeError, IndexError):
        raise ValueError(f"a date such as Fri, 15 Mar 2024 14:22:07 +0800 was expected, not {shown(value)}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
