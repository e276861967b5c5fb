"""A recorded answer, told apart by its bytes: JSON, JSON Lines, XML, CSV or a workbook."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.errors import Malformed
from connectors.extraction import XmlError, read_xml
from connectors.files.content import Content, sliced
from connectors.files.formats import model_of
from connectors.protocols.listing import Broken

MOST_BYTES = 64 * 1024**2
_BLANK = b" \t\r\n\xef\xbb\xbf"
_SEPARATORS = (",", "\t", ";", "|", "，", "；")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_QUOTED = re.compile(r'"[^"]*"')
MOST_HELD = 64 * 1024
"""Characters of a row whose quotation mark nobody closes."""
_MARKED = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Sample:
    """A decoded sample: its `kind`, and its JSON value, root element or rows; of rows also how they are written."""

    kind: str
    document: Any
    format: Any = None
    encoding: str | None = None
    broken: int = 0


def read_sample(body: bytes, name: str) -> Sample:
    """Tell the format and decode it; raises `Malformed` saying what is wrong with what."""
    if not body.strip(_BLANK):
        raise Malformed(f"{name} is empty; a sample is an answer with some records in it")
    if len(body) > MOST_BYTES:
        raise Malformed(f"{name} has more than {MOST_BYTES >> 20} MB; one page of the listing is enough")
    if body.startswith(b"\x1f\x8b"):
        raise Malformed(f"{name} is packed with gzip; unpack it first")
    if body.startswith(b"PK\x03\x04"):
        return _tabular(body, name, {"kind": "xlsx"}, None)
    start = body.lstrip(_BLANK)[:1]
    if start in (b"{", b"["):
        return _json(body.lstrip(b"\xef\xbb\xbf"), name)
    if start == b"<":
        try:
            return Sample("xml", read_xml(body))
        except XmlError as error:
            raise Malformed(f"{name}: {error}") from None
    if not body.startswith(_MARKED) and _CONTROL.search(body[:4096]):
        raise Malformed(f"{name} is neither text nor a workbook; JSON, XML, CSV and XLSX are read")
    return _csv(body, name)


def _json(body: bytes, name: str) -> Sample:
    try:
        return Sample("json", orjson.loads(body))
    except orjson.JSONDecodeError as error:
        lines = [line for line in body.splitlines() if line.strip()]
        try:
            return Sample("jsonLines", [orjson.loads(line) for line in lines] if len(lines) > 1 else _fail(error))
        except orjson.JSONDecodeError:
            raise Malformed(f"{name} is no JSON: {error}") from None


def _fail(error: orjson.JSONDecodeError) -> list[Any]:
    raise error


def _csv(body: bytes, name: str) -> Sample:
    encoding = None
    text = ""
    for tried in ("utf-16" if body.startswith(_MARKED) else "utf-8-sig", "gb18030", "big5"):
        try:
            text = body.decode(tried)
            encoding = tried if tried in ("gb18030", "big5") else None
            break
        except UnicodeDecodeError:
            continue
    lines = [line for line in _rows(text.splitlines()[:500]) if line.strip()]
    if not text.strip():
        raise Malformed(f"{name} is in no encoding that is read here; UTF-8, UTF-16, GB18030 and Big5 are")
    mark, width = _separator(lines[:30])
    if mark is None:
        raise Malformed(f"{name} is no table: its lines hold no separator that repeats, such as a comma or a tab")
    skip = next(number for number, line in enumerate(_rows(text.splitlines())) if line.count(mark) >= width)
    written: dict[str, Any] = {"kind": "csv"}
    if mark != ",":
        written["separator"] = mark
    if skip:
        written["skip"] = skip
    return _tabular(body, name, written, encoding)


def _rows(lines: Sequence[str]) -> Iterator[str]:
    """Lines of a table without what stands in quotation marks, which may hold separators and go on over lines."""
    held = ""
    for line in lines:
        held += line
        if held.count('"') % 2 == 0 or len(held) > MOST_HELD:
            yield _QUOTED.sub("", held)
            held = ""
    if held:
        yield held


def _separator(lines: list[str]) -> tuple[str | None, int]:
    """The separator that most lines have the same number of times, and that number."""
    best: tuple[int, int, str | None] = (0, 0, None)
    for mark in _SEPARATORS:
        counts = Counter(line.count(mark) for line in lines)
        width, times = max(
            ((width, times) for width, times in counts.items() if width), default=(0, 0), key=lambda one: one[1]
        )
        if times * 2 > len(lines) and (times, width) > best[:2]:
            best = (times, width, mark)
    return best[2], best[1]


def _tabular(body: bytes, name: str, written: dict[str, Any], encoding: str | None) -> Sample:
    model = model_of(written["kind"])
    assert model is not None  # noqa: S101  # both kinds come with the product
    entries = list(model.model_validate(written).entries(Content(name, sliced(body), encoding)))
    rows = [entry for entry in entries if not isinstance(entry, Broken)]
    short = written["kind"] if len(written) == 1 else written
    return Sample(written["kind"], rows, short, encoding, len(entries) - len(rows))
