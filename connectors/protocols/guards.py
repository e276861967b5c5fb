"""What keeps a listing from going on forever or going astray."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

import orjson
from lxml import etree

from connectors.errors import PagingError
from connectors.paging import Step
from connectors.paging.model import Caps
from connectors.transport.urls import origin, without_query


class CapGuard:
    """Counts pages, bytes and seconds of a run against the caps of its paging."""

    def __init__(self, caps: Caps, *, clock: Callable[[], float] = monotonic) -> None:
        self._caps = caps
        self._clock = clock
        self._started = clock()
        self._pages = 0
        self._bytes = 0

    def before_request(self) -> None:
        """Refuse one request more than is allowed."""
        self._pages += 1
        if self._pages > self._caps.max_pages:
            raise PagingError(f"the listing does not end within {self._caps.max_pages} pages (paging.maxPages)")
        if self._clock() - self._started > self._caps.max_seconds:
            raise PagingError(f"the listing does not end within {self._caps.max_seconds:g} seconds (paging.maxSeconds)")

    def after_answer(self, size: int) -> None:
        """Count an answer's bytes."""
        self._bytes += size
        if self._bytes > self._caps.max_bytes:
            raise PagingError(f"the listing is larger than {self._caps.max_bytes} bytes (paging.maxBytes)")


class RepetitionGuard:
    """Remembers the steps and pages of one listing; a second time is an error, not a duplicate.

    The first step and page are only looked at when there is a second: many listings have no more than one.
    """

    def __init__(self) -> None:
        self._steps: set[bytes] = set()
        self._pages: set[bytes] = set()
        self._window: str | int | None = None
        self._first_step: Step | None = None
        self._first_page: Sequence[Any] | None = None

    def step(self, step: Step) -> None:
        """Refuse a step that was asked before."""
        if self._first_step is None:
            self._first_step, self._window = step, step.position.get("window")
            return
        if not self._steps:
            self._steps.add(_step_key(self._first_step))
        if step.position.get("window") != self._window:
            # windows of days may well hold the same numbers
            self._window = step.position.get("window")
            self._pages.clear()
            self._first_page = None
        key = _step_key(step)
        if key in self._steps:
            where = without_query(step.url) if step.url else str(dict(step.position))
            raise PagingError(f"paging runs in a circle: {where} was asked before")
        self._steps.add(key)

    def page(self, records: Sequence[Any]) -> None:
        """Refuse a page whose records were all seen as a page before."""
        if not records:
            return
        if self._first_page is None:
            self._first_page = records
            return
        if not self._pages:
            self._pages.add(_page_key(self._first_page))
            self._first_page = ()
        key = _page_key(records)
        if key and key in self._pages:
            raise PagingError(f"a page of {len(records)} records came a second time")
        self._pages.add(key)


class OriginGuard:
    """Keeps requests, and with them credentials, on the origins a manifest names."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origins)
        self._plain = tuple(f"{one}/" for one in self._origins)

    def check(self, url: str) -> None:
        """Refuse another origin."""
        if url.startswith(self._plain) and url.isprintable():
            return
        try:
            found = origin(url)
        except ValueError as error:
            raise PagingError(f"the platform handed out an address that cannot be asked: {error}") from error
        if found not in self._origins:
            named = ", ".join(sorted(self._origins))
            raise PagingError(f"the platform handed out an address at {found}; the manifest names {named}")


def _step_key(step: Step) -> bytes:
    return _key([step.url, sorted(step.parameters.items()), step.index])


def _page_key(records: Sequence[Any]) -> bytes:
    """What a page is known by; nothing where records are nested too deeply to be written, and rejected one by one."""
    try:
        return _key([etree.tostring(one).decode() if isinstance(one, etree._Element) else one for one in records])
    except TypeError:
        return b""


def _key(value: Any) -> bytes:
    return hashlib.blake2b(orjson.dumps(value), digest_size=16).digest()
