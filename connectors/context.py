"""All that a connector is given: http, credentials, clock and log, and no storage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from logging import Logger, getLogger
from pathlib import Path

from connectors.transport.deadline import Until
from connectors.transport.seam import Transport

LOG = getLogger("shanhai.connectors")


def utc_now() -> datetime:
    """The present instant with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ConnectorContext:
    """The world as one platform's connector may touch it.

    `secrets` maps the names a manifest references to their values; they never appear in logs or errors. They travel to
    `secret_origins` only, where that is given, and to the manifest's origins otherwise. `folder` is where the operator
    lets platforms drop files, each into a directory named by its code.
    """

    platform: str
    transport: Transport
    secrets: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime] = utc_now
    log: Logger = LOG
    secret_origins: frozenset[str] | None = None
    folder: Path | None = None

    def within(self, seconds: float) -> "ConnectorContext":
        """The same world for one question, whose requests together get no more than so many seconds from now."""
        return replace(self, transport=Until(self.transport, seconds))
