"""Atom feeds (RFC 4287)."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from connectors.extraction import Language, XPathLanguage
from connectors.files.content import Content
from connectors.files.formats.model import FileFormat
from connectors.files.formats.xml import elements
from connectors.protocols.listing import Broken


class AtomFormat(FileFormat):
    """`format: atom`; a record is an `entry`."""

    kind: Literal["atom"]
    namespaces: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """The usual one."""
        return (".atom",)

    @classmethod
    def default_fields(cls) -> Mapping[str, Any]:
        """What every entry says."""
        return {
            "nativeId": "atom:id",
            "title": "atom:title",
            "url": "atom:link[@rel = 'alternate' or not(@rel)][1]/@href",
            "summary": {"path": "atom:summary", "alternatives": ["atom:content"], "transform": "htmlToText"},
            "publishedAt": {"path": "atom:published", "transform": "isoDateTime", "onInvalid": "drop"},
            "updatedAt": {"path": "atom:updated", "transform": "isoDateTime", "onInvalid": "drop"},
        }

    @property
    def language(self) -> Language:
        """XPath below an entry."""
        return XPathLanguage(self.namespaces)

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The entries."""
        return iter(elements(content, self.language, "atom:entry"))
