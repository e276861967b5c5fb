"""What asking needs beyond the ports of live search."""

from typing import Protocol

from gateway.catalog.live.ports import LivePlatforms


class ServedPlatforms(LivePlatforms, Protocol):
    """Live platforms that also tell which manifest they are served by, so that no answer outlives its mapping."""

    def version(self, code: str) -> int | None:
        """Version of the manifest that is served, None where the platform is not served; cheap, asked every time."""
        ...
