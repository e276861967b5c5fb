"""JSON values one after the other, with or without anything between them."""

from collections.abc import Iterator
from typing import Any, Literal

from connectors.errors import Malformed
from connectors.files.content import Content
from connectors.files.encodings import decoded
from connectors.files.formats.model import FileFormat
from connectors.files.values import JsonText
from connectors.protocols.listing import Broken


class ConcatenatedJsonFormat(FileFormat):
    """`format: concatenatedJson`; after a broken value, reading goes on at the next line that begins one."""

    kind: Literal["concatenatedJson"]

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The values."""
        try:
            text = decoded(content.whole(), content.encoding)
        except ValueError as error:
            raise Malformed(f"{content.name}: {error}") from None
        return JsonText(content.name, text).values()
