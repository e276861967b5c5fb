"""Cursors of live searches: which records a walk has given out, so that none comes twice however platforms answer.

A cursor holds everything itself, so any replica goes on from it: the request's mark, a mark of each platform, and five
bytes for each record given out (its platform's place in the list, CRC-32 of its native id).
"""

import base64
import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from zlib import crc32

from gateway.catalog.cursors import fingerprint, refusal
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.errors import CursorInvalid

MOST_GIVEN = 1_000
"""Records that one walk gives out of platforms' own searches."""
DEEPEST = 200
"""Records that one platform is asked for at most."""
OF_CATALOG = 0xFF
"""Stands for the platform of a record that the catalog gave out of turn; its mark is over platform and id."""
MOST_PLATFORMS = OF_CATALOG
_SORTS = tuple(ResourceSort)
_HEAD = struct.Struct(">cB6sBB")
_ENTRY = struct.Struct(">BI")
_MARK = struct.Struct(">I")


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
        position = self.position.encode()
        head = _HEAD.pack(
            self.kind.value, _SORTS.index(self.sort), self.fingerprint, len(self.platforms), len(position)
        )
        body = b"".join((head, struct.pack(f">{len(self.platforms)}I", *self.platforms), position, self.entries))
        return base64.urlsafe_b64encode(body + _MARK.pack(crc32(body))).rstrip(b"=").decode()

    @property
    def count(self) -> int:
        """Records given out that are told apart here."""
        return len(self.entries) // _ENTRY.size

    def given(self) -> dict[int, set[int]]:
        """Marks of records given out, by place of their platform."""
        found: dict[int, set[int]] = {}
        for place, record in _ENTRY.iter_unpack(self.entries):
            found.setdefault(place, set()).add(record)
        return found

    def listing(self, codes: Sequence[str]) -> "Walk":
        """The same walk with these platforms listed behind those that are."""
        marks = tuple(found for code in dict.fromkeys(codes) if (found := mark(code)) not in self.platforms)
        if len(self.platforms) + len(marks) > MOST_PLATFORMS:
            raise CursorInvalid(refusal(f"goes over more than {MOST_PLATFORMS} platforms"))
        return replace(self, platforms=self.platforms + marks) if marks else self


def mark(text: str) -> int:
    """Four bytes that tell records of one platform, or platforms, apart; no secret and no proof."""
    return crc32(text.encode())


def entry(place: int, record: int) -> bytes:
    """One record given out."""
    return _ENTRY.pack(place, record)


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
    """The walk in a text, whosoever it is; None where the text is none or was damaged."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        body, check = packed[: -_MARK.size], packed[-_MARK.size :]
        kind, sort, request, platforms, position = _HEAD.unpack_from(body)
        places = _HEAD.size + _MARK.size * platforms
        marks = struct.unpack(f">{platforms}I", body[_HEAD.size : places])
        entries = body[places + position :]
        walk = Walk(Kind(kind), _SORTS[sort], request, marks, entries, body[places : places + position].decode("ascii"))
        sound = crc32(body) == _MARK.unpack(check)[0] and all(
            place < platforms or place == OF_CATALOG for place, _ in _ENTRY.iter_unpack(entries)
        )
    except (UnicodeError, binascii.Error, struct.error, ValueError, IndexError):
        return None
    return walk if sound else None
