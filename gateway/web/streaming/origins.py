"""Which web pages may open a WebSocket here: browsers ask nobody before they do, so the server has to look."""

from collections.abc import Collection
from urllib.parse import urlsplit


def may_connect(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of this origin may: one of ours, one that CORS lets in, or no page at all but a program."""
    if origin is None or "*" in allowed or origin in allowed:
        return True
    own = urlsplit(origin).netloc.lower()
    return bool(own) and host is not None and own == host.lower()
