"""RSS 2.0 and RSS 1.0."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from connectors.extraction import Language, XPathLanguage
from connectors.files.content import Content
from connectors.files.formats.model import FileFormat
from connectors.files.formats.xml import elements
from connectors.protocols.listing import Broken


class RssFormat(FileFormat):
    """`format: rss`; a record is an `item`."""

    kind: Literal["rss"]
    namespaces: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """The usual ones."""
        return (".rss", ".rdf")

    @classmethod
    def default_fields(cls) -> Mapping[str, Any]:
        """What every item says."""
        return {
            "nativeId": {"path": "guid", "alternatives": ["@rdf:about", "link", "rss1:link"]},
            "title": {"path": "title", "alternatives": ["rss1:title"]},
            "url": {"path": "link", "alternatives": ["rss1:link", "guid[starts-with(., 'http')]"]},
            "summary": {"path": "description", "alternatives": ["rss1:description"], "transform": "htmlToText"},
            "publishedAt": {"path": "pubDate", "transform": "rfc822DateTime", "onInvalid": "drop"},
        }

    @property
    def language(self) -> Language:
        """XPath below an item."""
        return XPathLanguage(self.namespaces)

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The items."""
        return iter(elements(content, self.language, "channel/item", "rss1:item"))
