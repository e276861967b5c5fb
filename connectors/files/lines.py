"""The lines of a text file, numbered, each decoded by itself so that a broken one stays alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.files.content import Content
from connectors.files.encodings import narrow

LONGEST = 4 * 1024**2
"""Bytes of a line."""
KEPT = 64 * 1024
"""Bytes that are kept of a longer one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its line break, which is always a line feed in the end; `wrong` says why it cannot be used."""

    number: int
    text: str
    wrong: str | None = None


def lines_of(content: Content) -> Iterator[Line]:
    """The lines of a file, numbered from one; raises `Malformed` where the file cannot be unpacked."""
    encoding, pieces = narrow(content.pieces, content.encoding)
    for number, (raw, complete) in enumerate(_split(pieces), 1):
        try:
            text, wrong = raw.decode(encoding), None
        except UnicodeDecodeError as error:
            text, wrong = raw.decode(encoding, "replace"), f"byte 0x{raw[error.start]:02x} is not {encoding}"
        yield Line(number, text, wrong if complete else f"longer than {LONGEST:,} bytes")


def _split(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The lines and whether they are complete; of one that is too long, only the beginning is given."""
    rest, cutting, old = b"", False, None
    for piece in pieces:
        if old is None and piece:  # files of old Macs break lines by a carriage return alone
            old = b"\n" not in piece and b"\r" in piece
        *complete, rest = (rest + (piece.replace(b"\r", b"\n") if old else piece)).split(b"\n")
        if complete and cutting:
            del complete[0]
            cutting = False
        for line in complete:
            yield (line + b"\n", True) if len(line) <= LONGEST else (line[:KEPT], False)
        if cutting:
            rest = b""
        elif len(rest) > LONGEST:
            yield rest[:KEPT], False
            rest, cutting = b"", True
    if rest:
        yield rest, True
