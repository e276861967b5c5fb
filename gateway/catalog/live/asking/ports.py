"""What asking needs beyond the ports of live search."""

from typing import NamedTuple, Protocol

from gateway.catalog.live.ports import LivePlatforms


class Serving(NamedTuple):
    """What a platform is served by: a version of its manifest, and the last change of its registration.

    Credentials are part of a registration, and a platform that is registered anew is changed.
    """

    version: int
    revision: int = 0


class ServedPlatforms(LivePlatforms, Protocol):
    """Live platforms that also tell what they are served by, so that no answer outlives its mapping or its account."""

    def serving(self, code: str) -> Serving | None:
        """What serves the platform now, None where it is not served; cheap, asked every time."""
        ...
