"""The one place where connections are opened: names are resolved once, judged, and connected to as judged."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address

import httpcore
import httpx

from connectors.errors import EgressRefused
from connectors.transport.destinations import read_host
from connectors.transport.egress import EgressPolicy
from connectors.transport.tls import ClientCertificate, tls_context

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host, to be asked at a port."""

# an address that swallows packets must not use up the time that the next one needs
SECONDS_PER_ADDRESS = 3.0
CONNECTIONS, KEPT_ALIVE, KEPT_SECONDS = 1_024, 20, 5.0


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """What the operating system answers."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to addresses that the policy allows, and nothing else.

    One forbidden address among those of a name refuses the name. Host header, server name and certificate check keep
    to the name, since only the connection beneath them is made to the address.
    """

    def __init__(self, policy: EgressPolicy, resolver: Resolver = system_resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers."""
        addresses = await self.judged(host, port)
        _, stream = await self._first(addresses, port, timeout, local_address, socket_options)
        return stream

    async def answering(self, host: str, port: int, known: str | None = None) -> str:
        """The address of `host` to connect to: `known` if it still is one, else the first that answers.

        A single address is not tried out. Raises what `connect_tcp` raises.
        """
        addresses = await self.judged(host, port)
        if known in addresses:
            return known
        if len(addresses) == 1:
            return addresses[0]
        address, stream = await self._first(addresses, port)
        await stream.aclose()
        return address

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the signature is httpcore's
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refused."""
        raise EgressRefused(f"the Unix socket {path!r} is refused: platforms are asked over TCP")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)

    async def judged(self, host: str, port: int) -> list[str]:
        """The addresses of `host`, none twice; raises `EgressRefused` where one of them is not allowed."""
        name, literal = read_host(f"[{host}]" if ":" in host else host)
        answers = [str(literal)] if literal is not None else await self._resolver(name, port)
        addresses = list(dict.fromkeys(answers))
        for address in addresses:
            self._policy.judge_address(name, port, ip_address(address))
        if not addresses:
            raise httpcore.ConnectError(f"{name} has no address")
        return addresses

    async def _first(
        self,
        addresses: Sequence[str],
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as in connect_tcp
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> tuple[str, httpcore.AsyncNetworkStream]:
        """The first of the addresses that answers, and the connection to it."""
        *others, last = addresses
        short = SECONDS_PER_ADDRESS if timeout is None else min(timeout, SECONDS_PER_ADDRESS)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return address, await self._network.connect_tcp(address, port, short, local_address, socket_options)
        return last, await self._network.connect_tcp(last, port, timeout, local_address, socket_options)


def guarded_client(
    policy: EgressPolicy,
    resolver: Resolver | None = None,
    certificate: ClientCertificate | None = None,
    authorities: str | None = None,
) -> httpx.AsyncClient:
    """A client all of whose connections go through the guard."""
    context = tls_context(certificate, authorities)
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    # httpx has no parameter for the backend; should it rename the pool, this fails instead of leaving it unguarded
    if not isinstance(transport._pool, httpcore.AsyncConnectionPool):
        raise TypeError("this version of httpx does not keep its connections where the egress guard belongs")
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=context,
        max_connections=CONNECTIONS,
        max_keepalive_connections=KEPT_ALIVE,
        keepalive_expiry=KEPT_SECONDS,
        network_backend=GuardedBackend(policy, resolver or system_resolver),
    )
    return httpx.AsyncClient(transport=transport, trust_env=False)
