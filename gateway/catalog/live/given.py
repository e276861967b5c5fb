"""Records that a walk has given out, as bytes: four for each while a page is made, fewer for those of earlier pages."""

import zlib
from collections.abc import Iterable
from itertools import accumulate
from struct import Struct, error, iter_unpack, pack, unpack
from zlib import crc32

OF_CATALOG = 0xFF
"""Stands for the platform of a record that the catalog gave out of turn; its mark is over platform and id."""
SIZE = 4
_ENTRY = Struct(">I")
_MIX = 0x9E3779B1
"""The golden ratio in 32 bits: multiplying by it has every bit of a checksum reach the upper ones."""


def mark(text: str) -> int:
    """24 bits that tell records of one platform, or platforms, apart; no secret and no proof.

    Of n records given out, another one of the same platform is taken for one of them with a chance of n in 16 million.
    """
    return (crc32(text.encode()) * _MIX & 0xFFFFFFFF) >> 8


def entry(place: int, found: int) -> bytes:
    """One record given out: place of its platform and mark."""
    return _ENTRY.pack(place << 24 | found)


def places_and_marks(entries: bytes) -> Iterable[tuple[int, int]]:
    """Every entry taken apart."""
    return ((value >> 24, value & 0xFFFFFF) for (value,) in _ENTRY.iter_unpack(entries))


def in_order(entries: bytes) -> bytes:
    """The same entries by place and mark, those of the catalog last."""
    return pack(f">{len(entries) // SIZE}I", *sorted(value for (value,) in iter_unpack(">I", entries)))


def packed(entries: bytes, places: int) -> bytes:
    """Entries that are in order and none of the catalog's, in little more than two bytes each.

    How many there are of each place and the differences of the first bytes of their marks are deflated; nothing can be
    saved on the other two bytes.
    """
    counts, first = [0] * places, entries[1::SIZE]
    for place in entries[::SIZE]:
        counts[place] += 1
    steps = bytes((one - before) & 0xFF for before, one in zip(b"\0" + first, first, strict=False))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflate.compress(pack(f">{places}H", *counts) + steps) + deflate.flush()
    return deflated + entries[2::SIZE] + entries[3::SIZE]


def unpacked(text: bytes, places: int, most: int) -> bytes:
    """What was packed, if it is no more than so many entries; raises ValueError.

    No more is inflated than so many entries take, whatever the text says.
    """
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        head = inflate.decompress(text, 2 * places + most + 1)
        counts = unpack(f">{places}H", head[: 2 * places])
    except (zlib.error, error) as failure:
        raise ValueError(str(failure)) from None
    steps, rest = head[2 * places :], inflate.unused_data
    size = len(steps)
    if not inflate.eof or sum(counts) != size or size > most or len(rest) != 2 * size:
        raise ValueError("the parts do not fit")
    entries = bytearray(SIZE * size)
    entries[::SIZE] = b"".join(bytes((place,)) * count for place, count in enumerate(counts))
    firsts: list[int] = list(accumulate(steps, _behind))
    entries[1::SIZE] = bytes(firsts)
    entries[2::SIZE], entries[3::SIZE] = rest[:size], rest[size:]
    return bytes(entries)


def _behind(before: int, step: int) -> int:
    return (before + step) & 0xFF
