"""A record that may be a hit: weighed by its outline, made whole when it is shown."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from connectors.records import Outline
from schema.resources import CatalogResource


class Candidate:
    """A record of one platform. `outline` is what it is ordered by; the rest is what `make` makes `of` it, once.

    `is_invalid` says that it was read and is no hit. Without `make` it is whole already.
    """

    __slots__ = ("_make", "_of", "is_invalid", "native_id", "outline", "platform")

    def __init__(
        self, platform: str, outline: Outline, make: Callable[[Any], CatalogResource | None] | None, of: Any
    ) -> None:
        self.platform = platform
        self.native_id = outline.native_id
        self.outline = outline
        self._make = make
        self._of = of
        self.is_invalid = False

    @classmethod
    def of(cls, resource: CatalogResource) -> "Candidate":
        """A resource that is whole already."""
        return cls(resource.platform, resource.record, None, resource)

    @property
    def is_read(self) -> bool:
        """Whether it is known to be valid or not."""
        return self._make is None

    def resource(self) -> CatalogResource | None:
        """The whole of it; None where the record turns out not to be valid, so that it is no hit."""
        if self._make is not None:
            self._of, self._make = self._make(self._of), None
            self.is_invalid = self._of is None
        found: CatalogResource | None = self._of
        return found


def candidates(resources: Iterable[CatalogResource]) -> tuple[Candidate, ...]:
    """Resources that are whole already."""
    return tuple(map(Candidate.of, resources))


def whole(found: Iterable[Candidate]) -> Sequence[CatalogResource]:
    """The valid ones; reads every record."""
    return [resource for each in found if (resource := each.resource()) is not None]
