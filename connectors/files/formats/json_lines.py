"""A JSON value on every line."""

from collections.abc import Iterator
from typing import Any, Literal

import orjson

from connectors.files.content import Content
from connectors.files.formats.model import FileFormat
from connectors.files.lines import lines_of
from connectors.files.tables import broken_line
from connectors.protocols.listing import Broken


class JsonLinesFormat(FileFormat):
    """`format: jsonLines`; a line that is no JSON stays alone."""

    kind: Literal["jsonLines"]

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """The three usual ones."""
        return (".jsonl", ".ndjson", ".jsonlines")

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The value of every line that is not blank."""
        for line in lines_of(content):
            if line.wrong is not None:
                yield broken_line(content.name, line.number, line.text, line.wrong)
            elif line.text.strip():
                try:
                    yield orjson.loads(line.text)
                except orjson.JSONDecodeError as error:
                    yield broken_line(content.name, line.number, line.text, f"no JSON: {error.msg}", expected="JSON")
