"""Cursors of lists: the place of a row in the order of its list, so that they hold while rows come and go."""

import base64
import binascii
import hashlib
from datetime import date, datetime
from typing import NamedTuple

import orjson

from gateway.errors import CursorInvalid

LONGEST = 500
_VERSION = 1


class Place(NamedTuple):
    """Where a row stands: a day or an instant, or nothing where ids alone give the order, and its id."""

    at: date | datetime | None
    id: str


def mark_of(*asked: object) -> str:
    """What a cursor remembers of its list: what was asked, but not the size of pages."""
    return hashlib.blake2s(repr(asked).encode(), digest_size=6).hexdigest()


def write_cursor(mark: str, place: Place) -> str:
    """The cursor of a row."""
    at = None if place.at is None else place.at.isoformat()
    return base64.urlsafe_b64encode(orjson.dumps([_VERSION, mark, at, place.id])).rstrip(b"=").decode()


def read_cursor(mark: str, text: str, kind: type[date] | type[datetime] | None) -> Place:
    """The place that a cursor says; raises CursorInvalid for text that is no cursor of this list."""
    try:
        if len(text) > LONGEST:
            raise ValueError("longer than any cursor")
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        version, stated, at, name = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        place = Place(None if kind is None else kind.fromisoformat(at), name)
        if version != _VERSION or not isinstance(name, str) or (isinstance(place.at, datetime) and not place.at.tzinfo):
            raise ValueError("no place")
    except (ValueError, TypeError, binascii.Error):
        raise CursorInvalid(f"after: {text[:100]!r} is no cursor of this list; leave it out to start anew") from None
    if stated != mark or write_cursor(mark, place) != text:
        raise CursorInvalid("after: this cursor is of another list; filter and orderBy must stay the same") from None
    return place
