"""Bodies read into values: what is asked for, and what it is called when it is not there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from lxml import etree

from connectors.extraction import read_json, read_xml

MOST_PARTS = 2_000_000
"""Brackets, braces and commas of a JSON body, since each may become an object that takes thirty times its place."""


@dataclass(frozen=True, slots=True)
class BodyReader:
    """A kind of body: its name in messages, the media type to ask for, and how it is read (`ValueError` if not)."""

    name: str
    accept: str
    read: Callable[[bytes], Any]


def _bounded(body: bytes, marks: bytes = b"[{,") -> bytes:
    """The body; raises `ValueError` where reading it would take all memory."""
    if len(body) > MOST_PARTS and sum(body.count(mark) for mark in marks) > MOST_PARTS:
        raise ValueError(f"it has more than {MOST_PARTS:,} brackets, braces and commas; ask for smaller pages")
    return body


def _json_lines(body: bytes) -> list[Any]:
    lines = _bounded(body, b"[{,\r\n").removeprefix(b"\xef\xbb\xbf").splitlines()
    return [orjson.loads(line) for line in lines if line.strip()]


JSON = BodyReader("JSON", "application/json", lambda body: read_json(_bounded(body)))
JSON_LINES = BodyReader("JSON Lines", "application/x-ndjson, application/jsonl, application/json", _json_lines)
XML = BodyReader("XML", "text/xml, application/xml", read_xml)
BYTES = BodyReader("a file", "*/*", lambda body: body)


def plain(body: Any) -> Any:
    """A body as JMESPath can look at it: XML becomes the object its elements make, by local names.

    `<a><b>1</b><b>2</b></a>` is `{"b": ["1", "2"]}`, attributes come first, an element with text only is its text.
    """
    if not isinstance(body, etree._Element):
        return body
    found: dict[str, list[Any]] = {etree.QName(name).localname: [value] for name, value in body.attrib.items()}
    for child in body.iterchildren(etree.Element):
        found.setdefault(etree.QName(child).localname, []).append(plain(child))
    if not found:
        return (body.text or "").strip()
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
