"""What the catalog needs from elsewhere, as protocols that the composition root satisfies."""

from collections.abc import Collection
from typing import Protocol


class PlatformNames(Protocol):
    """What the catalog must know of platforms; cheap, called for every indexed record and every facet label."""

    def codes(self) -> Collection[str]:
        """Codes of every platform that is listed."""
        ...

    def label(self, code: str) -> str | None:
        """The platform's name for people, None where it is unknown."""
        ...

    def region(self, code: str) -> str | None:
        """GB/T 2260 code of the platform's region, which its records have unless they state their own."""
        ...
