"""One file as its formats see it: a name, bytes in pieces, and how much of them may come."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.errors import Malformed

PIECE = 256 * 1024
"""Bytes handed on at once."""
MOST_BYTES = 1024**3
"""Of a file that is read line by line, after unpacking."""
MOST_AT_ONCE = 256 * 1024**2
"""Of a file that has to be held as a whole: JSON, XML, workbooks."""
MOST_RATIO = 200
"""How many times larger than itself a file may become; lists of the same words over and over reach a hundred."""
UNWATCHED = 16 * 1024**2
"""Bytes below which the ratio does not matter."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes in pieces, to be read once; `encoding` is what the manifest says, None where it says nothing."""

    name: str
    pieces: Iterator[bytes]
    encoding: str | None = None

    def whole(self) -> bytes:
        """All of it; raises `Malformed` past what may be held at once."""
        held = bytearray()
        for piece in self.pieces:
            held += piece
            if len(held) > MOST_AT_ONCE:
                raise Malformed(f"{self.name}: a file of this format has at most {MOST_AT_ONCE >> 20} MB; split it")
        return bytes(held)


def sliced(body: bytes) -> Iterator[bytes]:
    """A body in pieces."""
    view = memoryview(body)
    return (bytes(view[start : start + PIECE]) for start in range(0, len(body), PIECE))


class Meter:
    """Counts what becomes of a packed file."""

    def __init__(self, name: str, packed: int) -> None:
        self._name, self._packed, self._count = name, packed, 0

    def count(self, size: int) -> None:
        """Note `size` bytes more; raises `Malformed` when they are too many."""
        self._count += size
        if self._count > MOST_BYTES:
            raise Malformed(f"{self._name}: more than {MOST_BYTES >> 20} MB when unpacked; split it")
        if self._count > UNWATCHED and self._count > MOST_RATIO * self._packed:
            raise Malformed(
                f"{self._name}: grows more than {MOST_RATIO} times when unpacked, which no honest list does"
            )
