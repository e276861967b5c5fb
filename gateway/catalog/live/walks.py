"""Cursors of live searches: which records a walk has given out, so that none comes twice however platforms answer.

A cursor holds everything itself, so any replica goes on from it: the request's mark, a mark of each platform, and five
bytes for each record given out (its platform's place in the list, CRC-32 of its native id).
"""

import base64
import binascii
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from zlib import crc32

from gateway.catalog.cursors import fingerprint, refusal
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.catalog.validation import MOST_FIRST
from gateway.errors import CursorExpired, CursorInvalid

MOST_GIVEN = 1_000
"""Records that one walk gives out of platforms' own searches."""
DEEPEST = 200
"""Records that one platform is asked for at most."""
OF_CATALOG = 0xFF
"""Stands for the platform of a record that the catalog gave out of turn; its mark is over platform and id."""
_SORTS = tuple(ResourceSort)
_HEAD = struct.Struct(">cB6sBB")
_ENTRY = struct.Struct(">BI")
_MARK = struct.Struct(">I")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Kind(Enum):
    """What a walk goes over."""

    LIVE = b"L"
    """Platforms alone; those that have given something are listed."""
    MIXED = b"M"
    """Catalog and platforms; those that are asked live are listed, from the first page to the last."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the pages so far have given out. `entries` are records, `position` is where the catalog goes on."""

    kind: Kind
    sort: ResourceSort
    fingerprint: bytes
    platforms: tuple[int, ...] = ()
    entries: bytes = b""
    position: str = ""

    @classmethod
    def begin(cls, kind: Kind, request: SearchRequest, platforms: Sequence[str] = ()) -> "Walk":
        """The walk before its first page."""
        return cls(kind, request.sort, bytes.fromhex(fingerprint(request)), tuple(map(mark, platforms)))

    def __str__(self) -> str:
        return next(iter(self.cursors((b"",))))

    def cursors(self, entries: Iterable[bytes]) -> list[str]:
        """The cursor behind each of these records when they are given out one after the other."""
        position = self.position.encode()
        head = _HEAD.pack(
            self.kind.value, _SORTS.index(self.sort), self.fingerprint, len(self.platforms), len(position)
        )
        body = b"".join((head, struct.pack(f">{len(self.platforms)}I", *self.platforms), position, self.entries))
        check, texts = crc32(body), []
        for each in entries:
            body += each
            check = crc32(each, check)
            text = binascii.b2a_base64(body + _MARK.pack(check), newline=False)
            texts.append(text.translate(_URL_SAFE, b"=").decode())
        return texts

    @property
    def count(self) -> int:
        """Records given out, but those of the catalog."""
        return len(self.entries) // _ENTRY.size - self.entries[:: _ENTRY.size].count(OF_CATALOG)

    @property
    def room(self) -> int:
        """Records that may still be given out, but those of the catalog."""
        return max(0, MOST_GIVEN - self.count)

    @property
    def live_entries(self) -> bytes:
        """The entries of records that platforms gave, and of those that stood in for them."""
        return b"".join(entry(place, found) for place, found in _ENTRY.iter_unpack(self.entries) if place != OF_CATALOG)

    def place(self, code: str) -> int:
        """Place of a listed platform."""
        return self.platforms.index(mark(code))

    def given(self) -> dict[int, set[int]]:
        """Marks of records given out, by the mark of their platform."""
        found: dict[int, set[int]] = {}
        for place, record in _ENTRY.iter_unpack(self.entries):
            found.setdefault(self.platforms[place] if place != OF_CATALOG else OF_CATALOG, set()).add(record)
        return found

    def listing(self, codes: Sequence[str]) -> "Walk":
        """The same walk with these platforms listed behind those that are."""
        marks = tuple(found for code in dict.fromkeys(codes) if (found := mark(code)) not in self.platforms)
        if len(self.platforms) + len(marks) > OF_CATALOG:
            raise CursorExpired("after: too many platforms have joined since; start from the first page")
        return replace(self, platforms=self.platforms + marks) if marks else self


def mark(text: str) -> int:
    """Four bytes that tell records of one platform, or platforms, apart; no secret and no proof."""
    return crc32(text.encode())


entry = _ENTRY.pack
"""One record given out: place of its platform and mark."""


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
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        body, check = packed[: -_MARK.size], packed[-_MARK.size :]
        kind, sort, request, platforms, position = _HEAD.unpack_from(body)
        places = _HEAD.size + _MARK.size * platforms
        marks = struct.unpack(f">{platforms}I", body[_HEAD.size : places])
        entries = body[places + position :]
        walk = Walk(Kind(kind), _SORTS[sort], request, marks, entries, body[places : places + position].decode("ascii"))
        sound = (
            crc32(body) == _MARK.unpack(check)[0]
            and len(entries) <= _ENTRY.size * (MOST_GIVEN + MOST_FIRST)
            and walk.count <= MOST_GIVEN
            and all(place < platforms or place == OF_CATALOG for place, _ in _ENTRY.iter_unpack(entries))
        )
    except (UnicodeError, binascii.Error, struct.error, ValueError, IndexError):
        return None
    return walk if sound else None
