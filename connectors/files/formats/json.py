"""A JSON document that holds records."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import orjson

from connectors.errors import Malformed
from connectors.extraction import JmesPath, compile_expression, kind_of
from connectors.files.content import Content
from connectors.files.encodings import decoded
from connectors.files.formats.model import FileFormat
from connectors.files.values import JsonText
from connectors.protocols.listing import Broken


class JsonFormat(FileFormat):
    """`format: json`, or `format: {kind: json, records: data.rows}` where the list of records is not the whole file.

    Of a list that is cut off, the complete records are read.
    """

    kind: Literal["json"]
    records: JmesPath = "@"

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """Also JSON for linked data."""
        return (".json", ".jsonld")

    @property
    def paths(self) -> Mapping[str, str]:
        """Where the records are."""
        return {"records": self.records}

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The entries of the list."""
        try:
            text = decoded(content.whole(), content.encoding)
        except ValueError as error:
            raise Malformed(f"{content.name}: {error}") from None
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            if self.records == "@" and text.lstrip().startswith("["):
                return JsonText(content.name, text).cut_list()
            raise Malformed(f"{content.name}: no JSON: {error}") from None
        found = compile_expression(self.records)(document)
        if not isinstance(found, list):
            what = "nothing" if found is None else kind_of(found)
            raise Malformed(f"{content.name}: holds {what} at {self.records!r} (records) where a list was due")
        return iter(found)
