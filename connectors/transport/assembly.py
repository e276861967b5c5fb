"""Putting the transports around each other in the one order that is right."""

from collections.abc import Mapping

from connectors.transport.deadline import Bounded
from connectors.transport.egress import EgressPolicy
from connectors.transport.fast_transport import FastTransport
from connectors.transport.httpx_transport import HttpxTransport
from connectors.transport.limits import Limited, Limits
from connectors.transport.rerouting import Rerouted
from connectors.transport.retry import Retrying
from connectors.transport.seam import Transport
from connectors.transport.tls import ClientCertificate


def open_transport(
    limits: Limits,
    reroutes: Mapping[str, str] | None = None,
    *,
    policy: EgressPolicy | None = None,
    certificate: ClientCertificate | None = None,
    authorities: str | None = None,
    fast: bool = False,
) -> Transport:
    """The transport of one platform over the network, with a client of its own and all of its limits.

    `policy` says what may be asked, public hosts alone when none is given; the targets of `reroutes` come from the
    operator and may always be. `fast` takes pyreqwest in place of httpx. Raises `ValueError` for a certificate or
    authorities that cannot be used, and `EgressRefused` for a target whose host is oddly spelled.
    """
    allowed = (policy or EgressPolicy()).allowing((reroutes or {}).values())
    inner: Transport
    if fast:
        inner = FastTransport(
            max_bytes=limits.max_bytes,
            most_connections=limits.concurrency,
            policy=allowed,
            certificate=certificate,
            authorities=authorities,
        )
    else:
        inner = HttpxTransport(
            max_bytes=limits.max_bytes, policy=allowed, certificate=certificate, authorities=authorities
        )
    return assemble(inner, limits, reroutes)


def assemble(
    inner: Transport,
    limits: Limits,
    reroutes: Mapping[str, str] | None = None,
) -> Transport:
    """The transport of one platform: deadline → retry → limits → reroute → `inner`.

    Waiting and retries count against the deadline, and every attempt keeps to the rate. The size is up to `inner`.
    """
    rerouted = Rerouted(inner, reroutes) if reroutes else inner
    return Bounded(Retrying(Limited(rerouted, limits), limits), limits.timeout_seconds)
