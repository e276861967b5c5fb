"""What a format is: how the bytes of one file become records, and what paths on them are written in."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.extraction import JMESPATH, Language
from connectors.files.content import Content
from connectors.protocols.listing import Broken
from schema.records import Record


class FileFormat(Record, ABC):
    """Base of the formats: a subclass in a module of this package whose `kind` is a Literal is found by name."""

    kind: str

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """How names of such files end, in small letters."""
        return ()

    @classmethod
    def default_fields(cls) -> Mapping[str, Any]:
        """Rules for fields that the manifest leaves out."""
        return {}

    @property
    def language(self) -> Language:
        """What paths on its records are written in."""
        return JMESPATH

    @property
    def paths(self) -> Mapping[str, str]:
        """Its own paths in that language, by their key."""
        return {}

    @property
    def zipped(self) -> bool:
        """Whether its files are zip files themselves, so that none is unpacked."""
        return False

    @abstractmethod
    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """The records and broken pieces of a file in their order; raises `Malformed` where nothing can be read."""
