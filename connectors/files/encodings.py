"""Which encoding a text file is in, and its text as UTF-8 or another encoding in which a line feed is one byte."""

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CHINESE = frozenset(("gb2312", "gbk", "cp936", "gb18030", "gb18030-2000", "hz-gb-2312"))
_KNOWN = re.compile(
    r"utf-(?:8|16|32)(?:-[lb]e)?|big5(?:hkscs)?|iso-?8859-\d+|windows-125\d|shift_jis|euc-(?:jp|kr)|ascii"
)


def _valid(written: str) -> str:
    name = written.lower().replace("utf8", "utf-8").replace("utf16", "utf-16")
    if name in _CHINESE - {"hz-gb-2312"}:
        return "gb18030"
    if not _KNOWN.fullmatch(name):
        raise ValueError(f"{written!r} is no encoding that is read here; write utf-8, gb18030, utf-16 or big5")
    return name


Encoding = Annotated[str, AfterValidator(_valid)]
"""An encoding in its usual name; `gb2312` and `gbk` are read as `gb18030`, which holds both."""


def encoding_of(start: bytes, declared: str | None) -> tuple[str, int]:
    """The encoding of a text that begins with `start`, and the length of its byte order mark.

    A mark decides, then what was declared, then UTF-8. UTF-16 and UTF-32 without a mark are little-endian.
    """
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name, len(mark)
    name = declared or "utf-8"
    return (f"{name}-le" if name in ("utf-16", "utf-32") else name), 0


def narrow(pieces: Iterable[bytes], declared: str | None) -> tuple[str, Iterator[bytes]]:
    """The encoding and the pieces without byte order mark; UTF-16 and UTF-32 become UTF-8.

    What is no text in them stays no text: half a surrogate pair becomes bytes that are no UTF-8.
    """
    remaining = iter(pieces)
    start = b""
    for piece in remaining:
        start += piece
        if len(start) >= 4:
            break
    encoding, mark = encoding_of(start, declared)
    rest = itertools.chain((start[mark:],), remaining)
    if encoding.startswith(("utf-16", "utf-32")):
        return "utf-8", _transcoded(rest, encoding)
    return encoding, rest


def decoded(body: bytes, declared: str | None) -> str:
    """The whole text; raises `ValueError` naming the line of a byte that is none of it."""
    encoding, mark = encoding_of(body[:4], declared)
    try:
        return body[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, mark + error.start) + 1
        raise ValueError(f"byte 0x{body[mark + error.start]:02x} is not {encoding} (line {line})") from None


def _transcoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # cut inside a character, or a number no character has
        yield b"\xff"
