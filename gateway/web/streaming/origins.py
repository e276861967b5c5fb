"""Which web pages may open a WebSocket here: browsers ask nobody before they do, so the server has to look."""

from collections.abc import Collection


def may_connect(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of this origin may: one of ours, one that CORS lets in, or no page at all but a program."""
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return host is not None and origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
