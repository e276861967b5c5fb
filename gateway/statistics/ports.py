"""What statistics needs to know of platforms, satisfied where the application is put together."""

from collections.abc import Collection
from typing import Protocol


class PlatformNames(Protocol):
    """Platforms by code."""

    def codes(self) -> Collection[str]:
        """Codes of all platforms that are connected."""
        ...

    def label(self, code: str) -> str | None:
        """The platform's name."""
        ...

    def region(self, code: str) -> str | None:
        """The platform's region."""
        ...
