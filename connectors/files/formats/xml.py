"""XML whose elements are records."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from connectors.errors import Malformed
from connectors.extraction import Language, XPathLanguage, read_xml
from connectors.files.content import Content
from connectors.files.encodings import decoded
from connectors.files.formats.model import FileFormat
from connectors.protocols.listing import Broken


class XmlFormat(FileFormat):
    """`format: {kind: xml, records: .//课程}`; `namespaces` adds prefixes."""

    kind: Literal["xml"]
    records: Annotated[str, Field(min_length=1)]
    namespaces: dict[str, str] = Field(default_factory=dict)

    @property
    def language(self) -> Language:
        """XPath."""
        return XPathLanguage(self.namespaces)

    @property
    def paths(self) -> Mapping[str, str]:
        """Where the records are."""
        return {"records": self.records}

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The elements."""
        return iter(elements(content, self.language, self.records))


def elements(content: Content, language: Language, *paths: str) -> list[Any]:
    """What the first of the paths that finds anything finds; raises `Malformed` for what no honest XML is."""
    body = content.whole()
    try:
        # text decoded as the manifest says is UTF-8 from here on, whatever its declaration says
        root = read_xml(
            body if content.encoding is None else b"\xef\xbb\xbf" + decoded(body, content.encoding).encode()
        )
    except ValueError as error:
        raise Malformed(f"{content.name}: {error}") from None
    for path in paths:
        found = language.compile_entries(path)(root)
        if found is not None:
            return found if isinstance(found, list) else [found]
    return []
