"""Cursors: opaque text that goes on exactly where a page ended, for the request it came from and no other."""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from gateway.catalog.matching import Relaxation
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.errors import CursorInvalid

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: after a sort key, or for RELEVANCE after an offset in one generation of the index."""

    sort: ResourceSort
    fingerprint: str
    relaxation: Relaxation
    position: int
    generation: str | None = None

    def __str__(self) -> str:
        return written_cursors(self, (self.position,))[0]


def written_cursors(like: Cursor, positions: Iterable[int]) -> list[str]:
    """The texts of cursors that differ from one in nothing but their positions."""
    head = orjson.dumps([_VERSION, like.sort.value, like.fingerprint, like.relaxation.value])[:-1]
    tail = orjson.dumps(like.generation)
    parts = [b"%b,%d,%b]" % (head, position, tail) for position in positions]
    return [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]


def fingerprint(request: SearchRequest) -> str:
    """What a cursor remembers of the request besides its sort; the page size may change from page to page."""
    visible = sorted(request.visible)
    return hashlib.blake2s(repr((request.query, request.filter, visible)).encode(), digest_size=6).hexdigest()


def decode_parts(text: str, length: int, of: str = "search") -> list[object]:
    """The JSON list in a cursor of such a list; `CursorInvalid` for anything that is no cursor of ours."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise CursorInvalid(refusal("is no cursor", of)) from error
    if not isinstance(parts, list) or len(parts) != length or parts[0] != _VERSION:
        raise CursorInvalid(refusal("is no cursor of this list", of))
    return parts


def read_cursor(request: SearchRequest) -> Cursor | None:
    """The cursor in `after`; `CursorInvalid` where it belongs to another request."""
    if request.after is None:
        return None
    _, sort, mark, relaxation, position, generation = decode_parts(request.after, 6)
    sorts = {known.value for known in ResourceSort}
    if sort not in sorts or relaxation not in {level.value for level in Relaxation}:
        raise CursorInvalid(refusal("is no cursor of a search"))
    if sort != request.sort.value:
        raise CursorInvalid(refusal(f"belongs to a search sorted by {sort}, this one is sorted by {request.sort}"))
    if mark != fingerprint(request):
        raise CursorInvalid(refusal("belongs to a search with another query or filter"))
    if generation is not None and not isinstance(generation, str):
        raise CursorInvalid(refusal("is no cursor of a search"))
    ranked = request.sort is ResourceSort.RELEVANCE
    if type(position) is not int or not 0 <= position < 1 << 64 or (generation is not None) is not ranked:
        raise CursorInvalid(refusal("is no cursor of a search"))
    return Cursor(request.sort, str(mark), Relaxation(int(str(relaxation))), position, generation)


def refusal(fault: str, of: str = "search") -> str:
    """How every cursor is refused, and what to do instead; `of` is what pages are of."""
    return f"after: this text {fault}; pass an endCursor of the same {of} unchanged, or leave it out to start anew"
