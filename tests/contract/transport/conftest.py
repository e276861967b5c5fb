"""Every implementation of the seam, one after the other, and the server they are tried against."""

from collections.abc import AsyncIterator, Callable

import pytest

from connectors.transport import EgressPolicy, FastTransport, HttpxTransport, Limits, Transport, open_transport
from tests.contract.transport.server import Platform, serving

MAX_BYTES = 4096
LOOPBACK = EgressPolicy.parse(["127.0.0.1", "::1"])


def assembled() -> Transport:
    """The whole stack as a platform gets it for live search."""
    return open_transport(Limits(retries=0, max_bytes=MAX_BYTES), policy=LOOPBACK, fast=True)


IMPLEMENTATIONS: dict[str, Callable[[], Transport]] = {
    "httpx": lambda: HttpxTransport(max_bytes=MAX_BYTES, policy=LOOPBACK),
    "fast": lambda: FastTransport(max_bytes=MAX_BYTES, policy=LOOPBACK),
    "assembled": assembled,
}


@pytest.fixture(params=IMPLEMENTATIONS)
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    """An implementation that takes answers of 4,096 bytes at most."""
    opened = IMPLEMENTATIONS[request.param]()
    yield opened
    await opened.aclose()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    """The server on loopback."""
    async with serving() as served:
        yield served
