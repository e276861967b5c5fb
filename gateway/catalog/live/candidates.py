"""A record that may be a hit: weighed by its outline, made whole when it is shown."""

from collections.abc import Callable, Iterable, Sequence

from connectors.records import Outline
from schema.resources import CatalogResource


class Candidate:
    """A record of one platform. `outline` is what it is ordered by; the rest is read once, when it is wanted.

    `is_invalid` says that it was read and is no hit.
    """

    __slots__ = ("_make", "_resource", "is_invalid", "native_id", "outline", "platform")

    def __init__(self, platform: str, outline: Outline, make: Callable[[], CatalogResource | None]) -> None:
        self.platform = platform
        self.native_id = outline.native_id
        self.outline = outline
        self._make: Callable[[], CatalogResource | None] | None = make
        self._resource: CatalogResource | None = None
        self.is_invalid = False

    @classmethod
    def of(cls, resource: CatalogResource) -> "Candidate":
        """A resource that is whole already."""
        return cls(resource.platform, resource.record, lambda: resource)

    def resource(self) -> CatalogResource | None:
        """The whole of it; None where the record turns out not to be valid, so that it is no hit."""
        if self._make is not None:
            self._resource, self._make = self._make(), None
            self.is_invalid = self._resource is None
        return self._resource


def candidates(resources: Iterable[CatalogResource]) -> tuple[Candidate, ...]:
    """Resources that are whole already."""
    return tuple(map(Candidate.of, resources))


def whole(found: Iterable[Candidate]) -> Sequence[CatalogResource]:
    """The valid ones; reads every record."""
    return [resource for each in found if (resource := each.resource()) is not None]
