"""Cursors of live searches: which records a walk has given out, so that none comes twice however platforms answer.

A cursor holds everything itself, so any replica goes on from it: the request's mark, a mark of each platform, and for
each record given out its platform's place in the list and a mark of its native id (see `given`).
"""

import base64
import binascii
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from zlib import crc32

from gateway.catalog.cursors import fingerprint, refusal
from gateway.catalog.live.given import OF_CATALOG, SIZE, entry, in_order, mark, packed, places_and_marks, unpacked
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.catalog.validation import MOST_FIRST
from gateway.errors import CursorExpired, CursorInvalid

__all__ = ["DEEPEST", "MOST_GIVEN", "OF_CATALOG", "Kind", "Walk", "decoded", "entry", "mark", "read_walk"]
MOST_GIVEN = 1_000
"""Records that one walk gives out of platforms' own searches."""
DEEPEST = 200
"""Records that one platform is asked for at most."""
_SORTS = tuple(ResourceSort)
_HEAD = struct.Struct(">cB6sBBH")
_CHECK = struct.Struct(">I")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Kind(Enum):
    """What a walk goes over."""

    LIVE = b"l"
    """Platforms alone; those that have given something are listed."""
    MIXED = b"m"
    """Catalog and platforms; those that are asked live are listed, from the first page to the last."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the pages so far have given out. `entries` are records, `position` is where the catalog goes on.

    `settled` are the entries of earlier pages with which `entries` begins, and how they are packed, so that no cursor
    of a page packs them anew.
    """

    kind: Kind
    sort: ResourceSort
    fingerprint: bytes
    platforms: tuple[int, ...] = ()
    entries: bytes = b""
    position: str = ""
    settled: tuple[bytes, bytes] = field(default=(b"", b""), compare=False, repr=False)

    @classmethod
    def begin(cls, kind: Kind, request: SearchRequest, platforms: Sequence[str] = ()) -> "Walk":
        """The walk before its first page."""
        return cls(kind, request.sort, bytes.fromhex(fingerprint(request)), tuple(map(mark, platforms)))

    def __str__(self) -> str:
        return next(iter(self.cursors((b"",))))

    def cursors(self, entries: Iterable[bytes]) -> list[str]:
        """The cursor behind each of these records when they are given out one after the other."""
        position, places = self.position.encode(), len(self.platforms)
        settled, short = self.settled
        if not self.entries.startswith(settled):
            settled, short = b"", b""
        head = _HEAD.pack(self.kind.value, _SORTS.index(self.sort), self.fingerprint, places, len(position), len(short))
        marks = struct.pack(f">{places}I", *self.platforms)
        body = b"".join((head, marks, position, short, self.entries[len(settled) :]))
        check, texts = crc32(body), []
        # three bytes are four letters, so what the cursors have in common is written once
        common = len(body) - len(body) % 3
        beginning, body = _text(body[:common]), body[common:]
        for each in entries:
            body += each
            check = crc32(each, check)
            texts.append(beginning + _text(body + _CHECK.pack(check)))
        return texts

    @property
    def count(self) -> int:
        """Records given out, but those of the catalog."""
        return len(self.entries) // SIZE - self.entries[::SIZE].count(OF_CATALOG)

    @property
    def room(self) -> int:
        """Records that may still be given out, but those of the catalog."""
        return max(0, MOST_GIVEN - self.count)

    @property
    def live_entries(self) -> bytes:
        """The entries of records that platforms gave, and of those that stood in for them."""
        if OF_CATALOG not in self.entries[::SIZE]:
            return self.entries
        return b"".join(entry(place, found) for place, found in places_and_marks(self.entries) if place != OF_CATALOG)

    def place(self, code: str) -> int:
        """Place of a listed platform."""
        return self.platforms.index(mark(code))

    def given(self) -> dict[int, set[int]]:
        """Marks of records given out, by the mark of their platform."""
        found: dict[int, set[int]] = {}
        for place, record in places_and_marks(self.entries):
            found.setdefault(self.platforms[place] if place != OF_CATALOG else OF_CATALOG, set()).add(record)
        return found

    def listing(self, codes: Sequence[str]) -> "Walk":
        """The same walk with these platforms listed behind those that are."""
        marks = tuple(found for code in dict.fromkeys(codes) if (found := mark(code)) not in self.platforms)
        if len(self.platforms) + len(marks) > OF_CATALOG:
            raise CursorExpired("after: too many platforms have joined since; start from the first page")
        return replace(self, platforms=self.platforms + marks)._settled() if marks else self

    def _settled(self) -> "Walk":
        """The same walk with its entries in order, which are packed once for all its cursors."""
        walk = replace(self, entries=in_order(self.entries))
        live = walk.live_entries
        return replace(walk, settled=(live, packed(live, len(self.platforms)))) if live else walk


def _text(packed_: bytes) -> str:
    return binascii.b2a_base64(packed_, newline=False).translate(_URL_SAFE, b"=").decode()


def read_walk(request: SearchRequest, kind: Kind) -> Walk | None:
    """The walk that `after` goes on with; `CursorInvalid` where it belongs to another request or is no live cursor."""
    if request.after is None:
        return None
    walk = decoded(request.after)
    if walk is None:
        raise CursorInvalid(refusal("is no cursor of a live search"))
    if walk.kind is not kind:
        raise CursorInvalid(refusal("belongs to a search of another mode"))
    if walk.sort is not request.sort:
        sorts = f"belongs to a search sorted by {walk.sort}, this one is sorted by {request.sort}"
        raise CursorInvalid(refusal(sorts))
    if walk.fingerprint.hex() != fingerprint(request):
        raise CursorInvalid(refusal("belongs to a search with another query or filter"))
    return walk


def decoded(text: str) -> Walk | None:
    """The walk in a text, whosoever it is; None where the text is none, was damaged, or no walk gets that far.

    Anybody can write such a text, so nothing that is done for it may grow with what it says.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        body, check = raw[: -_CHECK.size], raw[-_CHECK.size :]
        kind, sort, request, platforms, position, short = _HEAD.unpack_from(body)
        places = _HEAD.size + _CHECK.size * platforms
        marks = struct.unpack(f">{platforms}I", body[_HEAD.size : places])
        before = places + position
        settled = unpacked(body[before : before + short], platforms, MOST_GIVEN) if short else b""
        entries = settled + body[before + short :]
        walk = Walk(Kind(kind), _SORTS[sort], request, marks, entries, body[places:before].decode("ascii"))
        sound = (
            crc32(body) == _CHECK.unpack(check)[0]
            and len(entries) <= SIZE * (MOST_GIVEN + MOST_FIRST)
            and len(entries) % SIZE == 0
            and walk.count <= MOST_GIVEN
            and all(place < platforms or place == OF_CATALOG for place in entries[::SIZE])
        )
    except (UnicodeError, binascii.Error, struct.error, ValueError, IndexError):
        return None
    return walk._settled() if sound else None
