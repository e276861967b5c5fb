"""Clients that connect to the addresses that were judged, and to nothing else, for as long as a judgment holds."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from pyreqwest.client import Client

from connectors.transport.destinations import Destination
from connectors.transport.guard import GuardedBackend

JUDGED_SECONDS = 60.0
"""How long the addresses of a name count as known."""
MOST_CLIENTS = 32
"""How many hosts are remembered, since a platform may name ever new ones."""

Build = Callable[[str, str | None], Client]
"""Makes a client that connects to this IP address for this host; without an address to where the URL says."""


@dataclass(slots=True)
class _Pin:
    client: Client
    address: str | None
    judged_until: float
    doubted: bool = False


class PinnedClients:
    """One client per host and port, kept while the name keeps its address and made anew when it does not.

    A client that was replaced ends its requests and closes its connections when nobody holds it any more.
    """

    def __init__(
        self,
        guard: GuardedBackend,
        build: Build,
        *,
        seconds: float = JUDGED_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._guard, self._build = guard, build
        self._seconds, self._clock = seconds, clock
        self._pins: OrderedDict[tuple[str, int], _Pin] = OrderedDict()
        self._resolving: dict[tuple[str, int], asyncio.Lock] = {}

    def known(self, place: Destination) -> Client | None:
        """The client for a place, as far as its judgment still holds."""
        pin = self._pins.get((place.host, place.port))
        return pin.client if pin is not None and self._clock() < pin.judged_until else None

    async def open(self, place: Destination) -> Client:
        """The client for a place, whose host is resolved and judged once, however many ask.

        Raises `EgressRefused`, and `OSError` or errors of httpcore where the host has no address that answers.
        """
        key = place.host, place.port
        lock = self._resolving.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                return self.known(place) or await self._judge(key, place)
        finally:
            if not lock.locked():
                self._resolving.pop(key, None)

    def doubt(self, place: Destination, client: Client) -> None:
        """Its address did not answer: before the next request it is looked for anew."""
        pin = self._pins.get((place.host, place.port))
        if pin is not None and pin.client is client and place.address is None:
            pin.judged_until, pin.doubted = float("-inf"), True

    async def aclose(self) -> None:
        """Close every client, whatever is under way."""
        pins = list(self._pins.values())
        self._pins.clear()
        for pin in pins:
            await pin.client.close()

    async def _judge(self, key: tuple[str, int], place: Destination) -> Client:
        if place.address is not None:  # judged as it stands in the URL, and what it means never changes
            pin = _Pin(self._build(place.host, None), None, float("inf"))
        else:
            before = self._pins.get(key)
            known = before.address if before is not None and not before.doubted else None
            address = await self._guard.answering(place.host, place.port, known)
            same = before is not None and before.address == address
            client = before.client if before is not None and same else self._build(place.host, address)
            pin = _Pin(client, address, self._clock() + self._seconds)
        self._pins[key] = pin
        self._pins.move_to_end(key)
        while len(self._pins) > MOST_CLIENTS:
            self._pins.popitem(last=False)
        return pin.client
