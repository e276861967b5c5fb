"""Bytes read in a format as a manifest would write it."""

from typing import Any

from pydantic import TypeAdapter

from connectors.files import Content, unpacked
from connectors.files.content import sliced
from connectors.files.formats import AnyFormat, FileFormat
from connectors.protocols import Broken

_FORMATS: TypeAdapter[FileFormat] = TypeAdapter(AnyFormat)


def entries(
    written: Any, body: bytes, *, encoding: str | None = None, members: str = "*", name: str = "f"
) -> list[Any]:
    """Everything a file holds, records and broken pieces in their order."""
    spec = _FORMATS.validate_python(written)
    found: list[Any] = []
    for content in unpacked(name, body, encoding=encoding, members=members, archive=not spec.zipped):
        found.extend(spec.entries(content) if isinstance(content, Content) else [content])
    return found


def read(written: Any, body: bytes, **options: Any) -> tuple[list[Any], list[Broken]]:
    """The records, and the broken pieces."""
    found = entries(written, body, **options)
    return [one for one in found if not isinstance(one, Broken)], [one for one in found if isinstance(one, Broken)]


def content(body: bytes, encoding: str | None = None) -> Content:
    """A file that is not packed."""
    return Content("f", sliced(body), encoding)
